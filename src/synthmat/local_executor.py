"""Runs jobs on worker processes of this machine.

One pool of a single spawned process for each slot (pebble): a worker that dies is replaced and its slot, and with it
the slot's GPU, stays the same. Workers never import the caller's main module, so a script needs no
``if __name__ == "__main__"``; see `synthmat.spawning`.
"""

from __future__ import annotations

import dataclasses
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
from pathlib import Path
from typing import Any, Generic

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from synthmat.errors import SynthmatError
from synthmat.executor import Job, Outcome, Task, WorkerSetup, WorkerStartError, default_workers
from synthmat.spawning import SpawnWithoutMain
from synthmat.storage.scratch import scratch_folder

_END_S = 15.0
_POLL_S = 0.5
_start_errors: list[str] = []


class LocalExecutor:
    """An `Executor` whose workers are processes of this machine, one slot for each processor."""

    def slots(self) -> int:
        """Return the number of processors that this process may use."""
        return default_workers()

    def run(self, task: Task[Job], jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends.

        Raises:
            WorkerStartError: A worker process cannot be prepared.
        """
        # A worker that is ended cannot clear up after itself.
        with scratch_folder() as scratch:
            environment = task.setup.environment | {"TMPDIR": str(scratch)}
            setup = dataclasses.replace(task.setup, environment=environment)
            yield from _Run(dataclasses.replace(task, setup=setup), jobs).outcomes()


class _Run(Generic[Job]):
    """One task's run: the slots that are free, what runs in the others, and the jobs that wait for another attempt."""

    def __init__(self, task: Task[Job], jobs: Iterable[Job]) -> None:
        self._task = task
        self._waiting = iter(jobs)
        self._again: deque[tuple[Job, int]] = deque()
        self._pools = [self._pool(slot) for slot in range(task.workers)]
        self._free = deque(range(task.workers))
        self._running: dict[ProcessFuture[Any], tuple[int, Job, int]] = {}
        self._given: dict[ProcessFuture[Any], float] = {}

    def outcomes(self) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends; jobs are taken from the iterable only when a slot is free."""
        finished = False
        try:
            while True:
                self._hand_out()
                if not self._running:
                    finished = True
                    return
                wait(self._running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                self._task.on_wait()
                self._end_hung()
                yield from self._without_workers()
                for future in [future for future in self._running if future.done()]:
                    outcome = self._ended(future)
                    if outcome is not None:
                        yield outcome
        finally:
            self._close(finished)

    def _hand_out(self) -> None:
        """Give each free slot a job, as long as there are any."""
        while self._free:
            if self._again:
                job, attempt = self._again.popleft()
            else:
                try:
                    job, attempt = next(self._waiting), 1
                except StopIteration:
                    return
            slot = self._free.popleft()
            if not self._pools[slot].active:
                self._pools[slot] = self._pool(slot)
            given = (self._task.function, job)
            future = self._pools[slot].schedule(_run_job, args=given, timeout=self._task.timeout(job))
            self._running[future] = (slot, job, attempt)
            self._given[future] = time.monotonic()

    def _end_hung(self) -> None:
        for future, (_, job, _) in self._running.items():
            if future.running() and self._task.hung(job):
                future.cancel()  # type: ignore[no-untyped-call]  # pebble's method has no annotations

    def _without_workers(self) -> Generator[Outcome[Job], None, None]:
        """End the workers that take too long to start, and yield the outcomes of their jobs, unless tried again."""
        most = self._task.start_timeout
        late = [
            future
            for future, since in self._given.items()
            if not future.running() and not future.done() and time.monotonic() - since > most
        ]
        for future in late:
            slot, job, attempt = self._running.pop(future)
            del self._given[future]
            self._pools[slot].stop()  # type: ignore[no-untyped-call]  # pebble's method has no annotations
            self._pools[slot].join()
            self._free.append(slot)
            message = f"its worker did not start within {most:g} s (see {self._log(slot)})"
            outcome = self._judged(Outcome(job, error=message, kind="timeout", attempts=attempt))
            if outcome is not None:
                yield outcome

    def _ended(self, future: ProcessFuture[Any]) -> Outcome[Job] | None:
        """Free the slot of a job that has ended, and return its outcome; None if it gets another attempt."""
        slot, job, attempt = self._running.pop(future)
        del self._given[future]
        self._free.append(slot)
        return self._judged(self._outcome(future, slot, job, attempt))

    def _judged(self, outcome: Outcome[Job]) -> Outcome[Job] | None:
        """Return an outcome, None if its job gets another attempt."""
        job, attempt = outcome.job, outcome.attempts
        if outcome.kind in ("crash", "timeout"):
            rest = self._task.retry(job)
            if rest is None:
                return Outcome(job, attempts=attempt)
            if attempt == 1:
                self._again.append((rest, 2))
                return None
        return outcome

    def _close(self, finished: bool) -> None:
        """Let the processes end, if all jobs have; else end them. They are gone when this returns.

        An interrupt that came while a future's lock was taken leaves that taken, and the pool's thread waits for it for
        ever: after some seconds this is left to itself. Its worker ends when this process does.
        """
        for pool in self._pools:
            end = pool.close if finished else pool.stop
            end()  # type: ignore[no-untyped-call]  # nor have these
        for pool in self._pools:
            joining = threading.Thread(target=pool.join, daemon=True)
            joining.start()
            joining.join(None if finished else _END_S)

    def _pool(self, slot: int) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=self._task.jobs_per_worker,
            context=SpawnWithoutMain(),
            initializer=_start_worker,
            initargs=(self._task.setup, slot, os.getpid()),
        )

    def _log(self, slot: int) -> Path:
        return Path(self._task.setup.log_folder) / f"worker-{slot}.log"

    def _outcome(self, future: Future[Any], slot: int, job: Job, attempt: int) -> Outcome[Job]:
        log = self._log(slot)
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


def _start_worker(setup: WorkerSetup, slot: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(setup.environment)
    print_to(Path(setup.log_folder) / f"worker-{slot}.log")
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


def print_to(log: Path) -> None:
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
