"""Which files are clips by their suffix."""

from __future__ import annotations

from pathlib import Path

CLIP_SUFFIXES = (
    ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".webm",
    ".wmv",
)  # fmt: skip
"""In lower case, with the dot."""


def is_clip(path: Path) -> bool:
    """Return whether a file is a clip by its suffix."""
    return path.suffix.lower() in CLIP_SUFFIXES
