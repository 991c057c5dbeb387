"""How long rendering will take and how much disk it needs: from finished frames, else from small calibrating ones."""

from __future__ import annotations

import dataclasses
import math
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from synthmat.generator.frame_rows import Frame
from synthmat.generator.stage import cut_jobs, execute_jobs
from synthmat.progress import Progress
from synthmat.render_job import Asset, RenderJob
from synthmat.rows.row_types import FrameRow, SetupRow
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.scratch import scratch_folder

MAX_OBJECTS = 14
"""Objects of which calibrating frames are made."""

_FRAMES_AN_OBJECT = 12
"""One object is calibrated for so many frames to come, so that a short run is not dwarfed by its estimate."""
_WORTH_IT = 24
_MAX_SECONDS = 90.0
_MIN_EDGE, _MAX_EDGE = 96, 256
_MIN_PAIRS, _MAX_PAIRS = 2, 3
_MANY_VIEWS = 6
_ENOUGH_MODELS = 8
_START_S = 5.0
_SPREAD, _UNSURE, _SURER = 0.4, 0.3, 0.1
"""Relative spread of objects of one kind where none was measured twice, and what is unsure of every estimate: by other
load, and by what does not grow with pixels; less so where frames of full size were measured."""


@dataclass(frozen=True)
class Cost:
    """What one object takes: seconds and bytes a frame, and the seconds that each job with some of its frames adds."""

    frame: float
    job: float
    bytes: float


@dataclass(frozen=True)
class Measured:
    """A calibrating job: the object, its pixels a frame, and its cost at that size."""

    name: str
    pixels: int
    cost: Cost


@dataclass(frozen=True)
class Estimate:
    """Seconds of wall clock with the least and the most that is likely, and bytes of disk."""

    seconds: float
    least: float
    most: float
    bytes: float
    workers: int
    source: str

    @property
    def text(self) -> str:
        """A line for people, such as ``about 50 minutes on 2 workers (35 to 70), 410 MB of disk, from 80 frames``."""
        unit, size = _unit(self.seconds)
        middle, least, most = (_rounded(value / size) for value in (self.seconds, self.least, self.most))
        workers = f"{self.workers} worker{'' if self.workers == 1 else 's'}"
        words = f"about {middle} {unit} on {workers} ({least} to {most}), {_megabytes(self.bytes)} of disk"
        return f"{words}, from {self.source}"


def estimate_render(
    jobs: Sequence[RenderJob],
    pending: Sequence[RenderJob],
    done: Mapping[Frame, FrameRow],
    output: OutputFolder,
    options: RunOptions,
    workers: int,
) -> list[str]:
    """Return what to tell of the time and disk that the pending frames will take; may render calibrating frames.

    Frames of kinds of objects of which none is finished are rendered smaller, with the recipe's true settings, into a
    temporary folder.

    Args:
        jobs: All jobs of the recipe.
        pending: The jobs with the views that are to be made.
        done: The rows of the recipe's finished frames.
        output: Where the output will lie; its disk is looked at.
        options: See `RunOptions`.
        workers: How many processes will render.
    """
    if not pending:
        return []
    known = finished_costs(done.values(), read_rows(output.render_setup, SetupRow))
    kinds = {job.asset.name: kind_of(job.asset) for job in jobs}
    samples = choose(pending, known, kinds)
    notes: list[str] = []
    frames = sum(len(job.views) for job in pending)
    if samples and not options.dry_run and frames < _WORTH_IT:
        return [f"{frames} frames, too few for calibrating frames to be worth it; --dry-run makes some all the same"]
    source, start = f"{len(done)} finished frame{'' if len(done) == 1 else 's'}", _START_S
    unsure = _SURER
    if samples:
        began = time.monotonic()
        found = _calibrate(samples, options, workers)
        spent = time.monotonic() - began
        notes += found.failures
        known = scaled_costs(found.measured, _pixels(samples[0])) | known
        made = f"{found.frames} calibrating frame{'' if found.frames == 1 else 's'} ({_duration(spent)})"
        source = f"{source} and {made}" if done else made
        start, unsure = found.start, _UNSURE
    if not known:
        return [*notes, "no frame could be rendered, so there is no estimate of the time"]
    estimate = estimate_total(pending, known, kinds, workers, source, start=start, unsure=unsure)
    notes.insert(0, estimate.text)
    free = shutil.disk_usage(_existing(output.root)).free
    if estimate.bytes > free:
        notes.append(f"only {_megabytes(free)} of disk are free at {_existing(output.root)}")
    return notes


def finished_costs(rows: Iterable[FrameRow], setups: Iterable[SetupRow]) -> dict[str, Cost]:
    """Return the cost of each object that has finished frames, from their rows and those of the jobs' set-up."""
    frames: dict[str, list[FrameRow]] = defaultdict(list)
    for row in rows:
        if "seconds" in row and "bytes" in row:
            frames[row["object"]].append(row)
    seconds: dict[str, list[float]] = defaultdict(list)
    for setup in setups:
        seconds[setup["object"]].append(setup["seconds"])
    everywhere = [value for values in seconds.values() for value in values]
    usual = fmean(everywhere) if everywhere else 0.0
    return {
        name: Cost(
            fmean(row["seconds"] for row in its),
            fmean(seconds[name]) if name in seconds else usual,
            fmean(row["bytes"] for row in its),
        )
        for name, its in frames.items()
    }


def kind_of(asset: Asset) -> str:
    """Return what objects of about equal cost have in common: the built-in family, the model file, being a group."""
    return "group" if asset.members else f"built-in {asset.builtin}" if asset.builtin else f"model {asset.identity}"


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


def scaled_costs(measured: Sequence[Measured], pixels: int) -> dict[str, Cost]:
    """Return the cost of each measured object at full size, ``pixels`` a frame.

    Seconds and bytes are taken as ``fixed + slope * pixels``, with the share of what is fixed from all objects that
    were measured at two sizes; set-up does not grow.
    """
    sizes: dict[str, list[Measured]] = defaultdict(list)
    for each in measured:
        sizes[each.name].append(each)
    pairs = []
    for several in sizes.values():
        several.sort(key=lambda each: each.pixels)
        if several[0].pixels < several[-1].pixels:
            pairs.append((several[0], several[-1]))
    shares = {key: _fixed([(s.pixels, getattr(s.cost, key), b.pixels, getattr(b.cost, key)) for s, b in pairs])
              for key in ("frame", "bytes")}  # fmt: skip
    costs = {}
    for name, several in sizes.items():
        largest = several[-1]
        frame, size = (
            getattr(largest.cost, key) * _growth(shares[key], largest.pixels, pixels) for key in ("frame", "bytes")
        )
        costs[name] = Cost(frame, several[0].cost.job, size)
    return costs


def _fixed(pairs: Sequence[tuple[int, float, int, float]]) -> float:
    """Return how many pixels cost as much as what is fixed, from (pixels, cost, more pixels, cost) of some objects."""
    if not pairs:
        return 0.0
    slope = sum(more - less for _, less, _, more in pairs) / sum(large - small for small, _, large, _ in pairs)
    fixed = fmean(less - slope * small for small, less, _, _ in pairs)
    # What grows faster than its pixels has no fixed part; what does not grow at all is taken to be mostly fixed.
    least = fmean(less / small for small, less, _, _ in pairs) / 20
    return max(0.0, fixed / max(slope, least)) if slope > 0 or fixed > 0 else 0.0


def _growth(fixed: float, pixels: int, wanted: int) -> float:
    return (fixed + wanted) / (fixed + pixels)


def estimate_total(
    pending: Sequence[RenderJob],
    costs: Mapping[str, Cost],
    names: Mapping[str, str],
    workers: int,
    source: str,
    *,
    start: float = _START_S,
    unsure: float = _UNSURE,
) -> Estimate:
    """Return the estimate for all pending frames.

    Args:
        pending: The jobs with the views that are to be made.
        costs: The cost of some objects at full size; of others it is the mean of their kind, else of all.
        names: The kind of each object of the recipe.
        workers: How many processes will render.
        source: Where the costs come from, for people.
        start: Seconds until the workers have started.
        unsure: Relative error besides that of the sample.
    """
    kinds: dict[str, list[Cost]] = defaultdict(list)
    for name, cost in costs.items():
        kinds[names[name]].append(cost)
    everything = _mean(costs.values())
    means = {kind: _mean(its) for kind, its in kinds.items()}
    spread = _spread(kinds.values())
    work, size, longest = 0.0, 0.0, 0.0
    guessed: dict[str, float] = defaultdict(float)
    for piece in cut_jobs(pending, workers):
        kind = kind_of(piece.asset)
        cost = costs.get(piece.asset.name) or means.get(kind, everything)
        seconds = cost.job + len(piece.views) * cost.frame
        work += seconds
        size += len(piece.views) * cost.bytes
        longest = max(longest, seconds)
        if piece.asset.name not in costs:
            guessed[kind if kind in means else ""] += seconds
    error = math.sqrt(
        sum((seconds * spread) ** 2 / max(1, len(kinds.get(kind, costs))) for kind, seconds in guessed.items())
    )
    relative = 1.5 * error / work + unsure if work else unsure
    used = max(1, min(workers, sum(1 for _ in cut_jobs(pending, workers))))
    seconds = max(work / used, longest) + start
    return Estimate(seconds, seconds / (1 + relative), seconds * (1 + relative), size, used, source)


def _mean(costs: Iterable[Cost]) -> Cost:
    several = list(costs)
    return Cost(*(fmean(getattr(cost, field.name) for cost in several) for field in dataclasses.fields(Cost)))


def _spread(kinds: Iterable[Sequence[Cost]]) -> float:
    """Return the relative standard deviation of a frame's seconds among objects of one kind."""
    squares, freedom = 0.0, 0
    for costs in kinds:
        mean = fmean(cost.frame for cost in costs)
        if len(costs) > 1 and mean > 0:
            squares += sum((cost.frame / mean - 1) ** 2 for cost in costs)
            freedom += len(costs) - 1
    return math.sqrt(squares / freedom) if freedom > 1 else _SPREAD


@dataclass(frozen=True)
class _Calibration:
    measured: list[Measured]
    frames: int
    start: float
    failures: list[str]


def _calibrate(samples: Sequence[RenderJob], options: RunOptions, workers: int) -> _Calibration:
    """Render a small frame of each sample, two where it has many views, and larger ones of the costliest.

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
        more = _measure([_small(job, large, output) for job in costly], output, options, workers, left)
    return _Calibration(
        [*first.measured, *more.measured], first.frames + more.frames, first.start, first.failures + more.failures
    )


def _measure(
    jobs: Sequence[RenderJob], output: OutputFolder, options: RunOptions, workers: int, max_seconds: float
) -> _Calibration:
    """Render calibrating jobs; none is begun after ``most_seconds``."""
    began = time.monotonic()
    ended: dict[str, float] = {}
    progress = Progress("calibrate", sum(len(job.views) for job in jobs), unit="frames", quiet=options.quiet)
    used = max(1, min(workers, len(jobs)))
    failed = execute_jobs(
        jobs, output, options, used, progress,
        on_end=lambda job, seconds: ended.update({job.rows_file: seconds}), max_seconds=max_seconds,
    )  # fmt: skip
    failures = [f"{row['job']}: no calibrating frame: {row['error']}" for row in failed]
    spent = time.monotonic() - began
    rows = {job.rows_file: list(read_rows(Path(job.rows_file), FrameRow)) for job in jobs if job.rows_file in ended}
    measured = [
        Measured(job.asset.name, _pixels(job), job_cost(rows[job.rows_file], ended[job.rows_file]))
        for job in jobs
        if rows.get(job.rows_file)
    ]
    measured, warming = without_warming_up(measured, used)
    # As long as there was no work for the workers, they started.
    start = min(30.0, max(0.0, spent - sum(ended.values()) / used) + warming / used)
    return _Calibration(measured, sum(map(len, rows.values())), start, failures)


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


def job_cost(rows: Sequence[FrameRow], seconds: float) -> Cost:
    """Return the cost that a job's rows and its seconds in all tell; what its first frame takes longer is set-up."""
    last = float(rows[-1]["seconds"])
    return Cost(last, max(0.0, seconds - last * len(rows)), fmean(row["bytes"] for row in rows))


def _small(job: RenderJob, edge: int, output: OutputFolder) -> RenderJob:
    settings = job.settings
    factor = edge / max(settings.width, settings.height)
    width, height = max(1, round(settings.width * factor)), max(1, round(settings.height * factor))
    return dataclasses.replace(
        job,
        settings=dataclasses.replace(settings, width=width, height=height),
        # A job's first frame takes longer, which hardly matters where there are few others.
        views=(job.views[0], job.views[len(job.views) // 2]) if len(job.views) >= _MANY_VIEWS else job.views[:1],
        folder=str(output.renders / f"{job.asset.name}-{edge}"),
        rows_file=str(output.renders / f"{job.asset.name}-{edge}.jsonl"),
    )


def _pixels(job: RenderJob) -> int:
    return job.settings.width * job.settings.height


def _evenly(count: int, most: int) -> list[int]:
    """Return at most ``most`` of the indices 0 .. ``count`` - 1, each from the middle of an equal part."""
    most = min(count, most)
    return [(2 * place + 1) * count // (2 * most) for place in range(most)]


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _unit(seconds: float) -> tuple[str, float]:
    if seconds < 90:
        return "seconds", 1.0
    return ("minutes", 60.0) if seconds < 90 * 60 else ("hours", 3600.0)


def _rounded(value: float) -> str:
    """Return a number with two digits that count, without a point from 10 on."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{round(value, 1 - math.floor(math.log10(value))):.0f}"


def _duration(seconds: float) -> str:
    unit, size = _unit(seconds)
    return f"{_rounded(seconds / size)} {unit}"


def _megabytes(size: float) -> str:
    return f"{_rounded(size / 1e9)} GB" if size >= 1e9 else f"{_rounded(size / 1e6)} MB"
