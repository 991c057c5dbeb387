"""From a description of a body (age, gender, build, ...) to the weights of the shapes that the data file was made of.

Every shape belongs to a corner of the description, such as a young woman of little muscle and average weight; its
weight is the product of how close the description is to each value that names the corner.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

AXES: dict[str, tuple[str, ...]] = {
    "age": ("baby", "child", "young", "old"),
    "gender": ("male", "female"),
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
"""The corners of each axis of a description; their values lie evenly between 0 and 1."""
ANCESTRIES = ("african", "asian", "caucasian")
TERMS = (*ANCESTRIES, *(corner for corners in AXES.values() for corner in corners))


def corner_weights(description: Mapping[str, float]) -> Array:
    """Return the weights ``(TERMS,)`` of the corners, between 0 and 1; those of an axis add up to 1.

    ``description`` has a value from 0 to 1 for every axis, and one for every ancestry, of which only the ratio counts.
    """
    ancestry = np.array([description[name] for name in ANCESTRIES], float)
    weights = [ancestry / ancestry.sum()]
    for axis, corners in AXES.items():
        anchors = np.linspace(0, 1, len(corners))
        weights.append(np.array([np.interp(description[axis], anchors, row) for row in np.eye(len(corners))]))
    return np.concatenate(weights)


def shape_weights(description: Mapping[str, float], terms: NDArray[np.bool_]) -> Array:
    """Return the weight of every shape ``(shapes,)``; ``terms`` ``(shapes, TERMS)`` tells the corner of each."""
    product: Array = np.where(terms, corner_weights(description), 1.0).prod(axis=1)
    return product
