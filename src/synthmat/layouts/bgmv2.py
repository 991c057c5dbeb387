"""Background Matting V2 and Robust Video Matting: fgr and pha of the same nested names, and com and bgr."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthmat.layouts.folders import paired_items, splits_of, subfolder
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, optional
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_FOLDERS = {"train": "train", "val": "valid", "test": "test"}
_FIELDS = {"image": "com", "bg": "bgr", "captured_bg": "bgr_captured", "trimap": "trimap"}


def detect(root: Path) -> int:
    """Return 2 for a folder with fgr and pha, itself or in its splits."""
    return 2 * any(subfolder(folder, "fgr") and subfolder(folder, "pha") for _, folder in splits_of(root))


def read(root: Path) -> list[Item]:
    """Read foregrounds with their alpha, and composites and backgrounds where they are.

    Files in a subfolder whose names are numbers are frames of a clip.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    return read_fgr_pha(root, "bgmv2")


def read_fgr_pha(root: Path, layout: str) -> list[Item]:
    """Read any layout of fgr and pha folders, in splits or without; see `read`."""
    items = []
    for split, folder in splits_of(root):
        pair = {"alpha": subfolder(folder, "pha"), "fg": subfolder(folder, "fgr")}
        more = {field: subfolder(folder, name) for field, name in _FIELDS.items()}
        items += paired_items(folder, layout, split, pair, more)
    return [_with_clip(item) for item in items]


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples as ``<split>/fgr`` and ``<split>/pha``; frames of clips as ``<clip>/<5 digits>``.

    com, bgr (the clean background) and bgr_captured are written where the data set has them.
    """
    return export_fgr_pha(samples, "bgmv2")


def export_fgr_pha(samples: list[StoredSample], layout: str) -> list[Output]:
    """Return the files of an export to fgr and pha folders; see `export`."""
    require(samples, layout, "fg", "alpha")
    outputs = []
    for sample in samples:
        folder = _FOLDERS[sample.split]
        name = f"{sample.clip}/{sample.frame:05d}" if sample.clip else sample.id
        outputs += [
            as_it_is(sample, "fg", f"{folder}/fgr/{name}"),
            alpha_8_bit(sample, f"{folder}/pha/{name}"),
            *(output for kind, own in _FIELDS.items() for output in optional(sample, kind, f"{folder}/{own}/{name}")),
        ]
    return outputs


def _with_clip(item: Item) -> Item:
    clip, _, name = item.id.rpartition("/")
    return replace(item, group=clip, clip=clip, frame=int(name)) if clip and name.isdecimal() else item
