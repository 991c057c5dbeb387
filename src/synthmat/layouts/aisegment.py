"""AISegment portraits: clip_img with JPEGs, matting with RGBA cut-outs whose alpha channel is the matte."""

from __future__ import annotations

from pathlib import Path

from synthmat.layouts.folders import SPLIT_FOLDERS, paired_items, subfolder, unlike
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, as_jpeg, cut_out
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_PER_CLIP = 1000


def detect(root: Path) -> int:
    """Return 3 for a folder with clip_img and matting."""
    return 3 * bool(subfolder(root, "clip_img") and subfolder(root, "matting"))


def read(root: Path) -> list[Item]:
    """Read portraits; pictures without a partner, of which the archive has a few, are passed over.

    The archive has no splits; a first folder that is called like one (as our exports have) is taken as one.

    Raises:
        AssetError: The folders are not there, or most files lack their partner.
    """
    images = subfolder(root, "clip_img")
    if images is None:
        raise unlike(root, "aisegment", "clip_img and matting")
    found = paired_items(
        root,
        "aisegment",
        "",
        {"image": images, "alpha": subfolder(root, "matting")},
        alpha_from="alpha_channel",
        name_in=lambda _kind, stem: stem.replace("/matting_", "/clip_"),
        unpaired=True,
    )
    return [_item(item) for item in found]


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples as ``clip_img/<split>/clip_<8 digits>/<split>-<8 digits>.jpg`` and the RGBA in matting.

    Names are numbers because readers find a matte by replacing words in the whole path of its picture.
    """
    require(samples, "aisegment", "image", "alpha")
    outputs = []
    numbers: dict[str, int] = {}
    for sample in samples:
        number = numbers[sample.split] = numbers.get(sample.split, -1) + 1
        name, clip = f"{sample.split}-{number:08d}", f"{number // _PER_CLIP:08d}"
        outputs += [
            as_jpeg(sample, "image", f"clip_img/{sample.split}/clip_{clip}/{name}"),
            cut_out(sample, f"matting/{sample.split}/matting_{clip}/{name}"),
        ]
    return outputs


def _item(found: Item) -> Item:
    folder, name = found.id.partition("/")[0], found.id.rpartition("/")[2]
    split = folder if folder in SPLIT_FOLDERS else ""
    return Item(name, split, name, image=found.image, alpha=found.alpha, alpha_from=found.alpha_from)
