"""AM-2k: train and validation with original and mask, and fg, bg and trimap where they are made."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, splits_of, subfolder, unlike
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_jpeg, optional
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_FOLDERS = {"train": "train", "val": "validation", "test": "test"}


def detect(root: Path) -> int:
    """Return 3 for a folder whose splits hold original and mask."""
    return 3 * any(
        subfolder(folder, "original") and subfolder(folder, "mask") for split, folder in splits_of(root) if split
    )


def read(root: Path) -> list[Item]:
    """Read animals, or whatever lies there.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    items = []
    for split, folder in splits_of(root):
        if split:
            pair = {"image": subfolder(folder, "original"), "alpha": subfolder(folder, "mask")}
            more = {kind: subfolder(folder, kind) for kind in ("fg", "bg", "trimap")}
            items += paired_items(folder, "am_2k", split, pair, more)
    if not items:
        raise unlike(root, "am_2k", "train and validation, each with original and mask")
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples by their ids; pictures and backgrounds are JPEGs, since readers replace the mask's suffix."""
    require(samples, "am_2k", "image", "alpha")
    outputs = []
    for sample in samples:
        folder = _FOLDERS[sample.split]
        outputs += [
            as_jpeg(sample, "image", f"{folder}/original/{sample.id}"),
            alpha_8_bit(sample, f"{folder}/mask/{sample.id}"),
            *optional(sample, "fg", f"{folder}/fg/{sample.id}"),
            *([as_jpeg(sample, "bg", f"{folder}/bg/{sample.id}")] if "bg" in sample.files else []),
            *optional(sample, "trimap", f"{folder}/trimap/{sample.id}"),
        ]
    return outputs
