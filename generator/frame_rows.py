"""The rows of finished frames: appended by workers to one part file a job, merged into the manifest by the planner."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from synthmat.model_files.texture_files import place_of, state_of
from synthmat.render_job import Asset, RenderJob
from synthmat.storage.manifest import Row, finished_rows, read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.run_lock import merge_lock

Frame = tuple[str, str]
"""Object and view."""


def frame_of(row: Row) -> Frame:
    """Return which frame a row is about."""
    return row["object"], row["view"]


def finished_frames(output: OutputFolder, jobs: Iterable[RenderJob]) -> dict[Frame, Row]:
    """Return the rows of the frames that need not be made again: planned, with an equal key and an intact file."""
    rows = _current_rows(output, list(jobs))
    return {frame_of(row): row for row in finished_rows(rows.values(), output.renders, lambda _row: True)}


def merge_manifest(output: OutputFolder, jobs: Iterable[RenderJob], shard: str) -> int:
    """Bring the manifest to the rows of the planned frames that are finished; return their number.

    What the plan says of an object but no pixel shows (license, source, split) is as it is said today.
    Part files are removed once their rows are in the manifest: of all runs, or with ``shard`` of that shard only.
    """
    jobs = list(jobs)
    assets = {job.asset.name: job.asset for job in jobs}
    with merge_lock(output.renders):
        rows = _current_rows(output, jobs)
        write_rows(output.render_manifest, [_as_planned(rows[frame], assets[frame[0]]) for frame in sorted(rows)])
        for part in output.parts(output.renders).glob(f"{shard}-*.jsonl" if shard else "*.jsonl"):
            part.unlink()
    return len(rows)


def _current_rows(output: OutputFolder, jobs: list[RenderJob]) -> dict[Frame, Row]:
    """Return the rows of frames that are planned just so, and whose model is still made of the same files."""
    keys = {(job.asset.name, view.name): job.key(view) for job in jobs for view in job.views}
    assets = {job.asset.name: job.asset for job in jobs}

    @functools.cache
    def state(model: str, name: str) -> str:
        return state_of(place_of(name, Path(model)))

    def made_of_the_same(row: Row, asset: Asset) -> bool:
        members = zip(row["model"].get("members", ()), asset.members, strict=False)
        parts = [(row["model"], asset), *((part, member.asset) for part, member in members)]
        return all(
            state(str(its.path), name) == known for part, its in parts for name, known in part.get("linked", {}).items()
        )

    return {
        frame_of(row): row
        for row in _all_rows(output)
        if keys.get(frame_of(row)) == row["key"] and made_of_the_same(row, assets[row["object"]])
    }


def _as_planned(row: Row, asset: Asset) -> Row:
    model = row["model"] | {"identity": asset.identity, "split": asset.split} | _origin(asset)
    if asset.members:
        its = zip(model["members"], asset.members, strict=True)
        model["members"] = [part | {"name": member.asset.name} | _origin(member.asset) for part, member in its]
    return row | {"model": model}


def _origin(asset: Asset) -> dict[str, str | None]:
    return {"license": asset.license, "source": asset.source}


def _all_rows(output: OutputFolder) -> Iterable[Row]:
    yield from read_rows(output.render_manifest)
    for part in sorted(output.parts(output.renders).glob("*.jsonl")):
        yield from read_rows(part)


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
