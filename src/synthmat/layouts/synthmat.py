"""Our own data sets: a metadata.jsonl in each split names the files of every sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthmat.errors import OutputError
from synthmat.layouts.item import Item
from synthmat.layouts.stored import dataset_folder, read_dataset


def detect(root: Path) -> int:
    """Return 3 for a data set, or an output folder with one."""
    try:
        return 3 * dataset_folder(root).is_dir()
    except OutputError:
        return 0


def read(root: Path) -> list[Item]:
    """Read the samples of a data set; the group is the object's identity.

    Raises:
        OutputError: There is no data set.
    """
    items = []
    for sample in read_dataset(root):
        files: dict[str, Any] = {kind: path for kind, path in sample.files.items() if kind != "shadow"}
        items.append(Item(sample.id, sample.split, sample.group, clip=sample.clip, frame=sample.frame, **files))
    return items
