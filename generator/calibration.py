"""Small frames of a few objects, rendered with the true settings to see what the rest will cost."""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from synthmat.generator.frame_cost import Cost, Measured, is_blurred, job_cost, kind_of
from synthmat.generator.stage import execute_jobs
from synthmat.progress import Progress
from synthmat.render_job import RenderJob, View
from synthmat.rows.row_types import FrameRow
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.scratch import scratch_folder

MAX_OBJECTS = 14
"""Objects of which calibrating frames are made."""

_FRAMES_AN_OBJECT = 12
"""One object is calibrated for so many frames to come, so that a short run is not dwarfed by its estimate."""
_MAX_SECONDS = 90.0
_MIN_EDGE, _MAX_EDGE = 96, 256
_MIN_PAIRS, _MAX_PAIRS = 2, 3
_MANY_VIEWS = 6
_ENOUGH_MODELS = 8


def choose(pending: Sequence[RenderJob], known: Mapping[str, Cost], names: Mapping[str, str]) -> list[RenderJob]:
    """Return the jobs to calibrate, so ordered that any first part of them is spread over the kinds of objects.

    Kinds of which an object is known need none; nor do model files once several of them are known. Every other kind
    gets one, and the larger ones more; where there are too many kinds, some of them spread over the plan. ``names``
    gives the kind of each object of the recipe.
    """
    kinds: dict[str, list[RenderJob]] = defaultdict(list)
    covered = {names[name] for name in known}
    models = sum(kind.startswith("model ") for kind in covered)
    for job in pending:
        kind = kind_of(job.asset)
        if kind not in covered and not (kind.startswith("model ") and models >= _ENOUGH_MODELS):
            kinds[kind].append(job)
    groups = list(kinds.values())
    if not groups:
        return []
    frames = sum(len(job.views) for jobs in groups for job in jobs)
    most = min(MAX_OBJECTS, max(len(groups), frames // _FRAMES_AN_OBJECT))
    groups = [groups[place] for place in _evenly(len(groups), most)]
    counts = [1] * len(groups)
    weights = [sum(len(job.views) for job in jobs) for jobs in groups]
    while sum(counts) < most:
        open_ = [place for place, jobs in enumerate(groups) if counts[place] < len(jobs)]
        if not open_:
            break
        counts[max(open_, key=lambda place: weights[place] / counts[place])] += 1
    picked = [[jobs[i] for i in _evenly(len(jobs), count)] for jobs, count in zip(groups, counts, strict=True)]
    return [jobs[turn] for turn in range(max(counts)) for jobs in picked if turn < len(jobs)]


def calibrating_edges(width: int, height: int) -> tuple[int, int]:
    """Return the longest edges of small and of larger calibrating frames, at most that of a frame, pixels."""
    longest = max(width, height)
    small = min(longest, max(_MIN_EDGE, min(_MAX_EDGE, longest // 3)))
    return small, min(longest, 2 * small)


@dataclass(frozen=True)
class Calibration:
    measured: list[Measured]
    frames: int
    start: float
    failures: list[str]


def calibrate(samples: Sequence[RenderJob], options: RunOptions, workers: int) -> Calibration:
    """Render a small frame of each sample, up to three where it has many views, and larger ones of the costliest.

    No job is begun after a minute and a half.
    """
    small, large = calibrating_edges(samples[0].settings.width, samples[0].settings.height)
    began = time.monotonic()
    with scratch_folder() as folder:
        output = OutputFolder(folder)
        first = _measure([_small(job, small, output) for job in samples], output, options, workers, _MAX_SECONDS)
        left = _MAX_SECONDS - (time.monotonic() - began)
        if large == small or left < 0 or not first.measured:
            return first
        # What growing pixels cost is measured where it matters most.
        cost = {each.name: each.cost.frame for each in first.measured}
        pairs = min(_MAX_PAIRS, max(_MIN_PAIRS, len(samples) // 4))
        known = [job for job in samples if job.asset.name in cost]
        costly = sorted(known, key=lambda job: cost[job.asset.name], reverse=True)[:pairs]
        sharp = [dataclasses.replace(job, views=tuple(_sharp(job.views)) or job.views) for job in costly]
        more = _measure([_small(job, large, output) for job in sharp], output, options, workers, left)
    return Calibration(
        [*first.measured, *more.measured], first.frames + more.frames, first.start, first.failures + more.failures
    )


def _measure(
    jobs: Sequence[RenderJob], output: OutputFolder, options: RunOptions, workers: int, max_seconds: float
) -> Calibration:
    """Render calibrating jobs; none is begun after ``max_seconds``."""
    began = time.monotonic()
    ended: dict[str, float] = {}
    progress = Progress("calibrate", sum(len(job.views) for job in jobs), unit="frames", quiet=options.quiet)
    used = max(1, min(workers, len(jobs)))
    failed = execute_jobs(
        jobs, output, options, used, progress,
        on_end=lambda job, seconds: ended.update({job.rows_file: seconds}), max_seconds=max_seconds,
    )  # fmt: skip
    failures = [f"{row.get('job')}: no calibrating frame: {row['error']}" for row in failed]
    spent = time.monotonic() - began
    rows = {job.rows_file: list(read_rows(Path(job.rows_file), FrameRow)) for job in jobs if job.rows_file in ended}
    measured = [
        Measured(job.asset.name, pixels_of(job), job_cost(rows[job.rows_file], ended[job.rows_file], _blurred(job)))
        for job in jobs
        if rows.get(job.rows_file)
    ]
    measured, warming = without_warming_up(measured, used)
    # As long as there was no work for the workers, they started.
    start = min(30.0, max(0.0, spent - sum(ended.values()) / used) + warming / used)
    return Calibration(measured, sum(map(len, rows.values())), start, failures)


def without_warming_up(measured: Sequence[Measured], workers: int) -> tuple[list[Measured], float]:
    """Take from the workers' first jobs what their set-up takes longer than usual; return it too, in seconds."""
    if len(measured) <= workers:
        return list(measured), 0.0
    usual = median(each.cost.job for each in measured[workers:])
    excess = [max(0.0, each.cost.job - usual) for each in measured[:workers]]
    first = [
        dataclasses.replace(each, cost=dataclasses.replace(each.cost, job=each.cost.job - more))
        for each, more in zip(measured[:workers], excess, strict=True)
    ]
    return [*first, *measured[workers:]], sum(excess)


def _small(job: RenderJob, edge: int, output: OutputFolder) -> RenderJob:
    settings = job.settings
    factor = edge / max(settings.width, settings.height)
    width, height = max(1, round(settings.width * factor)), max(1, round(settings.height * factor))
    return dataclasses.replace(
        job,
        settings=dataclasses.replace(settings, width=width, height=height),
        views=calibrating_views(job.views),
        folder=str(output.renders / f"{job.asset.name}-{edge}"),
        rows_file=str(output.renders / f"{job.asset.name}-{edge}.jsonl"),
    )


def calibrating_views(views: Sequence[View]) -> tuple[View, ...]:
    """Return the views of an object to calibrate: a sharp one, and of many views another one and a blurred one.

    A job's first frame takes longer, which hardly matters where there are few others.
    """
    sharp, blurred = _sharp(views), [view for view in views if is_blurred(view)]
    first, *others = sharp or blurred
    if len(views) < _MANY_VIEWS:
        return (first,)
    return (first, *(some[len(some) // 2] for some in (others, blurred if sharp else []) if some))


def _sharp(views: Sequence[View]) -> list[View]:
    return [view for view in views if not is_blurred(view)]


def _blurred(job: RenderJob) -> set[str]:
    return {view.name for view in job.views if is_blurred(view)}


def pixels_of(job: RenderJob) -> int:
    return job.settings.width * job.settings.height


def _evenly(count: int, most: int) -> list[int]:
    """Return at most ``most`` of the indices 0 .. ``count`` - 1, each from the middle of an equal part."""
    most = min(count, most)
    return [(2 * place + 1) * count // (2 * most) for place in range(most)]
