"""The rows of finished samples: appended by workers to part files, merged into ``<split>/metadata.jsonl``.

A metadata row is flat and has the same keys and types in every split, since Hugging Face `datasets` refuses an
`imagefolder` otherwise; checksums are therefore columns (``image_sha256``) and not a mapping of file names, and all
draws together are one column of JSON text, ``drawn``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from synthmat.compositor.imaging.sample import FOLDERS
from synthmat.compositor.planning.foregrounds import ForegroundCandidate
from synthmat.compositor.planning.plan import Entry, Plan
from synthmat.sample_job import Layer, SampleJob
from synthmat.storage.manifest import Row, finished_rows, read_rows, write_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.run_lock import merge_lock

_ID = re.compile(r"[\w-]+")
_FILE = re.compile(r"[\w-]+(/[\w-]+){1,2}\.(png|jpg)")


def sample_files(row: Row) -> dict[str, str]:
    """Return the files of a metadata row, relative to the data set's folder, and their sha256."""
    kinds = (kind for kind in FOLDERS if f"{kind}_file_name" in row)
    return {f"{row['split']}/{row[f'{kind}_file_name']}": row[f"{kind}_sha256"] for kind in kinds}


class SampleRows:
    """The rows of one data set, as far as the plan still wants them.

    Args:
        output: Where the data set lies.
        plan: All samples of the recipe.
        mine: The samples of this run, or of this shard of it.
        label: Names the shard whose part files are ours; empty for a run without shards, to which all belong.
    """

    def __init__(self, output: OutputFolder, plan: Plan, mine: Iterable[Entry], label: str) -> None:
        self._output = output
        self._plan = plan
        self._entries = {entry.id: entry for entry in plan.entries}
        self._mine = {entry.id for entry in mine}
        self._about = {candidate.name: candidate for candidate in plan.candidates}
        self._label = label
        self._photos = {photo.name: photo for photo in plan.photos}
        self._known: dict[str, tuple[str, Row]] = {}

    def intact(self) -> set[str]:
        """Return the ids of our samples that are there, with an equal key and intact files."""
        rows = [dict(row, files=sample_files(row)) for row in self._wanted().values() if row["id"] in self._mine]
        return {row["id"] for row in finished_rows(rows, self._output.dataset, self._is_current)}

    def clear(self, kept: set[str]) -> None:
        """Delete what is left of our samples that are not ``kept``, and of samples that the plan no longer has.

        Only files of known samples in our own folders are touched; what else lies there is not ours.
        """
        again = self._mine - kept
        for row in self._all():
            if row["id"] in again or row["id"] not in self._entries:
                self._delete(row)
        with merge_lock(self._output.dataset):
            self._write({name: row for name, row in self._wanted().items() if name not in again})

    def merge(self) -> dict[str, Row]:
        """Bring the metadata files to all finished samples of the plan; return their rows by id."""
        with merge_lock(self._output.dataset):
            rows = self._wanted()
            return self._write(rows)

    def _is_current(self, row: Row) -> bool:
        return row["id"] in self._entries and bool(row["key"] == self._of_plan(row["id"])[0])

    def _of_plan(self, name: str) -> tuple[str, Row]:
        """Return a sample's key, and what the plan says about its origin; draws are made once for both."""
        if name not in self._known:
            job = self._plan.job(self._entries[name])
            self._known[name] = job.key(self._plan.settings), self._provenance(job)
        return self._known[name]

    def _wanted(self) -> dict[str, Row]:
        """Return the rows to keep by id: of other shards also old ones, so that those find what they have to delete."""
        others = self._entries.keys() - self._mine
        return {row["id"]: row for row in self._all() if row["id"] in others or self._is_current(row)}

    def _all(self) -> Iterator[Row]:
        files = [self._output.metadata(split) for split in SPLITS]
        for file in [*files, *sorted(self._output.parts(self._output.dataset).glob("*.jsonl"))]:
            for row in read_rows(file):
                if row.get("split") in SPLITS and "key" in row and _ID.fullmatch(str(row.get("id"))):
                    yield row

    def _write(self, rows: dict[str, Row]) -> dict[str, Row]:
        by_split: dict[str, list[Row]] = defaultdict(list)
        for name in sorted(rows):
            by_split[rows[name]["split"]].append(rows[name] | self._of_plan(name)[1])
        for split in SPLITS:
            if by_split[split]:
                write_rows(self._output.metadata(split), by_split[split])
            else:
                self._output.metadata(split).unlink(missing_ok=True)
        for part in self._output.parts(self._output.dataset).glob(f"{self._label}-*.jsonl" if self._label else "*"):
            part.unlink()
        return {row["id"]: row for its in by_split.values() for row in its}

    def _provenance(self, job: SampleJob) -> Row:
        """Return the columns that the plan decides today: names and licenses can change without new pixels."""
        photo = self._photos[job.backdrop.name]
        layers = [self._about[_name(layer)] for layer in job.layers]
        others = [self._about[_name(layer)] for layer in job.distractors]
        first = layers[0]
        licenses = {each.license for each in (*layers, *others)} | {photo.license}
        return {
            "object": first.foreground.object,
            "identity": first.foreground.identity,
            "view": first.foreground.view,
            "foreground_source": first.foreground.source,
            "others": _joined(layers[1:]),
            "distractors": _joined(others),
            "light": first.light,
            "background": photo.name,
            "background_license": photo.license,
            "background_source": photo.source,
            "model_license": first.license,
            "model_source": first.source,
            "licenses": "; ".join(sorted(each or "not given" for each in licenses)),
        }

    def _delete(self, row: Row) -> None:
        for kind, folder in FOLDERS.items():
            name = str(row.get(f"{kind}_file_name") or "")
            if _FILE.fullmatch(name) and name.startswith(f"{folder}/"):
                (self._output.dataset / row["split"] / name).unlink(missing_ok=True)


def _name(layer: Layer) -> tuple[str, str]:
    return layer.foreground.object, layer.foreground.view


def _joined(candidates: Iterable[ForegroundCandidate]) -> str:
    return " ".join(f"{each.foreground.object}:{each.foreground.view}" for each in candidates)
