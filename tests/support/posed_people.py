"""People in poses, and how far inside their bodies their hands are, measured in a way of its own."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.description import Description, random_description
from synthmat.blender_scenes.builtins._person.body.figure import Figure, figure_of
from synthmat.blender_scenes.builtins._person.body.regions import regions


@lru_cache(maxsize=16)
def person(seed: int) -> tuple[Description, Figure]:
    """Return somebody, unposed."""
    description = random_description(people_data(), np.random.default_rng(seed))
    return description, figure_of(description, people_data())


def inside_trunk(vertices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the points on forearms and hands, one in 23, lie inside of the body without arms.

    That is where the winding number of the body's skin around them is about 1.
    """
    data, weight = people_data(), regions()
    body = data.parts["body"]
    arms = weight["forearms"] + weight["hands"]
    points = vertices[np.flatnonzero(arms[body.vertices] > 0.95)[::23]].astype(np.float32)
    faces = data.faces[body.faces]
    trunk = (arms + weight["upper_arms"])[faces].max(axis=1) < 0.9
    triangles = np.concatenate([faces[trunk][:, [0, 1, 2]], faces[trunk][:, [0, 2, 3]]])
    corners = vertices[triangles].astype(np.float32)
    return np.array([_winding(corners - point) > 0.6 for point in points])


def _winding(corners: NDArray[np.float32]) -> float:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    la, lb, lc = (np.sqrt(np.einsum("ij,ij->i", side, side)) for side in (a, b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a)))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    divisor = la * lb * lc + ab * lc + bc * la + ca * lb
    return float(np.arctan2(volume, divisor).sum() / (2 * np.pi))
