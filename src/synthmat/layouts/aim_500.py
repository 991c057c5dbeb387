"""AIM-500: original, mask and trimap of 500 photographs, all for testing."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, subfolder
from synthmat.layouts.item import Item


def detect(root: Path) -> int:
    """Return 2 for a folder with original and mask."""
    return 2 * bool(subfolder(root, "original") and subfolder(root, "mask"))


def read(root: Path) -> list[Item]:
    """Read photographs with their matte and trimap.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    pair = {"image": subfolder(root, "original"), "alpha": subfolder(root, "mask")}
    return paired_items(root, "aim_500", "test", pair, {"trimap": subfolder(root, "trimap")})
