"""MODNet as its users train it: image and matte, in a folder for each split."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, splits_of, subfolder
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, as_png
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample


def detect(root: Path) -> int:
    """Return 2 for a folder whose splits hold image and matte."""
    return 2 * any(
        subfolder(folder, "image") and subfolder(folder, "matte") for split, folder in splits_of(root) if split
    )


def read(root: Path) -> list[Item]:
    """Read pictures with their matte.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    items = []
    for split, folder in splits_of(root):
        pair = {"image": subfolder(folder, "image"), "alpha": subfolder(folder, "matte")}
        items += paired_items(folder, "modnet", split, pair)
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples as ``<split>/image`` and ``<split>/matte``, by their ids; trimaps are made by the readers.

    The reader that most of MODNet's users share takes pictures from ``train/fg`` and mattes from ``train/alpha``, so
    they lie there too; it stops where the two have not one name, suffix included, so these pictures are PNG.
    """
    require(samples, "modnet", "image", "alpha")
    outputs = []
    for sample in samples:
        outputs += [
            as_it_is(sample, "image", f"{sample.split}/image/{sample.id}"),
            as_png(sample, "image", f"{sample.split}/fg/{sample.id}"),
            *(alpha_8_bit(sample, f"{sample.split}/{folder}/{sample.id}") for folder in ("matte", "alpha")),
        ]
    return outputs
