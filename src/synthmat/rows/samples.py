"""Samples as records: what a row of ``metadata.jsonl`` says, and where the sample's files lie.

One record for all that read a data set of ours: training, evaluation, export, report and verification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from synthmat.errors import OutputError
from synthmat.rows.kinds import FOLDERS, KINDS, Kind
from synthmat.rows.row_types import FileColumns, SampleRow
from synthmat.storage.inside import is_inside

FILE = re.compile(r"[\w-]+(/[\w-]+){1,2}\.(png|jpg)")
"""What the path of a sample's file is, from its split's folder."""


@dataclass(frozen=True)
class StoredSample:
    """A row of ``metadata.jsonl``: ``files`` are the paths of its kinds, ``digests`` their sha256.

    ``split`` is the folder that it lies in. ``missing`` are the kinds whose files are not there, where that was looked
    at.
    """

    id: str
    split: str
    files: Mapping[str, Path]
    digests: Mapping[str, str]
    row: SampleRow
    missing: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Split and id."""
        return f"{self.split}/{self.id}"

    @property
    def label(self) -> str:
        """What to call it: id, object and background."""
        return f"{self.id}: {self.object} on {self.background}"

    @property
    def object(self) -> str:
        """The object, empty if the row does not say it."""
        return self.row.get("object") or ""

    @property
    def identity(self) -> str:
        """What the object is a variant of, the object's own name where it is none."""
        return self.row.get("identity") or self.object

    @property
    def group(self) -> str:
        """What must not be divided between splits: the object, whatever its variant."""
        return self.identity or self.id

    @property
    def view(self) -> str:
        """The view of the object."""
        return self.row.get("view") or ""

    @property
    def background(self) -> str:
        """The photo."""
        return self.row.get("background") or ""

    @property
    def clip(self) -> str:
        """The sequence that the sample is a frame of, or empty."""
        return self.row.get("clip") or ""

    @property
    def frame(self) -> int:
        """The frame's number in its clip."""
        return self.row.get("frame") or 0

    @property
    def is_pair(self) -> bool:
        """Whether image and matte are both there."""
        return {"image", "alpha"} <= self.files.keys() - self.missing


def stored_sample(row: SampleRow, folder: Path, split: str, *, look: bool = False) -> StoredSample:
    """Return the sample of a row; ``folder`` is that of its split.

    Args:
        row: A row of its ``metadata.jsonl``.
        folder: Where the paths of its files start.
        split: The split's name.
        look: Find out which files are missing.

    Raises:
        OutputError: A file's path leads out of the folder.
    """
    names = {kind: name for kind in KINDS if (name := file_name(row, kind))}
    outside = next((name for name in names.values() if not is_inside(name)), None)
    if outside is not None:
        raise OutputError(f"{folder}: sample {row['id']}: {outside} is no path inside this folder")
    files: dict[str, Path] = {kind: folder / name for kind, name in names.items()}
    digests: dict[str, str] = {kind: str(row.get(f"{kind}_sha256") or "") for kind in names}
    missing = frozenset(kind for kind, file in files.items() if not file.is_file()) if look else frozenset()
    return StoredSample(row["id"], split, files, digests, row, missing)


def file_name(row: Mapping[str, Any], kind: Kind) -> str:
    """Return the path of a kind's file from the split's folder, empty where the sample has none."""
    return row.get(f"{kind}_file_name") or ""


def file_columns(names: Mapping[Kind, str], digests: Mapping[Kind, str]) -> FileColumns:
    """Return the columns of a sample's files; see `FileColumns`."""
    columns = {f"{kind}_file_name": name for kind, name in names.items()}
    columns |= {f"{kind}_sha256": digest for kind, digest in digests.items()}
    return cast("FileColumns", columns)


def draws_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draws of a sample, nothing where the row has none."""
    try:
        drawn = json.loads(row.get("drawn") or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return drawn if isinstance(drawn, dict) else {}


def part_of(drawn: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return one part of the draws of a sample, nothing where there is none."""
    part = drawn.get(name)
    return part if isinstance(part, dict) else {}


def sample_files(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of a metadata row, relative to the data set's folder, and their sha256.

    Names that are none of ours are left out.
    """
    files = {}
    for kind in KINDS:
        name = file_name(row, kind)
        if FILE.fullmatch(name) and name.startswith(f"{FOLDERS[kind]}/"):
            files[f"{row['split']}/{name}"] = row.get(f"{kind}_sha256") or ""
    return files
