"""The rows of finished samples: appended by workers to part files, merged into ``<split>/metadata.jsonl``.

A metadata row is flat and has the same keys and types in every split, since Hugging Face `datasets` refuses an
`imagefolder` otherwise; checksums are therefore columns (``image_sha256``) and not a mapping of file names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from synthmat.compositor.plan import Plan
from synthmat.compositor.sample import FOLDERS
from synthmat.layout import SPLITS, Layout
from synthmat.manifest import Row, finished_rows, read_rows, write_rows
from synthmat.records import SampleJob
from synthmat.run_lock import merge_lock

_ID = re.compile(r"[\w-]+")
_KINDS = tuple(FOLDERS)


def sample_files(row: Row) -> dict[str, str]:
    """Return the files of a metadata row, relative to the data set's folder, and their sha256."""
    kinds = (kind for kind in _KINDS if f"{kind}_file_name" in row)
    return {f"{row['split']}/{row[f'{kind}_file_name']}": row[f"{kind}_sha256"] for kind in kinds}


class SampleRows:
    """The rows of one data set, as far as the plan still wants them.

    Args:
        layout: Where the data set lies.
        plan: All samples of the recipe.
        mine: The samples of this run, or of this shard of it.
        label: Names the shard whose part files are ours; empty for a run without shards, to which all belong.
    """

    def __init__(self, layout: Layout, plan: Plan, mine: Iterable[SampleJob], label: str) -> None:
        self._layout = layout
        self._jobs = {job.id: job for job in plan.jobs}
        self._mine = {job.id for job in mine}
        self._keys = {job.id: job.key(plan.settings) for job in plan.jobs}
        self._models = {(render.object, render.view): render for render in plan.renders}
        self._photos = {photo.name: photo for photo in plan.photos}
        self._label = label

    def intact(self) -> set[str]:
        """Return the ids of our samples that are there, with an equal key and intact files."""
        rows = [dict(row, files=sample_files(row)) for row in self._wanted().values() if row["id"] in self._mine]
        return {row["id"] for row in finished_rows(rows, self._layout.dataset, self._is_current)}

    def clear(self, kept: set[str]) -> None:
        """Delete what is left of our samples that are not ``kept``, and of samples that the plan no longer has.

        Only files of known samples in our own folders are touched; what else lies there is not ours.
        """
        again = self._mine - kept
        for row in self._all():
            if row["id"] in again or row["id"] not in self._jobs:
                _delete(self._layout.dataset / row["split"], row["id"])
        with merge_lock(self._layout.dataset):
            self._write({name: row for name, row in self._wanted().items() if name not in again})

    def merge(self) -> dict[str, Row]:
        """Bring the metadata files to all finished samples of the plan; return their rows by id."""
        with merge_lock(self._layout.dataset):
            rows = self._wanted()
            self._write(rows)
        return rows

    def _is_current(self, row: Row) -> bool:
        return bool(row["key"] == self._keys.get(row["id"]))

    def _wanted(self) -> dict[str, Row]:
        """Return the rows to keep by id: of other shards also old ones, so that those find what they have to delete."""
        others = self._jobs.keys() - self._mine
        return {row["id"]: row for row in self._all() if self._is_current(row) or row["id"] in others}

    def _all(self) -> Iterator[Row]:
        files = [self._layout.metadata(split) for split in SPLITS]
        for file in [*files, *sorted(self._layout.parts(self._layout.dataset).glob("*.jsonl"))]:
            for row in read_rows(file):
                if row.get("split") in SPLITS and "key" in row and _ID.fullmatch(str(row.get("id"))):
                    yield row

    def _write(self, rows: dict[str, Row]) -> None:
        by_split: dict[str, list[Row]] = defaultdict(list)
        for name in sorted(rows):
            by_split[rows[name]["split"]].append(rows[name] | self._provenance(name))
        for split in SPLITS:
            if by_split[split]:
                write_rows(self._layout.metadata(split), by_split[split])
            else:
                self._layout.metadata(split).unlink(missing_ok=True)
        for part in self._layout.parts(self._layout.dataset).glob(f"{self._label}-*.jsonl" if self._label else "*"):
            part.unlink()

    def _provenance(self, name: str) -> Row:
        """Return what the plan says about a sample today: names and licences can change without new pixels."""
        job = self._jobs[name]
        render, photo = self._models[job.object, job.view], self._photos[job.background_name]
        return {
            "identity": render.identity,
            "background": photo.name,
            "background_license": photo.license,
            "background_source": photo.source,
            "model_license": render.license,
            "model_source": render.source,
        }


def _delete(folder: Path, sample_id: str) -> None:
    for kind in FOLDERS.values():
        for suffix in ("jpg", "png"):
            (folder / kind / f"{sample_id}.{suffix}").unlink(missing_ok=True)
