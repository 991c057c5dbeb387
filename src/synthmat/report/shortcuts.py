"""How well a patch of 5 by 5 pixels tells whether it lies on the object: what it can tell, no network has to learn.

A network that is trained on pictures in which noise, sharpness or color alone give the object away learns that, and
not what objects look like. So such a patch should tell no more of composites than of photographs with mattes.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8
from synthmat.report.appearance import EDGE

VIEWS = {
    "texture": "the patch without its mean: noise, sharpness, traces of JPEG",
    "color": "its mean color alone",
}
"""What the finder is shown."""

_HIDDEN = 96
_PER_PICTURE = 120
_REACH = 2
_FOLDS = 4

Numbers = NDArray[np.float64]


def shortcuts(pictures: Sequence[tuple[UInt8, Float]], seed: int = 0) -> dict[str, float]:
    """Return for each of `VIEWS` the area under the ROC curve on pictures that the finder was not fitted to.

    0.5 is chance, 1 means that the object is known without looking at more than 5 by 5 pixels. The finder is a network
    of one hidden layer of random units with a ridge regression on top, four times on three quarters of the pictures.

    Args:
        pictures: Images ``(H, W, 3)`` sRGB and mattes ``(H, W)``; those with less than a few pixels inside or outside
            are left out.
        seed: Of the places of the patches and the hidden units.

    Raises:
        ValueError: Fewer than eight pictures can be used.
    """
    rng = np.random.default_rng([seed, 5])
    drawn = [found for image, alpha in pictures if (found := _patches(image, alpha, rng)) is not None]
    if len(drawn) < 2 * _FOLDS:
        raise ValueError(f"shortcuts: {len(drawn)} pictures have an object and a background, and it takes eight")
    picture = np.repeat(np.arange(len(drawn)), [len(labels) for _, labels in drawn])
    patches = np.concatenate([values for values, _ in drawn])
    labels = np.concatenate([labels for _, labels in drawn])
    means = patches.mean(axis=1)
    shown = {"texture": (patches - means[:, None]).reshape(len(patches), -1), "color": means}
    return {name: _area(shown[name], labels, picture, rng) for name in VIEWS}


def _patches(image: UInt8, alpha: Float, rng: np.random.Generator) -> tuple[Numbers, NDArray[np.bool_]] | None:
    """Return patches ``(n, 25, 3)`` in [0, 1], as many on the object as beside it, and which lie on it."""
    factor = EDGE / max(image.shape[:2])
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    color = cv2.resize(image, size, interpolation=cv2.INTER_AREA) / 255.0
    matte = cv2.resize(np.asarray(alpha, np.float32), size, interpolation=cv2.INTER_AREA)
    core = np.zeros(matte.shape, bool)
    core[_REACH:-_REACH, _REACH:-_REACH] = True
    near = np.ones((2 * _REACH + 3,) * 2, np.uint8)
    places = []
    for side in (matte > 0.95, matte < 0.05):
        found = np.argwhere((cv2.erode(side.astype(np.uint8), near) > 0) & core)
        if len(found) < _PER_PICTURE:
            return None
        places.append(found[rng.choice(len(found), _PER_PICTURE, replace=False)])
    step = np.arange(-_REACH, _REACH + 1)
    rows = np.concatenate(places)[:, 0, None, None] + step[None, :, None]
    columns = np.concatenate(places)[:, 1, None, None] + step[None, None, :]
    values = color[rows, columns].reshape(2 * _PER_PICTURE, -1, 3)
    return values, np.repeat([True, False], _PER_PICTURE)


def _area(values: Numbers, labels: NDArray[np.bool_], picture: NDArray[np.int64], rng: np.random.Generator) -> float:
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-6)
    weights = rng.normal(size=(scaled.shape[1], _HIDDEN)) / np.sqrt(scaled.shape[1])
    # Of texture the sign means nothing: units see magnitudes.
    hidden = np.hstack([np.abs(scaled @ weights), np.maximum(scaled @ weights + rng.normal(size=_HIDDEN), 0)])
    hidden = np.hstack([hidden, np.ones((len(hidden), 1))])
    areas = []
    for fold in range(_FOLDS):
        held_out = picture % _FOLDS == fold
        known, target = hidden[~held_out], np.where(labels[~held_out], 1.0, -1.0)
        inner = known.T @ known + 1e-2 * len(known) * np.eye(known.shape[1])
        solved = np.linalg.solve(inner, known.T @ target)
        areas.append(_roc(hidden[held_out] @ solved, labels[held_out]))
    return float(np.mean(areas))


def _roc(scores: Numbers, labels: NDArray[np.bool_]) -> float:
    """Return the probability that a patch of the object has a higher score than one of the background."""
    ranks = np.argsort(np.argsort(scores)) + 1.0
    inside = int(labels.sum())
    return float((ranks[labels].sum() - inside * (inside + 1) / 2) / (inside * (len(labels) - inside)))
