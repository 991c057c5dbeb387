"""Reads the frames that tests render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR

TRACED: dict[str, Any] = {"alpha_error": 0.0, "max_bounces": 0, "denoise": "off"}
"""Settings of a job whose alpha is that of its samples alone: what is lit is of no interest."""


def read_rgba(path: Path) -> np.ndarray[Any, Any]:
    """Return a PNG file's pixels, RGBA, at its own bit depth."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    assert pixels.shape[2] == 4
    return np.asarray(pixels[:, :, [2, 1, 0, 3]])


def channels(path: Path) -> dict[str, Any]:
    """Return the channels of an EXR file by name, float (H, W)."""
    with OpenEXR.File(str(path), separate_channels=True) as opened:
        return {name: channel.pixels for name, channel in opened.channels().items()}
