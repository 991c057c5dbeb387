"""Distinctions-646: Train and Test, each with FG and GT."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, splits_of, subfolder, unlike
from synthmat.layouts.item import Item


def detect(root: Path) -> int:
    """Return 3 for a folder whose splits hold FG and GT."""
    return 3 * any(subfolder(folder, "FG") and subfolder(folder, "GT") for split, folder in splits_of(root) if split)


def read(root: Path) -> list[Item]:
    """Read foregrounds and their alpha; the data set has no composites.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    folders = [(split, folder) for split, folder in splits_of(root) if split]
    if not folders:
        raise unlike(root, "distinctions_646", "Train and Test, each with FG and GT")
    return [
        item
        for split, folder in folders
        for item in paired_items(
            folder, "distinctions_646", split, {"alpha": subfolder(folder, "GT"), "fg": subfolder(folder, "FG")}
        )
    ]
