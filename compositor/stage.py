"""The compositing stage: plan, skip what is there, run the workers, write metadata and card."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from synthmat.compositor.batch_watch import BatchWatch
from synthmat.compositor.card.card import write_card
from synthmat.compositor.imaging.wand_setup import check_wand, worker_environment
from synthmat.compositor.planning.entries import Entries, Entry
from synthmat.compositor.planning.plan import Plan, digest_cache, plan_samples
from synthmat.compositor.sample_rows import SampleRows
from synthmat.compositor.video.clip_videos import update_videos
from synthmat.compositor.video.video import check_video
from synthmat.compositor.worker import Batch, cannot_write, failure_row, make_batch
from synthmat.errors import OutputError
from synthmat.executor import Task, WorkerSetup
from synthmat.progress import Progress
from synthmat.recipe import Recipe
from synthmat.rows.row_types import FailureRow
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.storage.atomic import remove_leftovers
from synthmat.storage.digests import forget
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.row_table import aside_note
from synthmat.storage.run_lock import run_lock

_MAX_SAMPLES = 64
_SHOWN = 8
_LISTED = 200


def composite(recipe: Recipe, base: Path, output: OutputFolder, options: RunOptions) -> StageResult:
    """Make every sample of the recipe that is not there yet.

    Args:
        recipe: The checked recipe.
        base: The folder at which the recipe's relative paths start.
        output: Where the renders lie and the data set goes.
        options: See `RunOptions`; ``limit`` counts samples and takes them evenly from all that are missing.

    Raises:
        OutputError: There are no renders, another run is writing, or the folder cannot be written to.
        RecipeError: The recipe's photos are not there.
        MissingDependencyError: Wand or ImageMagick is not installed.
    """
    started = time.monotonic()
    plan = plan_samples(recipe, base, output, remember=not options.dry_run)
    mine = _shard(plan, options.shard)
    label = "" if options.shard is None else f"{options.shard[0]}of{options.shard[1]}"
    rows = SampleRows(output, plan, mine, label)
    result = StageResult("composite", notes=list(plan.notes))
    if options.dry_run:
        found = rows.outlook()
        result.kept = len(found.finished)
        missing = mine.where(lambda entry: entry.id not in found.finished)
        result.notes += _planned(plan, mine, missing, options.limit)
        result.notes += found.notes("samples")
        return result
    check_wand()
    if recipe.composite.clips.video:
        check_video()
    with run_lock(output.dataset, label), _told_as_output_error(output.dataset):
        options.begun()
        if not label:
            remove_leftovers(output.dataset)
        kept = rows.take_up()
        todo = _evenly(mine.where(lambda entry: entry.id not in kept), options.limit)
        try:
            failures = _execute(todo, plan, output, options, label)
        except BaseException:
            # Rows that cannot be written now, for example since the disk is full, wait in the part files.
            with contextlib.suppress(OSError):
                write_card(output, recipe, plan, rows.merge())
            raise
        finished = rows.merge()
        # A worker may have been ended just after it had finished.
        failures = [row for row in failures if row.get("sample") not in finished]
        write_card(output, recipe, plan, finished)
        remarks, without_video = update_videos(output, plan, finished, options)
    result.kept = len(kept)
    result.made = sum(entry.id in finished for entry in todo)
    result.failed = len(failures) + len(without_video)
    record_failures(output, "composite", failures + without_video, options.shard)
    result.notes += [*remarks, *_summary(failures + without_video)]
    result.notes += aside_note(rows.aside, "samples", output.dataset)
    result.seconds = time.monotonic() - started
    return result


@contextlib.contextmanager
def _told_as_output_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(cannot_write(folder, error)) from None


def _shard(plan: Plan, shard: tuple[int, int] | None) -> Entries:
    """Return the i-th of n parts, cut so that samples on one photo stay together."""
    by_photo = plan.entries.by_photo()
    if shard is None:
        return by_photo
    index, parts = shard
    return by_photo[len(by_photo) * (index - 1) // parts : len(by_photo) * index // parts]


def _evenly(entries: Entries, limit: int | None) -> Entries:
    """Return ``limit`` of the samples, spread over all of them, so that a trial shows every split and object."""
    return entries if limit is None or limit >= len(entries) else entries.evenly(limit)


def _planned(plan: Plan, mine: Entries, missing: Entries, limit: int | None) -> list[str]:
    """Return what would be made: how many of all in each split, and a line each; of very many, some from all over."""
    todo = _evenly(missing, limit)
    counts = Counter(entry.split for entry in todo)
    shares = ", ".join(f"{split} {counts[split]}" for split in SPLITS if counts[split])
    lines = [f"would make {len(todo)} of {len(mine)} samples{f': {shares}' if shares else ''}"]
    listed = sorted(_evenly(todo, _LISTED), key=lambda entry: (SPLITS.index(entry.split), entry.id))
    for entry in listed:
        job = plan.job(entry)
        first = job.layers[0]
        more = f" and {len(job.layers) - 1} more" if len(job.layers) > 1 else ""
        where = f"scale {first.scale:.2f}, x {first.x:.2f}, y {first.y:.2f}{', mirrored' if first.flip else ''}"
        what = f"{first.foreground.object} {first.foreground.view}{more}"
        lines.append(f"{job.split}/{job.id}: {what} on {job.backdrop.name}, {where}")
    if len(listed) < len(todo):
        lines.append(f"and {len(todo) - len(listed):,} more; these are spread evenly over all")
    return lines


def _batches(entries: Iterable[Entry], plan: Plan, output: OutputFolder, label: str, most: int) -> Iterator[Batch]:
    """Group samples by photo, so that a photo is decoded once for up to ``most`` of them."""
    for _, group in itertools.groupby(entries, key=lambda entry: entry.photo):
        while its := tuple(itertools.islice(group, most)):
            yield Batch(
                jobs=tuple(map(plan.job, its)),
                settings=plan.settings,
                max_photo_megapixels=plan.recipe.composite.max_photo_megapixels,
                dataset=str(output.dataset),
                parts=str(output.parts(output.dataset)),
                label=label or "all",
            )


def _execute(todo: Entries, plan: Plan, output: OutputFolder, options: RunOptions, label: str) -> list[FailureRow]:
    """Run the jobs and return a row for each one that failed."""
    if not todo:
        return []
    workers = options.worker_count
    most = min(_MAX_SAMPLES, max(1, math.ceil(len(todo) / (4 * workers))))
    config = plan.recipe.composite
    watch = BatchWatch(config.sample_timeout)
    task = Task(
        make_batch,
        workers=max(1, min(workers, math.ceil(len(todo) / most))),
        setup=WorkerSetup(environment=worker_environment(), log_folder=str(output.logs(output.dataset))),
        timeout=lambda batch: config.sample_timeout * (1 + len(batch.jobs)),
        start_timeout=config.start_timeout,
        hung=watch.hung,
        retry=watch.again,
    )
    failures: list[FailureRow] = []
    with Progress("composite", len(todo), unit="samples", quiet=options.quiet) as progress:
        while todo:
            broken: list[Batch] = []
            with contextlib.closing(options.executor.run(task, _batches(todo, plan, output, label, most))) as outcomes:
                for outcome in outcomes:
                    batch: Batch = outcome.job
                    if outcome.error is None:
                        failures += outcome.result.failures
                        forget(digest_cache(output), outcome.result.changed)
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
            again = frozenset(job.id for batch in broken for job in batch.jobs)
            todo, most = _named(todo, again), 1
    return failures


def _named(entries: Entries, names: Container[str]) -> Entries:
    return entries.where(lambda entry: entry.id in names)


def _summary(failures: list[FailureRow]) -> Iterator[str]:
    """Yield a line for each kind of failure, with the number of samples it cost."""
    by_error: dict[str, list[str]] = defaultdict(list)
    for row in failures:
        by_error[row["error"]].append(row.get("sample", ""))
    for error, samples in itertools.islice(by_error.items(), _SHOWN):
        more = f" and {len(samples) - 1} more" if len(samples) > 1 else ""
        yield f"{samples[0]}{more}: {error}"
    if len(by_error) > _SHOWN:
        yield f"and {len(by_error) - _SHOWN} more reasons; see failures.jsonl"
