"""The compositing stage: plan, skip what is there, run the workers, write metadata and card."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from synthmat.atomic import remove_leftovers
from synthmat.compositor.card import write_card
from synthmat.compositor.plan import Plan, plan_samples
from synthmat.compositor.sample_rows import SampleRows
from synthmat.compositor.wand_setup import check_wand, worker_environment
from synthmat.compositor.worker import Batch, failure_row, make_batch
from synthmat.errors import OutputError
from synthmat.executor import LocalExecutor, WorkerSetup, default_workers
from synthmat.layout import SPLITS, Layout
from synthmat.manifest import Row
from synthmat.progress import Progress
from synthmat.recipe import Recipe
from synthmat.records import SampleJob
from synthmat.run_lock import run_lock
from synthmat.stage import RunOptions, StageResult, record_failures

_MOST_SAMPLES = 64
_SAMPLE_TIMEOUT_S = 60.0
_SHOWN = 8


def composite(recipe: Recipe, base: Path, layout: Layout, options: RunOptions) -> StageResult:
    """Make every sample of the recipe that is not there yet.

    Args:
        recipe: The checked recipe.
        base: The folder at which the recipe's relative paths start.
        layout: Where the renders lie and the data set goes.
        options: See `RunOptions`; ``limit`` counts samples and takes them evenly from all that are missing.

    Raises:
        OutputError: There are no renders, another run is writing, or the folder cannot be written to.
        RecipeError: The recipe's photos are not there.
        MissingDependencyError: Wand or ImageMagick is not installed.
    """
    started = time.monotonic()
    plan = plan_samples(recipe, base, layout)
    mine = _shard(plan.jobs, options.shard)
    label = "" if options.shard is None else f"{options.shard[0]}of{options.shard[1]}"
    rows = SampleRows(layout, plan, mine, label)
    result = StageResult("composite", notes=list(plan.notes))
    if options.dry_run:
        result.kept = len(rows.intact())
        result.notes += _preview(mine, result.kept)
        return result
    check_wand()
    with run_lock(layout.dataset, label):
        if not label:
            remove_leftovers(layout.dataset)
        kept = rows.intact()
        rows.clear(kept)
        todo = _evenly([job for job in mine if job.id not in kept], options.limit)
        try:
            failures = _execute(todo, plan, recipe, layout, options, label)
        finally:
            finished = rows.merge()
            write_card(layout, recipe, plan, finished)
    result.kept = len(kept)
    result.made = sum(job.id in finished for job in todo)
    result.failed = len(failures)
    record_failures(layout, "composite", failures, options.shard)
    result.notes += _summary(failures)
    result.seconds = time.monotonic() - started
    return result


def _shard(jobs: tuple[SampleJob, ...], shard: tuple[int, int] | None) -> list[SampleJob]:
    """Return the i-th of n parts, cut so that samples on one photo stay together."""
    by_photo = sorted(jobs, key=_by_photo)
    if shard is None:
        return by_photo
    index, parts = shard
    return by_photo[len(jobs) * (index - 1) // parts : len(jobs) * index // parts]


def _by_photo(job: SampleJob) -> tuple[str, str, str, str]:
    return job.background, job.object, job.view, job.id


def _evenly(jobs: list[SampleJob], limit: int | None) -> list[SampleJob]:
    """Return ``limit`` of the jobs, spread over all of them, so that a trial shows every split and object."""
    if limit is None or limit >= len(jobs):
        return jobs
    return [jobs[len(jobs) * index // limit] for index in range(limit)]


def _preview(jobs: list[SampleJob], kept: int) -> list[str]:
    counts = Counter(job.split for job in jobs)
    shares = ", ".join(f"{split} {counts[split]}" for split in SPLITS if counts[split])
    lines = [f"would make {len(jobs) - kept} of {len(jobs)} samples: {shares}"]
    for job in _evenly(jobs, _SHOWN):
        where = f"scale {job.scale:.2f}, x {job.x:.2f}, y {job.y:.2f}{', mirrored' if job.flip else ''}"
        lines.append(f"{job.split}/{job.id}: {job.object} {job.view} on {job.background_name}, {where}")
    return lines


def _batches(jobs: list[SampleJob], plan: Plan, recipe: Recipe, layout: Layout, label: str, most: int) -> list[Batch]:
    """Group jobs by photo, so that a photo is decoded once for up to ``most`` samples."""
    groups = (tuple(group) for _, group in itertools.groupby(jobs, key=lambda job: job.background))
    return [
        Batch(
            jobs=group[first : first + most],
            settings=plan.settings,
            max_photo_megapixels=recipe.composite.max_photo_megapixels,
            dataset=str(layout.dataset),
            parts=str(layout.parts(layout.dataset)),
            label=label or "all",
        )
        for group in groups
        for first in range(0, len(group), most)
    ]


def _execute(
    jobs: list[SampleJob], plan: Plan, recipe: Recipe, layout: Layout, options: RunOptions, label: str
) -> list[Row]:
    """Run the jobs and return a row for each one that failed."""
    if not jobs:
        return []
    wanted_workers = options.workers or default_workers()
    most = min(_MOST_SAMPLES, max(1, math.ceil(len(jobs) / (4 * wanted_workers))))
    batches = _batches(jobs, plan, recipe, layout, label, most)
    executor = LocalExecutor(
        make_batch,
        workers=max(1, min(wanted_workers, len(batches))),
        setup=WorkerSetup(environment=worker_environment(), log_folder=str(layout.logs(layout.dataset))),
        timeout=lambda batch: _SAMPLE_TIMEOUT_S * (1 + len(batch.jobs)),
    )
    failures: list[Row] = []
    with Progress("composite", len(jobs), unit="samples", quiet=options.quiet) as progress:
        while batches:
            broken: list[Batch] = []
            with contextlib.closing(executor.run(batches)) as outcomes:
                for outcome in outcomes:
                    batch: Batch = outcome.job
                    if outcome.error is None:
                        failures += outcome.result.failures
                    elif outcome.kind == "OutputError":
                        raise OutputError(outcome.error)
                    elif len(batch.jobs) > 1:
                        # One sample brought the others of its batch down: each has another try by itself.
                        broken.append(batch)
                        continue
                    else:
                        failures.append(failure_row(batch.jobs[0], outcome.kind, outcome.error, outcome.attempts))
                    progress.advance(len(batch.jobs))
                    if failures and options.strict:
                        return failures
            again = [job for batch in broken for job in batch.jobs]
            batches = _batches(again, plan, recipe, layout, label, 1)
    return failures


def _summary(failures: list[Row]) -> Iterator[str]:
    """Yield a line for each kind of failure, with the number of samples it cost."""
    by_error: dict[str, list[str]] = defaultdict(list)
    for row in failures:
        by_error[row["error"]].append(row["sample"])
    for error, samples in itertools.islice(by_error.items(), _SHOWN):
        more = f" and {len(samples) - 1} more" if len(samples) > 1 else ""
        yield f"{samples[0]}{more}: {error}"
    if len(by_error) > _SHOWN:
        yield f"and {len(by_error) - _SHOWN} more reasons; see failures.jsonl"
