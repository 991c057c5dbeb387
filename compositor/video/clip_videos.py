"""Videos of the clips in a data set: which are due, which are there, and the making of the rest.

The numbered frames stay what counts; videos are to look at, and for trainers that read video. A row for each clip is
in ``<split>/videos/manifest.jsonl``.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2

from synthmat.compositor.planning.entries import Entry
from synthmat.compositor.planning.plan import Plan
from synthmat.compositor.video.video import SUFFIXES, frame_rate, write_video
from synthmat.errors import OutputError
from synthmat.executor import Task, WorkerSetup
from synthmat.progress import Progress
from synthmat.render_job import content_key
from synthmat.rows.row_types import ClipRow, FailureRow, SampleRow
from synthmat.stage import RunOptions
from synthmat.storage.atomic import atomic_path, sha256_file
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.row_table import RowTable
from synthmat.storage.run_lock import merge_lock
from synthmat.storage.stale import FOLDER

VIDEO_VERSION = 1
"""Raised when a change of the code changes videos, so that older ones are made again."""

_DEFAULT_FPS = 24.0
_FRAME_TIMEOUT_S = 10.0
_FRAME_KINDS = ("image", "alpha", "fg")


@dataclass(frozen=True)
class VideoJob:
    """A finished clip: its frames' files by kind, below ``<dataset>/<split>`` and in order, and the videos wanted."""

    split: str
    clip: str
    frames: tuple[dict[str, str], ...]
    kinds: tuple[str, ...]
    rate: Fraction
    key: str
    dataset: str

    @property
    def name(self) -> tuple[str, str]:
        """Split and clip."""
        return self.split, self.clip


def update_videos(
    output: OutputFolder, plan: Plan, rows: Mapping[str, SampleRow], options: RunOptions
) -> tuple[list[str], list[FailureRow]]:
    """Write the videos of the clips whose frames are all finished, and set those aside that show what is no more.

    Args:
        output: Where the data set lies.
        plan: All samples of the recipe; without ``composite.clips.video`` nothing is written.
        rows: The rows of all finished samples by id.
        options: See `RunOptions`; ``workers``, ``quiet`` and ``executor`` count here.

    Returns:
        Notes for the user, and a row for each video that could not be made.

    Raises:
        OutputError: The folder cannot be written to.
    """
    wanted = plan.recipe.composite.clips.video
    if not wanted and not any(_manifest(output, split).exists() for split in SPLITS):
        return [], []
    expected = Counter((each.split, each.id.rpartition("_")[0]) for each in plan.entries if _is_frame(plan, each))
    jobs = [job for job in _jobs(output, plan, rows) if len(job.frames) == expected[job.name]]
    _update_manifests(output, jobs, [])
    if not wanted:
        return [], []
    kept = {(split, row["clip"]) for split in SPLITS for row in read_rows(_manifest(output, split), ClipRow)}
    made, failures = _execute([job for job in jobs if job.name not in kept], output, options)
    _update_manifests(output, jobs, made)
    notes = []
    if not expected:
        notes.append("composite.clips.video: no foreground is a frame of a sequence, so there is no video")
    if jobs:
        notes.append(f"videos: {len(made)} made, {len(kept)} kept, {jobs[0].rate} frames a second")
    if len(expected) > len(jobs):
        notes.append(f"videos: {len(expected) - len(jobs)} of {len(expected)} clips lack frames and wait for them")
    return notes, failures


def make_videos(job: VideoJob) -> ClipRow:
    """Write the videos of one clip and return its row.

    Raises:
        AssetError: A frame cannot be read.
        OutputError: The folder cannot be written to.
    """
    cv2.setNumThreads(1)
    folder = Path(job.dataset) / job.split
    frames = [{kind: folder / name for kind, name in frame.items()} for frame in job.frames]
    files = {}
    try:
        for kind in job.kinds:
            target = folder / "videos" / f"{job.clip}{SUFFIXES[kind]}"
            with atomic_path(target) as temporary:
                write_video(kind, temporary, frames, job.rate)
            files[f"{job.split}/videos/{target.name}"] = sha256_file(target)
    except OSError as error:
        raise OutputError(f"{folder}: cannot write a video there: {error.strerror or error}") from None
    return {
        "clip": job.clip, "split": job.split, "frames": len(frames), "fps": str(job.rate), "files": files,
        "key": job.key,
    }  # fmt: skip


def _is_frame(plan: Plan, entry: Entry) -> bool:
    return bool(plan.candidates[entry.candidate].clip)


def _jobs(output: OutputFolder, plan: Plan, rows: Mapping[str, SampleRow]) -> list[VideoJob]:
    """Return a job for each clip that has frames, finished or not."""
    config, sequence = plan.recipe.composite, plan.recipe.render.animation.sequence
    rate = frame_rate(config.clips.fps or (sequence.fps if sequence else _DEFAULT_FPS))
    kinds: tuple[str, ...] = tuple(kind for kind in ("image", "alpha") if kind in config.outputs)
    kinds += ("cut_out",) if config.clips.cut_out else ()
    frames = sorted(
        (row for row in rows.values() if row.get("clip")), key=lambda row: (*_name(row), row.get("frame") or 0)
    )
    jobs = []
    for (split, clip), group in itertools.groupby(frames, key=_name):
        its = list(group)
        files = tuple({kind: str(dict(row)[f"{kind}_file_name"]) for kind in _present(row)} for row in its)
        digests = [{kind: row.get(f"{kind}_sha256") for kind in _present(row)} for row in its]
        key = content_key("video", VIDEO_VERSION, kinds, str(rate), digests)
        jobs.append(VideoJob(split, clip, files, kinds, rate, key, str(output.dataset)))
    return jobs


def _name(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["split"], row["clip"]


def _present(row: SampleRow) -> list[str]:
    return [kind for kind in _FRAME_KINDS if f"{kind}_file_name" in row]


def _manifest(output: OutputFolder, split: str) -> Path:
    return output.dataset / split / "videos" / "manifest.jsonl"


def video_table(output: OutputFolder) -> RowTable[tuple[str, str], ClipRow]:
    """Return the finished videos of an output folder."""

    def is_ours(row: ClipRow) -> bool:
        return all(Path(name).parent == Path(row["split"], "videos") for name in row["files"])

    lists = [_manifest(output, split) for split in SPLITS]
    return RowTable(output.dataset, ClipRow, _name, lists=lists, ours=is_ours, aside=f"{FOLDER}/videos")


def _update_manifests(output: OutputFolder, jobs: Iterable[VideoJob], made: Sequence[ClipRow]) -> None:
    """Bring the manifests to the videos that are due and intact; those of others are set aside."""
    keys = {job.name: job.key for job in jobs}
    table = video_table(output)

    def write(rows: CompactRows[tuple[str, str], ClipRow]) -> None:
        for split in SPLITS:
            manifest = _manifest(output, split)
            its = [rows[name] for name in sorted(rows) if name[0] == split]
            if its:
                write_rows(manifest, its)
            elif manifest.exists():
                manifest.unlink()
                with contextlib.suppress(OSError):  # Something of the user's lies there.
                    manifest.parent.rmdir()

    def is_due(row: ClipRow) -> bool:
        return keys.get(_name(row)) == row["key"]

    with merge_lock(output.dataset):
        there = {*table.weed(is_due)} | {_name(row) for row in made}
        table.settle(lambda row: is_due(row) and _name(row) in there, write, wanted=is_due, made=made)


def _execute(
    todo: Sequence[VideoJob], output: OutputFolder, options: RunOptions
) -> tuple[list[ClipRow], list[FailureRow]]:
    """Return a row for each clip that was written, and one for each that could not be."""
    made: list[ClipRow] = []
    failures: list[FailureRow] = []
    if not todo:
        return made, failures
    task = Task(
        make_videos,
        workers=min(options.worker_count, len(todo)),
        setup=WorkerSetup(environment={"OMP_NUM_THREADS": "1"}, log_folder=str(output.logs(output.dataset))),
        timeout=lambda job: _FRAME_TIMEOUT_S * (6 + len(job.frames)),
    )
    with (
        Progress("videos", len(todo), unit="clips", quiet=options.quiet) as progress,
        contextlib.closing(options.executor.run(task, todo)) as outcomes,
    ):
        for outcome in outcomes:
            if outcome.kind == "OutputError":
                raise OutputError(outcome.error)
            if outcome.error is None:
                made.append(outcome.result)
            else:
                failures.append({
                    "sample": outcome.job.clip, "split": outcome.job.split,
                    "kind": outcome.kind, "error": outcome.error, "attempts": outcome.attempts,
                })  # fmt: skip
            progress.advance()
    return made, failures
