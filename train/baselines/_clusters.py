"""What clusters of pixels are made of, and which of them are foreground."""

from __future__ import annotations

import importlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import MissingDependencyError

CLUSTERS = 8
POSITION = 1.0
"""Weight of the position: how many times 25 units of CIELAB the picture's longer edge counts."""

_MAX_PIXELS = 20_000
_COLOR_UNIT = 25.0
_BORDER = 0.04
_BORDER_ODDS = 4.0
"""The object is the smaller part of most pictures, and part of the background does not reach the border. Chosen among
1, 2, 4, 8 and 16 with the Gaussian mixture on 30 composites: it is no more than a plausible default."""


def sklearn_class(module: str, name: str) -> Any:
    """Return a class of scikit-learn.

    Raises:
        MissingDependencyError: It is not installed.
    """
    try:
        return getattr(importlib.import_module(f"sklearn.{module}"), name)
    except ImportError as error:
        raise MissingDependencyError(
            f"this baseline needs scikit-learn ({error}): pip install 'synthmat[train]'"
        ) from None


def pixel_features(image: NDArray[np.uint8], position: float = POSITION) -> NDArray[np.float32]:
    """Return color in CIELAB and position of each pixel, Float32 (H * W, 5), of about the same spread."""
    height, width = image.shape[:2]
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) / _COLOR_UNIT
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) * np.float32(position / max(height, width))
    features: NDArray[np.float32] = np.dstack([lab, columns, rows]).reshape(-1, 5)
    return features


def some_pixels(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return the features of 20,000 pixels drawn without replacement, or of all if there are not more."""
    if len(features) <= _MAX_PIXELS:
        return features
    chosen: NDArray[np.float32] = features[
        np.random.default_rng(seed).choice(len(features), _MAX_PIXELS, replace=False)
    ]
    return chosen


def foreground_clusters(shares: NDArray[np.float32], trimap: NDArray[np.uint8] | None) -> NDArray[np.bool_]:
    """Return which clusters are foreground, Bool (K,): neither none nor all of them.

    With a trimap a cluster is foreground if it holds a larger fraction of the known foreground than of the known
    background. Without one the outermost 4 % of the picture are background: a cluster is foreground if it holds a
    fraction of the inside more than four times as large as of that border.

    Args:
        shares: How much each pixel belongs to each cluster, (H, W, K).
        trimap: With 0 and 255 where it is known, (H, W).
    """
    if trimap is None:
        height, width = shares.shape[:2]
        edge = max(1, round(_BORDER * min(height, width)))
        background = np.ones((height, width), bool)
        background[edge : height - edge, edge : width - edge] = False
        foreground, odds = ~background, _BORDER_ODDS
    else:
        foreground, background, odds = trimap == 255, trimap == 0, 1.0
    gain = shares[foreground].mean(0) - odds * shares[background].mean(0)
    chosen: NDArray[np.bool_] = gain > 0
    order = gain.argsort()
    chosen[order[-1]], chosen[order[0]] = True, False
    return chosen
