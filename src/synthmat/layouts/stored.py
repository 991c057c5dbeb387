"""The samples of one of our own data sets, with all of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import StoredSample, stored_sample
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder

_MEANING = {
    "fg": "the foreground's straight color",
    "bg": "the background without the object",
    "trimap": "trimaps",
}
_ID = re.compile(r"[\w-]+")


def dataset_folder(folder: Path) -> Path:
    """Return the data set's folder, given it or the output folder it lies in.

    Raises:
        OutputError: There is no data set.
    """
    for candidate in (folder, OutputFolder(folder).dataset):
        if any((candidate / split / "metadata.jsonl").is_file() for split in SPLITS):
            return candidate
    raise OutputError(f"{folder}: no data set there (<split>/metadata.jsonl); run `synthmat composite` first")


def read_dataset(folder: Path) -> list[StoredSample]:
    """Return all samples of a data set, by split and id.

    Raises:
        OutputError: There is no data set, a row has an id that is no file name, or a path leads out of it.
    """
    root = dataset_folder(folder)
    samples = []
    for split in SPLITS:
        path = root / split / "metadata.jsonl"
        rows = {row["id"]: row for row in read_rows(path, SampleRow)}
        samples += [_sample(rows[name], path, split) for name in sorted(rows)]
    if not samples:
        raise OutputError(f"{root}: the data set is empty; run `synthmat composite` first")
    return samples


def require(samples: Iterable[StoredSample], output: str, *kinds: str) -> None:
    """Raise OutputError, which says what to add to the recipe, unless every sample has all of ``kinds``."""
    lacking: dict[str, StoredSample] = {}
    for sample in samples:
        for kind in kinds:
            if kind not in sample.files:
                lacking.setdefault(kind, sample)
    if lacking:
        what = " and ".join(_MEANING.get(kind, kind) for kind in lacking)
        names = ", ".join(lacking)
        first = next(iter(lacking.values()))
        raise OutputError(
            f"layout {output} needs {what}, which sample {first.id} ({first.split}) does not have; "
            f"add {names} to composite.outputs in the recipe and run `synthmat composite` again"
        )


def _sample(row: SampleRow, path: Path, split: str) -> StoredSample:
    if not _ID.fullmatch(row["id"]):
        raise OutputError(f"{path}: a row with the id {row['id']!r}; ids are letters, digits, _ and -")
    return stored_sample(row, path.parent, split)
