"""PPM-100: image and matte of 100 portraits, all for testing."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, subfolder
from synthmat.layouts.item import Item


def detect(root: Path) -> int:
    """Return 2 for a folder with image and matte."""
    return 2 * bool(subfolder(root, "image") and subfolder(root, "matte"))


def read(root: Path) -> list[Item]:
    """Read portraits with their matte.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    pair = {"image": subfolder(root, "image"), "alpha": subfolder(root, "matte")}
    return paired_items(root, "ppm_100", "test", pair)
