"""How long rendering will take and how much disk it needs: from finished frames, else from small calibrating ones."""

from __future__ import annotations

import math
import shutil
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.generator.calibration import calibrate, choose, pixels_of
from synthmat.generator.frame_cost import (
    Cost,
    finished_costs,
    is_blurred,
    kind_of,
    mean_cost,
    scaled_costs,
    spread_of,
)
from synthmat.generator.planned_frames import Frame
from synthmat.generator.stage import cut_jobs
from synthmat.render_job import RenderJob
from synthmat.rows.row_types import FrameRow, SetupRow
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

_WORTH_IT = 24
_START_S = 5.0
_UNSURE, _SURER = 0.3, 0.1
"""What is unsure of every estimate: by other load, and by what does not grow with pixels; less so where frames of full
size were measured."""


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
    blurred = {(job.asset.name, view.name) for job in jobs for view in job.views if is_blurred(view)}
    known = finished_costs(done.values(), read_rows(output.render_setup, SetupRow), blurred)
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
        found = calibrate(samples, options, workers)
        spent = time.monotonic() - began
        notes += found.failures
        known = scaled_costs(found.measured, pixels_of(samples[0])) | known
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
    everything = mean_cost(costs.values())
    means = {kind: mean_cost(its) for kind, its in kinds.items()}
    spread = spread_of(kinds.values())
    work, size, longest = 0.0, 0.0, 0.0
    guessed: dict[str, float] = defaultdict(float)
    for piece in cut_jobs(pending, workers):
        kind = kind_of(piece.asset)
        mean = means.get(kind, everything)
        cost = costs.get(piece.asset.name) or mean
        blur = cost.blur or mean.blur or everything.blur or 1.0
        seconds = cost.job + cost.frame * sum(blur if is_blurred(view) else 1.0 for view in piece.views)
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
