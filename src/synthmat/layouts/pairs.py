"""Two folders with pictures of the same names: image (or fg) and alpha, however they are called."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, splits_of, subfolder, unlike
from synthmat.layouts.item import Item

_NAMES = {
    "image": ("image", "images", "img", "imgs", "im", "merged", "com", "original", "input", "photos"),
    "fg": ("fg", "fgr", "foreground", "foregrounds"),
    "alpha": ("alpha", "alphas", "matte", "mattes", "pha", "mask", "masks", "gt"),
    "bg": ("bg", "bgr", "background", "backgrounds"),
    "trimap": ("trimap", "trimaps"),
}


def detect(root: Path) -> int:
    """Return 1 for a folder with two such folders, itself or in its splits."""
    found = [_folders(folder) for _, folder in splits_of(root)]
    return int(any(folders["alpha"] and (folders["image"] or folders["fg"]) for folders in found))


def read(root: Path) -> list[Item]:
    """Read pairs of image, or fg, and alpha, and the fg, bg and trimap of the same names.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    items = []
    for split, folder in splits_of(root):
        found = _folders(folder)
        color = "image" if found["image"] else "fg"
        if not found["alpha"] or not found[color]:
            names = " or ".join(_NAMES["image"] + _NAMES["fg"]), " or ".join(_NAMES["alpha"])
            raise unlike(folder, "pairs", f"a folder {names[0]}, and a folder {names[1]}")
        pair = {color: found[color], "alpha": found["alpha"]}
        more = {kind: path for kind, path in found.items() if kind not in pair}
        items += paired_items(folder, "pairs", split, pair, more)
    return items


def _folders(root: Path) -> dict[str, Path | None]:
    return {kind: subfolder(root, *names) for kind, names in _NAMES.items()}
