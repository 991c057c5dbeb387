"""The rows of a data set and the files in its folders, held against each other."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast

from synthmat.errors import PassedOverWarning
from synthmat.rows.kinds import FOLDERS
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import StoredSample
from synthmat.storage.inside import is_inside
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import SPLITS
from synthmat.verification.findings import Check, judged, note

_SUFFIX = "_file_name"


class _NamedRow(TypedDict):
    """All that a row needs to be checked; what is wrong with its columns is a finding."""

    id: str


@dataclass
class Listing:
    """Every sample, by split and id, and what does not fit."""

    samples: list[StoredSample] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    bad_rows: list[str] = field(default_factory=list)
    pending: int = 0
    files: int = 0


def list_dataset(folder: Path) -> Listing:
    """Read the metadata files and the names of the files in ``<split>/<kind>``, without opening those."""
    listing = Listing()
    lines = sum(1 for part in (folder / ".parts").glob("*.jsonl") for _ in read_rows(part))
    listing.pending = lines
    for split in SPLITS:
        present = set(_names(folder / split))
        rows = _rows(folder / split / "metadata.jsonl", split, listing)
        known: set[str] = set()
        for row in rows:
            names = {
                key.removesuffix(_SUFFIX): str(name) for key, name in row.items() if key.endswith(_SUFFIX) and name
            }
            outside = [name for name in names.values() if "/" not in name or not is_inside(name)]
            if outside:
                listing.bad_rows.append(f"{split}/{row['id']}: {outside[0]} is no path inside the split's folder")
                continue
            known.update(names.values())
            missing = frozenset(kind for kind, name in names.items() if name not in present)
            listing.missing += [f"{split}/{names[kind]}" for kind in sorted(missing)]
            listing.files += len(names)
            files = {kind: folder / split / name for kind, name in names.items()}
            digests = {kind: str(row.get(f"{kind}_sha256") or "") for kind in names}
            listing.samples.append(StoredSample(row["id"], split, files, digests, row, missing))
        listing.orphans += [f"{split}/{name}" for name in sorted(present - known)]
    return listing


def check_listing(listing: Listing) -> list[Check]:
    """Return the checks of rows against files, both ways."""
    missing, orphans = listing.missing, listing.orphans
    count = listing.files
    checks = [
        judged("files", "present", f"{count - len(missing):,} of {count:,} files of {_samples(listing)}", missing),
        judged("files", "in no row", f"{len(orphans):,} files", orphans),
        judged("metadata", "rows", f"{len(listing.samples):,} samples", listing.bad_rows),
        _columns([sample.row for sample in listing.samples]),
    ]
    if listing.pending:
        words = f"{listing.pending:,} rows are not in the metadata yet: a run goes on, or was interrupted"
        checks.append(note("metadata", "unfinished", f"{words}; `synthmat composite` takes them up"))
    return checks


def _samples(listing: Listing) -> str:
    counts = Counter(sample.split for sample in listing.samples)
    return f"{len(listing.samples):,} samples ({', '.join(f'{part} {counts[part]:,}' for part in SPLITS)})"


def _rows(path: Path, split: str, listing: Listing) -> list[SampleRow]:
    """Return the rows of a metadata file that name a sample, each sample once."""
    rows: dict[str, SampleRow] = {}
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PassedOverWarning)  # They are counted below.
        found = [cast("SampleRow", row) for row in read_rows(path, _NamedRow)]
    for row in found:
        count += 1
        name = row["id"]
        if not name:
            listing.bad_rows.append(f"{split}/metadata.jsonl: a row without an id")
        elif name in rows:
            listing.bad_rows.append(f"{split}/{name}: listed twice")
        elif row.get("split", split) != split:
            listing.bad_rows.append(f"{split}/{name}: the row says {row.get('split')}")
        else:
            rows[name] = row
    if path.exists():
        with path.open("rb") as file:
            broken = sum(1 for line in file if line.strip()) - count
        if broken:
            listing.bad_rows.append(f"{split}/metadata.jsonl: {broken} lines cannot be read, or are no rows of samples")
    return [rows[name] for name in sorted(rows)]


def _names(folder: Path) -> Iterable[str]:
    """Yield the files below the folders of the kinds, relative to ``folder``, with ``/``."""
    for kind in FOLDERS.values():
        for place, _, files in os.walk(folder / kind):
            start = Path(place).relative_to(folder).as_posix()
            yield from (f"{start}/{name}" for name in files)


def _columns(rows: list[SampleRow]) -> Check:
    """Hugging Face `datasets` refuses an imagefolder whose splits differ in columns or their types."""
    kinds = Counter(tuple(sorted((key, _type(value)) for key, value in row.items())) for row in rows)
    usual = kinds.most_common(1)[0][0] if kinds else ()
    faults = []
    if len(kinds) > 1:
        for row in rows:
            its = {(key, _type(value)) for key, value in row.items()}
            if its != set(usual):
                different = ", ".join(sorted({key for key, _ in its ^ set(usual)}))
                faults.append(f"{row.get('split')}/{row.get('id')}: other columns than most rows: {different}")
    return judged("metadata", "columns", f"{len(usual)}, in every row", faults)


def _type(value: object) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
