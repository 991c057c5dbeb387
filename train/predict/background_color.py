"""A background that is written as a color."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from synthmat.images.alpha import UInt8

_COLOR = re.compile(r"#([0-9a-fA-F]{6})")


def is_color(place: Path) -> bool:
    """Return whether a background is written as a color, ``#rrggbb``."""
    return _COLOR.fullmatch(str(place)) is not None


def color_levels(text: str) -> UInt8:
    """Return the levels of a color ``#rrggbb``, uint8 ``(3,)``.

    Example:
        >>> color_levels("#ff8000").tolist()
        [255, 128, 0]
    """
    return np.frombuffer(bytes.fromhex(text[1:]), np.uint8)
