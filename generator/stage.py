"""The render stage: plan, skip what is there, run the workers, write the manifest."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import importlib.util
import itertools
import math
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from synthmat.errors import MissingDependencyError
from synthmat.executor import Task, WorkerSetup
from synthmat.generator.frame_notes import frame_notes, noted
from synthmat.generator.frame_rows import PartFile, finished_frames, frame_table, merge_manifest, outlook
from synthmat.generator.plan import plan_render
from synthmat.generator.planned_frames import Frame, PlannedFrames, frame_of
from synthmat.progress import Progress
from synthmat.recipe import Recipe
from synthmat.render_job import RenderJob
from synthmat.rows.row_types import FailureRow, FrameRow
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.storage.atomic import remove_leftovers
from synthmat.storage.manifest import append_row, read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.row_table import aside_note
from synthmat.storage.run_lock import run_lock

_MIN_VIEWS, _MAX_VIEWS = 8, 100
_JOBS_PER_WORKER = 100
_LONGEST_PART = 200


def render(recipe: Recipe, base: Path, output: OutputFolder, options: RunOptions) -> StageResult:
    """Render every frame of the recipe that is not there yet.

    Args:
        recipe: The checked recipe.
        base: The folder at which the recipe's relative paths start.
        output: Where the output lies.
        options: See `RunOptions`; ``limit`` counts frames.

    Raises:
        RecipeError: A model or panorama that the recipe names is not there.
        OutputError: Another run is writing to the same folder, or it cannot be written to.
    """
    started = time.monotonic()
    if not options.dry_run:
        need_blender()
    jobs = plan_render(recipe, base, output)
    if options.dry_run:
        result = _planned(jobs, output, options)
    else:
        for words in _estimated(jobs, output, options) if options.estimate else []:
            print(f"render: {words}", file=sys.stderr, flush=True)
        result = render_jobs(jobs, output, options)
    result.seconds = time.monotonic() - started
    return result


def need_blender() -> None:
    """Raise MissingDependencyError where nothing can be rendered."""
    if importlib.util.find_spec("bpy") is None:
        raise MissingDependencyError(
            "rendering needs Blender's Python package, on Python 3.11 or 3.13: pip install 'synthmat[render]'"
        )


def _planned(jobs: list[RenderJob], output: OutputFolder, options: RunOptions) -> StageResult:
    """Return what `render_jobs` would make."""
    found = outlook(output, jobs)
    mine = _shard(jobs, options.shard)
    result = StageResult("render", kept=_kept(mine, found.finished))
    total = sum(len(job.views) for job in mine)
    result.notes.append(f"would render {total - result.kept} frames of {len(mine)} objects, keep {result.kept}")
    result.notes += found.notes("frames")
    if options.estimate:
        result.notes += _estimated(jobs, output, options)
    result.notes += [f"{job.asset.name}: {len(job.views)} views of {job.asset.described}" for job in mine]
    return result


def _estimated(jobs: list[RenderJob], output: OutputFolder, options: RunOptions) -> list[str]:
    """Return what to tell of the time and disk that a run will take; see `estimate.estimate_render`."""
    from synthmat.generator.estimate import estimate_render

    try:
        need_blender()
    except MissingDependencyError as error:
        return [f"no estimate of the time: {error}"]
    done = finished_frames(output, jobs)
    pending = list(_pending(_shard(jobs, options.shard), done, options.limit))
    return estimate_render(jobs, pending, done, output, options, options.worker_count)


def render_jobs(
    jobs: list[RenderJob], output: OutputFolder, options: RunOptions, *, stage: str = "render", unit: str = "frames"
) -> StageResult:
    """Render every frame of the jobs that is not there yet into ``output.renders``, and bring its manifest to them.

    Args:
        jobs: All that is planned; other frames are set aside.
        output: Where ``renders``, its manifest and ``failures`` lie.
        options: See `RunOptions`; ``limit`` counts frames.
        stage: The name in progress, failures and result.
        unit: What progress counts.

    Raises:
        OutputError: Another run is writing to the same folder, or it cannot be written to.
    """
    started = time.monotonic()
    result = StageResult(stage)
    shard = "" if options.shard is None else f"{options.shard[0]}of{options.shard[1]}"
    with run_lock(output.renders, shard):
        options.begun()
        if not shard:
            remove_leftovers(output.renders)
        planned = PlannedFrames(jobs)
        merge_manifest(output, planned, shard)
        mine = _shard(jobs, options.shard)
        done = finished_frames(output, planned if options.shard is None else mine)
        result.kept = _kept(mine, done)
        workers = options.worker_count
        pending = list(_pending(mine, done, options.limit))
        chunks = [_with_part(job, output, shard) for job in cut_jobs(pending, workers)]
        failures: list[FailureRow] = []
        try:
            if chunks:
                progress = Progress(stage, sum(len(job.views) for job in chunks), unit=unit, quiet=options.quiet)
                used = max(1, min(workers, len(chunks)))
                on_end = functools.partial(_note_setup, output)
                for failure in execute_jobs(chunks, output, options, used, progress, on_end=on_end):
                    failures.append(failure)
                    if options.strict:
                        break
        finally:
            failures = _joined(failures)
            if chunks:
                merge_manifest(output, planned, shard)
            record_failures(output, stage, failures, options.shard)
            if not shard:
                remove_leftovers(output.renders)
        begun = {(job.asset.name, view.name) for job in chunks for view in job.views}
        listed = read_rows(output.render_manifest, FrameRow) if begun else ()
        rows = {frame_of(row): noted(row) for row in listed if frame_of(row) in begun}
        aside = sum(1 for _ in frame_table(output).stale)
        made = [rows.get((job.asset.name, view.name)) for job in chunks for view in job.views]
    result.made = sum(row is not None for row in made)
    told = sum(len(row.get("views", ())) for row in failures)
    result.failed = told if options.strict else len(made) - result.made
    result.notes += frame_notes([row for row in made if row])
    result.notes += aside_note(aside, unit, output.renders)
    result.notes += [f"{row.get('job')}: {row['error']}" for row in failures]
    result.seconds = time.monotonic() - started
    return result


def _kept(jobs: list[RenderJob], done: Collection[Frame]) -> int:
    return sum((job.asset.name, view.name) in done for job in jobs for view in job.views)


def _pending(jobs: list[RenderJob], done: Collection[Frame], limit: int | None) -> Iterator[RenderJob]:
    """Yield the jobs with the views that are still to be made, ``limit`` views in all."""
    left = math.inf if limit is None else limit
    for job in jobs:
        views = [view for view in job.views if (job.asset.name, view.name) not in done]
        views = views[: int(min(left, len(views)))]
        left -= len(views)
        if views:
            yield dataclasses.replace(job, views=tuple(views))


def _shard(jobs: list[RenderJob], shard: tuple[int, int] | None) -> list[RenderJob]:
    """Return the i-th of n parts of all frames, cut so that the views of an object stay together where they can."""
    if shard is None:
        return jobs
    index, parts = shard
    total = sum(len(job.views) for job in jobs)
    first, last = total * (index - 1) // parts, total * index // parts
    mine, position = [], 0
    for job in jobs:
        views = job.views[max(0, first - position) : max(0, last - position)]
        position += len(job.views)
        if views:
            mine.append(dataclasses.replace(job, views=views))
    return mine


def cut_jobs(jobs: Sequence[RenderJob], workers: int) -> Iterator[RenderJob]:
    """Cut jobs with many views, so that a crash costs little, and the last ones, so that all workers end together.

    A piece has 100 views at most, and no more than each worker's share of what is left.
    """
    left = sum(len(job.views) for job in jobs)
    most = min(_MAX_VIEWS, max(_MIN_VIEWS, math.ceil(left / (4 * workers))))
    for job in jobs:
        pieces = math.ceil(len(job.views) / min(most, math.ceil(left / workers)))
        left -= len(job.views)
        for piece in range(pieces):
            views = job.views[len(job.views) * piece // pieces : len(job.views) * (piece + 1) // pieces]
            yield dataclasses.replace(job, views=views)


def _with_part(job: RenderJob, output: OutputFolder, shard: str) -> RenderJob:
    """Give a job the file in which its rows wait for the manifest."""
    name = f"{job.asset.name}-{job.views[0].name}"
    if len(name.encode()) > _LONGEST_PART:
        name = hashlib.sha256(name.encode()).hexdigest()
    return dataclasses.replace(job, rows_file=str(output.parts(output.renders) / f"{shard}-{name}.jsonl"))


def execute_jobs(
    chunks: Sequence[RenderJob],
    output: OutputFolder,
    options: RunOptions,
    workers: int,
    progress: Progress,
    *,
    on_end: Callable[[RenderJob, float], None],
    max_seconds: float = math.inf,
) -> Iterator[FailureRow]:
    """Run the jobs on worker processes; yield a row for each one that fails, as it does.

    Args:
        chunks: The jobs, each with a file of its own for its rows.
        output: Where the workers' logs go.
        options: See `RunOptions`; ``device`` and ``quiet`` count here.
        workers: The number of processes.
        progress: Is told of the finished frames.
        on_end: Called with each job that was done, and the seconds it took.
        max_seconds: No job is begun after so many seconds.
    """
    began = time.monotonic()
    watch = _Watch(chunks)
    threads = max(1, options.executor.slots() // workers)
    task = Task(
        _render_job,
        workers=workers,
        setup=WorkerSetup(
            environment={"OMP_NUM_THREADS": str(threads)},
            log_folder=str(output.logs(output.renders)),
            prepare=functools.partial(_prepare, device=options.device, threads=threads),
        ),
        timeout=lambda job: 30 + job.timeout_s * len(job.views),
        jobs_per_worker=_JOBS_PER_WORKER,
        start_timeout=max(job.start_timeout_s for job in chunks),
        threads=threads,
        gpus=0.0 if options.device in ("auto", "cpu") else 1.0,
        memory_bytes=max(job.memory_bytes for job in chunks),
        on_wait=watch.poll,
        hung=watch.hung,
        retry=watch.rest,
    )
    with progress:
        watch.progress = progress
        begun = itertools.takewhile(lambda _job: time.monotonic() - began < max_seconds, chunks)
        with contextlib.closing(options.executor.run(task, begun)) as outcomes:
            for outcome in outcomes:
                watch.ended(outcome.job)
                if outcome.result is not None:
                    on_end(outcome.job, outcome.result)
                if outcome.error is not None and (rest := watch.rest(outcome.job)) is not None:
                    yield {
                        "job": outcome.job.asset.name,
                        "file": outcome.job.asset.described,
                        "views": [view.name for view in rest.views],
                        "kind": outcome.kind,
                        "error": outcome.error,
                        "attempts": outcome.attempts,
                    }
                    # After it was taken note of: who is told and interrupts then finds it in the file.
                    progress.tell(f"{outcome.job.asset.name}: {outcome.error}")


def _note_setup(output: OutputFolder, job: RenderJob, seconds: float) -> None:
    """Keep what a job took besides the seconds in its frames' rows, for estimates."""
    views = {view.name for view in job.views}
    rows = read_rows(Path(job.rows_file), FrameRow)
    setup = seconds - sum(row.get("seconds", 0.0) for row in rows if row["view"] in views)
    append_row(output.render_setup, {"object": job.asset.name, "seconds": round(max(0.0, setup), 4)})


def _joined(failures: list[FailureRow]) -> list[FailureRow]:
    """Join the rows of pieces of one object that failed for the same reason."""
    joined: dict[tuple[str, str], FailureRow] = {}
    for row in failures:
        first = joined.setdefault((row.get("job", ""), row["error"]), row)
        if first is not row:
            first["views"] = sorted({*first.get("views", ()), *row.get("views", ())})
    return list(joined.values())


class _Watch:
    """Follows the part files of the jobs that run: for the progress bar, hung jobs, and what a retry must make."""

    def __init__(self, jobs: Sequence[RenderJob]) -> None:
        self._parts = {job.rows_file: PartFile(Path(job.rows_file)) for job in jobs}
        self._running: set[str] = set()
        self._moved: dict[str, float] = {}
        self._rows = 0
        self.progress: Progress | None = None

    def poll(self) -> None:
        """Look at the files of the jobs that run; those of a million others would keep a file server busy."""
        for name in self._running:
            before = self._parts[name].rows
            if self._parts[name].poll():
                self._moved[name] = time.monotonic()
            self._rows += self._parts[name].rows - before
        if self.progress is not None:
            self.progress.advance_to(self._rows)

    def ended(self, job: RenderJob) -> None:
        """Look at a job's file for the last time."""
        self._running.add(job.rows_file)
        self.poll()
        self._running.discard(job.rows_file)

    def hung(self, job: RenderJob) -> bool:
        """Tell whether a running job gave no sign of life, a finished pass of a frame, for longer than its limit."""
        self._running.add(job.rows_file)
        since = self._moved.setdefault(job.rows_file, time.monotonic())
        return time.monotonic() - since > job.timeout_s

    def rest(self, job: RenderJob) -> RenderJob | None:
        """Return the job without the frames that it has finished, None if it has them all; start its clock anew."""
        self._moved.pop(job.rows_file, None)
        finished = {row["view"] for row in read_rows(Path(job.rows_file), FrameRow)}
        views = tuple(view for view in job.views if view.name not in finished)
        return dataclasses.replace(job, views=views) if views else None


def _prepare(slot: int, *, device: str, threads: int) -> None:
    from synthmat.blender_scenes import worker

    worker.prepare(slot, device=device, threads=threads)


def _render_job(job: RenderJob) -> float:
    """Render a job and return the seconds it took, set-up included."""
    from synthmat.blender_scenes import worker

    began = time.monotonic()
    worker.render_job(job)
    return time.monotonic() - began
