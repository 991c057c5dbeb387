"""Mattes as the 256 levels that a saved PNG holds: what all numpy metrics compare."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import to_float, to_levels

UInt8 = NDArray[np.uint8]


def as_saved(name: str, matte: NDArray[Any]) -> UInt8:
    """Return a matte (H, W) as uint8: as it is, or the nearest level of uint16 or of floats in [0, 1].

    Raises:
        ValueError: It has another shape or dtype, or holds something that is not a number; the message says ``name``.
    """
    if matte.ndim != 2 or not matte.size:
        raise ValueError(f"{name} has to be (H, W), not {matte.shape}")
    if matte.dtype == np.uint8:
        return matte
    if matte.dtype == np.uint16:
        return to_levels(to_float(matte), 8)
    if not np.issubdtype(matte.dtype, np.floating):
        raise ValueError(f"{name} has to be uint8, uint16 or float in [0, 1], not {matte.dtype}")
    if not np.isfinite(matte).all():
        raise ValueError(f"{name} holds values that are not numbers")
    return to_levels(matte, 8)


def check_same_size(**mattes: NDArray[Any]) -> None:
    """Raise ValueError, with all sizes, unless all have the same height and width."""
    if len({matte.shape[:2] for matte in mattes.values()}) > 1:
        sizes = ", ".join(f"{name} {matte.shape[1]}x{matte.shape[0]}" for name, matte in mattes.items())
        raise ValueError(f"the pictures differ in size: {sizes}")
