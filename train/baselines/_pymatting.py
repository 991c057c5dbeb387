"""The methods of pymatting, an optional package."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import MissingDependencyError


def estimate(
    name: str, function: str, image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None
) -> NDArray[np.float32]:
    """Return the alpha Float32 (H, W) of a function of pymatting.

    Raises:
        ValueError: There is no trimap.
        MissingDependencyError: pymatting is not installed.
    """
    if trimap is None:
        raise ValueError(f"the baseline {name} needs a trimap; kmeans and gaussian_mixture do without")
    try:
        pymatting: Any = importlib.import_module("pymatting")
    except ImportError as error:
        raise MissingDependencyError(
            f"the baseline {name} needs pymatting ({error}): pip install 'synthmat[matting]'"
        ) from None
    # pymatting takes 0.1 and below for background, 0.9 and above for foreground.
    alpha = getattr(pymatting, function)(image / 255.0, trimap / 255.0)
    return np.asarray(alpha, np.float32).clip(0, 1)
