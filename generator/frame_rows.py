"""The rows of finished frames: appended by workers to one part file a job, merged into the manifest by the planner."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from synthmat.generator.planned_frames import Frame, PlannedFrames, frame_of
from synthmat.render_job import Asset, RenderJob
from synthmat.rows.row_types import FrameRow, MemberPart, ModelPart
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.row_table import Outlook, RowTable
from synthmat.storage.run_lock import merge_lock


def frame_table(output: OutputFolder, planned: PlannedFrames | None = None) -> RowTable[Frame, FrameRow]:
    """Return the finished frames of an output folder; ``planned`` are those that will be asked for, if it is known."""
    parts = sorted(output.parts(output.renders).glob("*.jsonl"))
    return RowTable(output.renders, FrameRow, frame_of, lists=[output.render_manifest], parts=parts, names=planned)


def finished_frames(output: OutputFolder, jobs: Iterable[RenderJob] | PlannedFrames) -> CompactRows[Frame, FrameRow]:
    """Return the rows of the frames that need not be made again: planned, with an equal key and an intact file."""
    return outlook(output, jobs).finished


def outlook(output: OutputFolder, jobs: Iterable[RenderJob] | PlannedFrames) -> Outlook[Frame, FrameRow]:
    """Return what a run of these jobs finds; nothing is changed."""
    planned = _planned(jobs)
    return frame_table(output, planned).outlook(planned.has)


def merge_manifest(output: OutputFolder, jobs: Iterable[RenderJob] | PlannedFrames, shard: str) -> int:
    """Bring the manifest to the rows of the planned frames that are finished; return their number.

    Frames that are finished and not planned so are set aside, and those that were, and are planned now, taken back: see
    `synthmat.storage.stale`. What the plan says of an object but no pixel shows (license, source, split) is as it is
    said today. Part files are removed once their rows are in the manifest: of all runs, or with ``shard`` of that shard
    only.
    """
    planned = _planned(jobs)

    def write(rows: CompactRows[Frame, FrameRow]) -> None:
        write_rows(output.render_manifest, (_as_planned(row, planned.asset(row)) for row in rows.values()))

    def is_settled(path: Path, row: FrameRow) -> bool:
        return path == output.render_manifest and _as_planned(row, planned.asset(row)) == row

    with merge_lock(output.renders):
        written = sorted(output.parts(output.renders).glob(f"{shard}-*.jsonl" if shard else "*.jsonl"))
        table = frame_table(output, planned)
        return len(table.settle(planned.has, write, written=written, is_settled=is_settled))


def _planned(jobs: Iterable[RenderJob] | PlannedFrames) -> PlannedFrames:
    return jobs if isinstance(jobs, PlannedFrames) else PlannedFrames(jobs)


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
