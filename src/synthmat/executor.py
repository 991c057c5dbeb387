"""Runs jobs on worker processes such that a crash, a hang or a kill costs one job and never the run.

One pool of a single spawned process for each slot (pebble): a worker that dies is replaced and its slot, and with it
the slot's GPU, stays the same. A job whose worker crashed or hung is tried once more, then reported as failed; an
exception raised by the job itself is reported at once, since it would come again. Workers never import the caller's
main module, so a script needs no ``if __name__ == "__main__"``; see `synthmat.spawning`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from synthmat.errors import SynthmatError
from synthmat.spawning import SpawnWithoutMain

Job = TypeVar("Job")
_POLL_S = 0.5
_start_errors: list[str] = []


@dataclass(frozen=True)
class Outcome(Generic[Job]):
    """What became of a job: its result, or its error and the attempts made."""

    job: Job
    result: Any = None
    error: str | None = None
    kind: str = ""
    attempts: int = 1


@dataclass(frozen=True)
class WorkerSetup:
    """What each worker process is given before its first job.

    ``environment`` is set before the first job, ``log_folder`` receives ``worker-<slot>.log`` with all that
    the process prints, and ``prepare`` is then called with the slot's number.
    """

    environment: dict[str, str]
    log_folder: str
    prepare: Callable[[int], None] | None = None


class WorkerStartError(SynthmatError):
    """A worker process could not be prepared, so no job can run."""


class Executor(Protocol):
    """Runs jobs somewhere, in any order."""

    def run(self, jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends."""


class LocalExecutor:
    """Runs ``function(job)`` on worker processes of this machine.

    `run` raises `WorkerStartError` if the processes cannot be prepared.

    Args:
        function: A module-level function of one job; its result must be picklable.
        workers: Number of slots.
        setup: See `WorkerSetup`.
        timeout: Seconds that a job may take.
        jobs_per_worker: A worker process is replaced after so many jobs (0: never).
        on_wait: Called at least twice a second while jobs run, for progress.
        hung: Asked as often of each running job; a job that hangs is ended like one that took too long.
        retry: Makes the job for the second attempt, for example without the frames that are finished; None if nothing
            of it is left to do, which counts as done.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        workers: int,
        setup: WorkerSetup,
        timeout: Callable[[Any], float],
        jobs_per_worker: int = 0,
        on_wait: Callable[[], None] = lambda: None,
        hung: Callable[[Any], bool] = lambda _job: False,
        retry: Callable[[Any], Any | None] = lambda job: job,
    ) -> None:
        self._function = function
        self._workers = workers
        self._setup = setup
        self._timeout = timeout
        self._jobs_per_worker = jobs_per_worker
        self._on_wait = on_wait
        self._hung = hung
        self._retry = retry

    def run(self, jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends; jobs are taken from the iterable only when a slot is free."""
        waiting = iter(jobs)
        again: deque[tuple[Job, int]] = deque()
        pools = [self._pool(slot) for slot in range(self._workers)]
        free = deque(range(self._workers))
        running: dict[ProcessFuture[Any], tuple[int, Job, int]] = {}
        finished = False
        try:
            while True:
                while free:
                    if again:
                        job, attempt = again.popleft()
                    else:
                        try:
                            job, attempt = next(waiting), 1
                        except StopIteration:
                            break
                    slot = free.popleft()
                    if not pools[slot].active:
                        pools[slot] = self._pool(slot)
                    future = pools[slot].schedule(_run_job, args=(self._function, job), timeout=self._timeout(job))
                    running[future] = (slot, job, attempt)
                if not running:
                    finished = True
                    return
                wait(running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                self._on_wait()
                for future in [future for future in running if not future.done()]:
                    if self._hung(running[future][1]):
                        future.cancel()  # type: ignore[no-untyped-call]  # pebble's method has no annotations
                for future in [future for future in running if future.done()]:
                    slot, job, attempt = running.pop(future)
                    free.append(slot)
                    outcome = self._outcome(future, slot, job, attempt)
                    if outcome.kind in ("crash", "timeout"):
                        rest = self._retry(job)
                        if rest is None:
                            outcome = Outcome(job, attempts=attempt)
                        elif attempt == 1:
                            again.append((rest, 2))
                            continue
                    yield outcome
        finally:
            for pool in pools:
                end = pool.close if finished else pool.stop
                end()  # type: ignore[no-untyped-call]  # nor have these
            for pool in pools:
                pool.join()

    def _pool(self, slot: int) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=self._jobs_per_worker,
            context=SpawnWithoutMain(),
            initializer=_start_worker,
            initargs=(self._setup, slot, os.getpid()),
        )

    def _outcome(self, future: Future[Any], slot: int, job: Job, attempt: int) -> Outcome[Job]:
        log = Path(self._setup.log_folder) / f"worker-{slot}.log"
        try:
            return Outcome(job, result=future.result(), attempts=attempt)
        except (TimeoutError, CancelledError):
            return Outcome(job, error=f"timed out and was terminated (see {log})", kind="timeout", attempts=attempt)
        except ProcessExpired as error:
            died = f"worker exited with code {error.exitcode}"
            return Outcome(job, error=f"{died} (see {log})", kind="crash", attempts=attempt)
        except BrokenProcessPool:
            # What pebble says of a process that died before it had confirmed its job.
            return Outcome(
                job, error=f"worker exited before it started the job (see {log})", kind="crash", attempts=attempt
            )
        except WorkerStartError:
            raise
        except SynthmatError as error:
            return Outcome(job, error=str(error), kind=type(error).__name__, attempts=attempt)
        except Exception as error:
            return Outcome(
                job, error=f"{type(error).__name__}: {error} (see {log})", kind="exception", attempts=attempt
            )


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_worker(setup: WorkerSetup, slot: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(setup.environment)
    _print_to(Path(setup.log_folder) / f"worker-{slot}.log")
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if setup.prepare is not None:
        try:
            setup.prepare(slot)
        except Exception as error:
            # Kept for the first job: an exception here would only break the pool, without its message.
            traceback.print_exc()
            _start_errors.append(str(error) if isinstance(error, SynthmatError) else f"{type(error).__name__}: {error}")


def _run_job(function: Callable[[Any], Any], job: Any) -> Any:
    if _start_errors:
        raise WorkerStartError(_start_errors[0])
    return function(job)


def _print_to(log: Path) -> None:
    """Send all that this process prints, C libraries included, to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _end_with(parent: int) -> None:
    """End this process soon after its parent is gone, for example killed."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
