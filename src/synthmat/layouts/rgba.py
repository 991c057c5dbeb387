"""A folder of RGBA cut-outs of any name and depth, straight color and alpha in one file."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import pictures, splits_of, unlike
from synthmat.layouts.item import Item

_SHOWN = 20


def detect(root: Path) -> int:
    """Return 1 for a folder of pictures with an alpha channel."""
    return int(has_cut_outs(root))


def read(root: Path) -> list[Item]:
    """Read cut-outs, by the path in the folder; folders called train, val or test are splits.

    Raises:
        AssetError: There are no pictures.
    """
    return read_cut_outs(root, "rgba")


def read_cut_outs(root: Path, layout: str) -> list[Item]:
    """Read every picture below a folder as a cut-out; see `read`. Whether it has an alpha channel shows later."""
    items = [
        Item(id=name, split=split, group=name, fg=path, alpha=path, alpha_from="alpha_channel")
        for split, folder in splits_of(root)
        for name, path in pictures(folder).items()
    ]
    if not items:
        raise unlike(root, layout, "RGBA pictures")
    return items


def has_cut_outs(root: Path) -> bool:
    """Return whether the first pictures below a folder are files with an alpha channel."""
    from synthmat.images.picture_file import has_alpha

    first = list(pictures(root).values())[:_SHOWN]
    return bool(first) and all(has_alpha(path) for path in first)
