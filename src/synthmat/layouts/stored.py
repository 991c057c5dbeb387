"""The samples of one of our own data sets, with all of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.storage.manifest import Row, read_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder

KINDS = ("image", "alpha", "fg", "bg", "captured_bg", "trimap", "shadow")
_MEANING = {
    "fg": "the foreground's straight colour",
    "bg": "the background without the object",
    "trimap": "trimaps",
}
_ID = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class StoredSample:
    """A row of ``metadata.jsonl``: ``files`` are the paths of its kinds, ``digests`` their sha256."""

    id: str
    split: str
    files: dict[str, Path]
    digests: dict[str, str]
    row: Row

    @property
    def group(self) -> str:
        """What must not be divided between splits: the object, whatever its variant."""
        return str(self.row.get("identity") or self.row.get("object") or self.id)

    @property
    def clip(self) -> str:
        """The sequence that the sample is a frame of, or empty."""
        return str(self.row.get("clip") or "")

    @property
    def frame(self) -> int:
        """The frame's number in its clip."""
        return int(self.row.get("frame") or 0)


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
        OutputError: There is no data set, or a row lacks its id or has one that is no file name.
    """
    root = dataset_folder(folder)
    samples = []
    for split in SPLITS:
        path = root / split / "metadata.jsonl"
        rows = {str(row.get("id")): row for row in read_rows(path)}
        samples += [_sample(rows[name], path, split) for name in sorted(rows)]
    if not samples:
        raise OutputError(f"{root}: the data set is empty; run `synthmat composite` first")
    return samples


def require(samples: Iterable[StoredSample], layout: str, *kinds: str) -> None:
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
            f"layout {layout} needs {what}, which sample {first.id} ({first.split}) does not have; "
            f"add {names} to composite.outputs in the recipe and run `synthmat composite` again"
        )


def _sample(row: Row, path: Path, split: str) -> StoredSample:
    name = str(row.get("id"))
    if not _ID.fullmatch(name) or "id" not in row:
        raise OutputError(f"{path}: a row with the id {name!r}; ids are letters, digits, _ and -")
    files = {kind: path.parent / row[f"{kind}_file_name"] for kind in KINDS if row.get(f"{kind}_file_name")}
    digests = {kind: str(row.get(f"{kind}_sha256", "")) for kind in files}
    return StoredSample(name, split, files, digests, row)
