"""Test clips of Robust Video Matting: a folder for each clip with com, pha, fgr and bgr."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthmat.layouts.folders import SPLIT_FOLDERS, natural, paired_items, subfolder, unlike, visible
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, optional
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_DEEPEST = 3
_SPLITS = {name for names in SPLIT_FOLDERS.values() for name in names}


def detect(root: Path) -> int:
    """Return 3 for a folder with folders, up to three levels down, that hold com and pha."""
    return 3 * bool(_clips(root, first=True))


def read(root: Path) -> list[Item]:
    """Read the frames of all clips; a first folder that is called like a split is one, all else is ``test``.

    Raises:
        AssetError: There are no clips, or files lack their partner.
    """
    items = []
    for folder in _clips(root):
        parts = folder.relative_to(root).parts
        split = parts[0] if len(parts) > 1 and parts[0] in SPLIT_FOLDERS else "test"
        clip = "/".join(parts[1:] if parts[:1] == (split,) else parts)
        pair = {"image": subfolder(folder, "com"), "alpha": subfolder(folder, "pha")}
        more = {"fg": subfolder(folder, "fgr"), "bg": subfolder(folder, "bgr")}
        for number, item in enumerate(paired_items(folder, "rvm_eval", split, pair, more)):
            frame = int(item.id) if item.id.isdecimal() else number
            items.append(replace(item, id=f"{clip}/{item.id}", group=clip, clip=clip, frame=frame))
    if not items:
        raise unlike(root, "rvm_eval", "folders <clip> with com and pha")
    order = list(SPLIT_FOLDERS)
    return sorted(items, key=lambda item: (order.index(item.split), natural(item.id)))


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples as ``<split>/<clip>/{com,pha,fgr,bgr}/<4 digits>``; single pictures are clips of one frame."""
    require(samples, "rvm_eval", "image", "alpha", "fg")
    outputs = []
    for sample in samples:
        folder, name = f"{sample.split}/{sample.clip or sample.id}", f"{sample.frame:04d}"
        outputs += [
            as_it_is(sample, "image", f"{folder}/com/{name}"),
            alpha_8_bit(sample, f"{folder}/pha/{name}"),
            as_it_is(sample, "fg", f"{folder}/fgr/{name}"),
            *optional(sample, "bg", f"{folder}/bgr/{name}"),
        ]
    return outputs


def _clips(root: Path, depth: int = 0, first: bool = False) -> list[Path]:
    # train/com and train/pha are of the layout bgmv2.
    if depth and root.name.lower() not in _SPLITS and subfolder(root, "com") and subfolder(root, "pha"):
        return [root]
    found: list[Path] = []
    for folder in visible(root) if depth < _DEEPEST else []:
        if folder.is_dir() and not (first and found):
            found += _clips(folder, depth + 1, first)
    return found
