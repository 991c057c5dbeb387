"""P3M-10k: train and validation/P3M-500-P with blurred_image, P3M-500-NP with original_image, and mask."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import paired_items, subfolder, unlike
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_jpeg, optional
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_SETS = {
    "train": ("train", "blurred_image"),
    "val": ("validation/P3M-500-P", "blurred_image"),
    "test": ("validation/P3M-500-NP", "original_image"),
}


def detect(root: Path) -> int:
    """Return 3 for a folder with one of the three sets."""
    return 3 * any((root / folder / images).is_dir() for folder, images in _SETS.values())


def read(root: Path) -> list[Item]:
    """Read portraits; P3M-500-P is ``val``, P3M-500-NP ``test``.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    items = []
    for split, (name, images) in _SETS.items():
        folder = root / name
        if folder.is_dir():
            pair = {"image": subfolder(folder, images), "alpha": subfolder(folder, "mask")}
            more = {kind: subfolder(folder, kind) for kind in ("fg", "bg", "trimap")}
            items += paired_items(folder, "p3m_10k", split, pair, more)
    if not items:
        raise unlike(root, "p3m_10k", "train/blurred_image and train/mask, or validation/P3M-500-P and P3M-500-NP")
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples by their ids; val becomes P3M-500-P, test P3M-500-NP. Nothing is blurred."""
    require(samples, "p3m_10k", "image", "alpha")
    outputs = []
    for sample in samples:
        folder, images = _SETS[sample.split]
        outputs += [
            as_jpeg(sample, "image", f"{folder}/{images}/{sample.id}"),
            alpha_8_bit(sample, f"{folder}/mask/{sample.id}"),
            *optional(sample, "fg", f"{folder}/fg/{sample.id}"),
            *([as_jpeg(sample, "bg", f"{folder}/bg/{sample.id}")] if "bg" in sample.files else []),
            *optional(sample, "trimap", f"{folder}/trimap/{sample.id}"),
        ]
    return outputs
