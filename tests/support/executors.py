"""Executors that start no process for each run, for tests of what the stages do, not of their workers."""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from synthmat.compositor import worker
from synthmat.errors import SynthmatError
from synthmat.executor import Outcome, Task, WorkerSetup
from synthmat.local_executor import print_to
from synthmat.spawning import SpawnWithoutMain


class HereExecutor:
    """Runs jobs in this process; ``function`` takes the place of the task's."""

    def __init__(self, function: Any = None) -> None:
        self._function = function

    def slots(self) -> int:
        return 1

    def run(self, task: Task[Any], jobs: Iterable[Any]) -> Generator[Outcome[Any], None, None]:
        for cache in (worker._foregrounds._foregrounds, worker._textures, worker._shadows):
            cache._kept.clear()  # as in a new process, which has read nothing yet
            cache.bytes = 0
        for job in jobs:
            try:
                yield Outcome(job, result=(self._function or task.function)(job))
            except SynthmatError as error:
                yield Outcome(job, error=str(error), kind=type(error).__name__)
            except OSError as error:
                yield Outcome(job, error=f"{type(error).__name__}: {error}", kind="exception")


class StayingExecutor:
    """Runs jobs in a process that stays until the tests end, so that Blender is loaded once."""

    _pool: ProcessPoolExecutor | None = None

    def slots(self) -> int:
        return 1

    def run(self, task: Task[Any], jobs: Iterable[Any]) -> Generator[Outcome[Any], None, None]:
        if StayingExecutor._pool is None:
            StayingExecutor._pool = ProcessPoolExecutor(1, SpawnWithoutMain())
            atexit.register(StayingExecutor._pool.shutdown)
        for job in jobs:
            future = StayingExecutor._pool.submit(_run, task.setup, task.function, job)
            try:
                result = future.result(timeout=task.timeout(job))
                task.on_wait()
                yield Outcome(job, result=result)
            except SynthmatError as error:
                yield Outcome(job, error=str(error), kind=type(error).__name__)


def _run(setup: WorkerSetup, function: Callable[[Any], Any], job: Any) -> Any:
    os.environ.update(setup.environment)
    with _printed_to(Path(setup.log_folder) / "worker-0.log"):
        if setup.prepare is not None:
            setup.prepare(0)
        return function(job)


@contextlib.contextmanager
def _printed_to(log: Path) -> Iterator[None]:
    """Send what this process prints to a file, for the block only: the folder may be removed after it."""
    before = [os.dup(descriptor) for descriptor in (1, 2)]
    print_to(log)
    try:
        yield
    finally:
        for kept, descriptor in zip(before, (1, 2), strict=True):
            os.dup2(kept, descriptor)
            os.close(kept)
