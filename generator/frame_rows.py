"""The rows of finished frames: appended by workers to one part file a job, merged into the manifest by the planner."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path

from synthmat.model_files.texture_files import place_of, state_of
from synthmat.render_job import Asset, RenderJob
from synthmat.rows.row_types import FrameRow, MemberPart, ModelPart
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.row_table import Outlook, RowTable
from synthmat.storage.run_lock import merge_lock

Frame = tuple[str, str]
"""Object and view."""


def frame_of(row: FrameRow) -> Frame:
    """Return which frame a row is about."""
    return row["object"], row["view"]


def frame_table(output: OutputFolder) -> RowTable[Frame, FrameRow]:
    """Return the finished frames of an output folder."""
    parts = sorted(output.parts(output.renders).glob("*.jsonl"))
    return RowTable(output.renders, FrameRow, frame_of, lists=[output.render_manifest], parts=parts)


def finished_frames(output: OutputFolder, jobs: Iterable[RenderJob]) -> CompactRows[Frame, FrameRow]:
    """Return the rows of the frames that need not be made again: planned, with an equal key and an intact file."""
    return outlook(output, jobs).finished


def outlook(output: OutputFolder, jobs: Iterable[RenderJob]) -> Outlook[Frame, FrameRow]:
    """Return what a run of these jobs finds; nothing is changed."""
    return frame_table(output).outlook(_planned(list(jobs)))


def merge_manifest(output: OutputFolder, jobs: Iterable[RenderJob], shard: str) -> int:
    """Bring the manifest to the rows of the planned frames that are finished; return their number.

    Frames that are finished and not planned so are set aside, and those that were, and are planned now, taken back: see
    `synthmat.storage.stale`. What the plan says of an object but no pixel shows (license, source, split) is as it is
    said today. Part files are removed once their rows are in the manifest: of all runs, or with ``shard`` of that shard
    only.
    """
    jobs = list(jobs)
    assets = {job.asset.name: job.asset for job in jobs}

    def write(rows: CompactRows[Frame, FrameRow]) -> None:
        write_rows(output.render_manifest, (_as_planned(rows[frame], assets[frame[0]]) for frame in sorted(rows)))

    with merge_lock(output.renders):
        written = sorted(output.parts(output.renders).glob(f"{shard}-*.jsonl" if shard else "*.jsonl"))
        return len(frame_table(output).settle(_planned(jobs), write, written=written))


def _planned(jobs: list[RenderJob]) -> Callable[[FrameRow], bool]:
    """Return whether a row's frame is planned just so, and its model still made of the same files."""
    keys = {(job.asset.name, view.name): job.key(view) for job in jobs for view in job.views}
    assets = {job.asset.name: job.asset for job in jobs}

    @functools.cache
    def state(model: str, name: str) -> str:
        return state_of(place_of(name, Path(model)))

    def made_of_the_same(model: ModelPart, asset: Asset) -> bool:
        members = zip(model.get("members", ()), asset.members, strict=False)
        parts: list[tuple[MemberPart, Asset]] = [(model, asset), *((part, member.asset) for part, member in members)]
        return all(
            state(str(its.path), name) == known for part, its in parts for name, known in part.get("linked", {}).items()
        )

    def planned(row: FrameRow) -> bool:
        frame = frame_of(row)
        same = frame in keys and keys[frame] == row.get("key")
        return same and made_of_the_same(row.get("model", {}), assets[row["object"]])

    return planned


def _as_planned(row: FrameRow, asset: Asset) -> FrameRow:
    before = row.get("model", {})
    origin: MemberPart = {"license": asset.license, "source": asset.source}
    model: ModelPart = {**before, "identity": asset.identity, "split": asset.split, **origin}
    if asset.members:
        its = zip(before.get("members", ()), asset.members, strict=False)
        model["members"] = [_named(part, member.asset) for part, member in its]
    return {**row, "model": model}


def _named(part: MemberPart, asset: Asset) -> MemberPart:
    return {**part, "name": asset.name, "license": asset.license, "source": asset.source}


class PartFile:
    """Counts the rows of a part file while a worker appends to it, and touches it after each pass of a frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._touched = 0
        self.rows = 0

    def poll(self) -> bool:
        """Count the rows that were appended since the last call, and tell whether the file was touched at all."""
        try:
            touched = self._path.stat().st_mtime_ns
            if touched == self._touched:
                return False
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
        except FileNotFoundError:
            return False
        self._touched = touched
        self._read += len(new)
        self.rows += new.count(b"\n")
        return True
