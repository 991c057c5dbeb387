"""alphamatting.com: input, gt and trimap folders of the training pictures, GT01 to GT27."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthmat.layouts.folders import paired_items, pictures, subfolder, unlike
from synthmat.layouts.item import Item

_SIZES = ("lowres", "highres")
_TRIMAPS = ("Trimap1", "Trimap2")


def detect(root: Path) -> int:
    """Return 3 for a folder with the mattes of one of the two sizes."""
    return 3 * any(subfolder(root, f"gt_training_{size}") for size in _SIZES)


def read(root: Path) -> list[Item]:
    """Read the low-resolution pictures, the high-resolution ones where those are not there.

    A picture with both trimaps gives two items of one group, ``GT01_Trimap1`` and ``GT01_Trimap2``.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    size = next((size for size in _SIZES if subfolder(root, f"gt_training_{size}")), None)
    if size is None:
        raise unlike(root, "alphamatting", "gt_training_lowres and input_training_lowres, or both of highres")
    pair = {"image": subfolder(root, f"input_training_{size}"), "alpha": subfolder(root, f"gt_training_{size}")}
    items = paired_items(root, "alphamatting", "test", pair)
    folder = subfolder(root, f"trimap_training_{size}")
    named = {name: pictures(own) for name in _TRIMAPS if folder and (own := subfolder(folder, name))}
    return [
        replace(item, id=f"{item.id}_{name}", trimap=trimaps.get(item.id)) if name else item
        for item in items
        for name, trimaps in (named or {"": {}}).items()
    ]
