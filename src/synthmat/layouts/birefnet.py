"""BiRefNet, DIS and ormbg: im and gt, in a folder for each data set or split."""

from __future__ import annotations

import re
from pathlib import Path

from synthmat.layouts.folders import SPLIT_FOLDERS, paired_items, subfolder, unlike, visible
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, text_file
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

_TASK = "Matting"
_FOLDERS = {"train": f"{_TASK}/TR-train", "val": f"{_TASK}-tests/TE-val", "test": f"{_TASK}-tests/TE-test"}
# DIS5K calls its subsets DIS-TR, DIS-VD and DIS-TE1 to DIS-TE4.
_SHORT = {"train": "tr", "val": "vd", "test": r"te\d*"}


def detect(root: Path) -> int:
    """Return 2 for a folder with im and gt, itself or up to two levels down."""
    return 2 * bool(_sets(root))


def read(root: Path) -> list[Item]:
    """Read pictures with their mask; the split is what the folder's name says.

    Raises:
        AssetError: The folders are not there, or files lack their partner.
    """
    items = []
    for folder in _sets(root):
        pair = {"image": subfolder(folder, "im"), "alpha": subfolder(folder, "gt")}
        items += paired_items(folder, "birefnet", _split(folder.name) if folder != root else "", pair)
    if not items:
        raise unlike(root, "birefnet", "im and gt, itself or in a folder for each data set")
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples as ``Matting/TR-train``, ``Matting-tests/TE-val`` and ``Matting-tests/TE-test``.

    Each has im and gt. To BiRefNet ``Matting`` is the task; it trains on every entry of that folder but those that its
    config.py lists as tests of the task, which are public data sets and none of these. So nothing but train lies there.
    """
    require(samples, "birefnet", "image", "alpha")
    outputs = []
    for sample in samples:
        folder = _FOLDERS[sample.split]
        alpha = alpha_8_bit(sample, f"{folder}/gt/{sample.id}")
        outputs += [as_it_is(sample, "image", f"{folder}/im/{sample.id}"), alpha]
    tested = [split for split in _FOLDERS if split != "train" and any(sample.split == split for sample in samples)]
    if tested:
        names = ",".join(_FOLDERS[split].rpartition("/")[2] for split in tested)
        note = (
            f"val and test lie in {_TASK}-tests, since BiRefNet trains on whatever lies in {_TASK}; for its own tests "
            f"set testsets[{_TASK!r}] to {names!r} in its config.py first, and then move them into {_TASK}"
        )
        outputs.append(text_file("testsets.txt", [names], note=note))
    return outputs


def _sets(root: Path, depth: int = 0) -> list[Path]:
    if subfolder(root, "im") and subfolder(root, "gt"):
        return [root]
    inner = [folder for folder in visible(root) if folder.is_dir()] if depth < 2 else []
    return [found for folder in inner for found in _sets(folder, depth + 1)]


def _split(name: str) -> str:
    words = re.split(r"[\W_]+", name.lower())
    for split, names in SPLIT_FOLDERS.items():
        if any(word in names or re.fullmatch(_SHORT[split], word) for word in words):
            return split
    return ""
