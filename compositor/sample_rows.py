"""The rows of finished samples: appended by workers to part files, merged into ``<split>/metadata.jsonl``.

A metadata row is flat and has the same keys and types in every split, since Hugging Face `datasets` refuses an
`imagefolder` otherwise; checksums are therefore columns (``image_sha256``) and not a mapping of file names, and all
draws together are one column of JSON text, ``drawn``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from synthmat.compositor.planning.entries import Entries
from synthmat.compositor.planning.foregrounds import ForegroundCandidate
from synthmat.compositor.planning.plan import Plan
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import sample_files
from synthmat.sample_job import Layer, SampleJob
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.row_table import Outlook, RowTable
from synthmat.storage.run_lock import merge_lock

_ID = re.compile(r"[\w-]+")


def sample_table(output: OutputFolder) -> RowTable[str, SampleRow]:
    """Return the finished samples of an output folder."""
    parts = sorted(output.parts(output.dataset).glob("*.jsonl"))
    lists = [output.metadata(split) for split in SPLITS]
    return RowTable(
        output.dataset, SampleRow, lambda row: row["id"], lists=lists, parts=parts, files_of=sample_files, ours=_is_ours
    )


def _is_ours(row: SampleRow) -> bool:
    return row.get("split") in SPLITS and "key" in row and bool(_ID.fullmatch(row["id"]))


class SampleRows:
    """The rows of one data set, as far as the plan still wants them.

    Args:
        output: Where the data set lies.
        plan: All samples of the recipe.
        mine: The samples of this run, or of this shard of it.
        label: Names the shard whose part files are ours; empty for a run without shards, to which all belong.
    """

    def __init__(self, output: OutputFolder, plan: Plan, mine: Entries, label: str) -> None:
        self._output = output
        self._plan = plan
        self._part = None if len(mine) == len(plan.entries) else {entry.id for entry in mine}
        self._about = {candidate.name: candidate for candidate in plan.candidates}
        self._label = label
        self._photos = {photo.name: photo for photo in plan.photos}
        self._known: dict[str, tuple[str, SampleRow]] = {}

    def outlook(self) -> Outlook[str, SampleRow]:
        """Return what a run finds of our samples; nothing is changed."""
        found = sample_table(self._output).outlook(self._is_kept)
        return found.of(self._is_ours)

    def take_up(self) -> set[str]:
        """Bring the data set to what the plan has of it, and return the ids of our samples that are there and intact.

        Samples that are finished and not planned so are set aside, and those that were, and are planned now, taken
        back: see `synthmat.storage.stale`. What is broken of ours is deleted. Only files of known samples in our own
        folders are touched; what else lies there is not ours.
        """
        rows = self._settle(self._is_kept)
        intact = set(sample_table(self._output).weed(self._is_mine))
        if any(name not in intact and self._is_ours(name) for name in rows):
            self._settle(lambda row: self._is_kept(row) and (row["id"] in intact or not self._is_ours(row["id"])))
        return intact

    def merge(self) -> dict[str, SampleRow]:
        """Bring the metadata files to all finished samples of the plan; return their rows by id."""
        return self._settle(self._is_kept)

    @property
    def aside(self) -> int:
        """The number of finished samples of other settings."""
        return sum(1 for _ in sample_table(self._output).stale)

    def _settle(self, keep: Callable[[SampleRow], bool]) -> dict[str, SampleRow]:
        done: dict[str, SampleRow] = {}

        def write(rows: CompactRows[str, SampleRow]) -> None:
            done.update(self._write(rows))

        with merge_lock(self._output.dataset):
            sample_table(self._output).settle(keep, write, wanted=self._is_mine, written=self._our_parts())
        return done

    def _our_parts(self) -> list[Path]:
        return sorted(self._output.parts(self._output.dataset).glob(f"{self._label}-*.jsonl" if self._label else "*"))

    def _is_mine(self, row: SampleRow) -> bool:
        return self._is_ours(row["id"]) and self._is_current(row)

    def _is_kept(self, row: SampleRow) -> bool:
        """Whether a row stays: of other shards also old ones, so that those find what they have to set aside."""
        return self._is_current(row) if self._is_ours(row["id"]) else self._plan.entries.find(row["id"]) >= 0

    def _is_ours(self, name: str) -> bool:
        """Whether a sample belongs to this run, if it is planned."""
        return self._part is None or name in self._part

    def _is_current(self, row: SampleRow) -> bool:
        planned = row["id"] in self._known or self._plan.entries.find(row["id"]) >= 0
        return planned and row.get("key") == self._of_plan(row["id"])[0]

    def _of_plan(self, name: str) -> tuple[str, SampleRow]:
        """Return a sample's key, and what the plan says about its origin; draws are made once for both."""
        if name not in self._known:
            job = self._plan.job(self._plan.entries[self._plan.entries.find(name)])
            self._known[name] = job.key(self._plan.settings), self._provenance(job)
        return self._known[name]

    def _write(self, rows: CompactRows[str, SampleRow]) -> dict[str, SampleRow]:
        by_split: dict[str, list[SampleRow]] = defaultdict(list)
        for name in sorted(rows):
            row = rows[name].copy()
            row.update(self._of_plan(name)[1])
            row["clip"], row["frame"], row["drawn"] = (
                row.get("clip") or "",
                row.get("frame") or 0,
                row.get("drawn") or "{}",
            )
            by_split[row.get("split", "")].append(row)
        for split in SPLITS:
            if by_split[split]:
                write_rows(self._output.metadata(split), by_split[split])
            else:
                self._output.metadata(split).unlink(missing_ok=True)
        return {row["id"]: row for its in by_split.values() for row in its}

    def _provenance(self, job: SampleJob) -> SampleRow:
        """Return the columns that the plan decides today: names and licenses can change without new pixels."""
        photo = self._photos[job.backdrop.name]
        layers = [self._about[_name(layer)] for layer in job.layers]
        others = [self._about[_name(layer)] for layer in job.distractors]
        first = layers[0]
        licenses = {each.license for each in (*layers, *others)} | {photo.license}
        return {
            "id": job.id,
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


def _name(layer: Layer) -> tuple[str, str]:
    return layer.foreground.object, layer.foreground.view


def _joined(candidates: Iterable[ForegroundCandidate]) -> str:
    return " ".join(f"{each.foreground.object}:{each.foreground.view}" for each in candidates)
