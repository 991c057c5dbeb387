"""The contract between the stages and what runs their jobs: an `Executor`.

A stage says what is to be done with each job (`Task`) and gives the jobs; an executor runs them on worker processes and
yields an `Outcome` for each. `synthmat.local_executor.LocalExecutor` uses the processors of this machine and is the
default; `synthmat.RunOptions` takes another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from synthmat.errors import SynthmatError

Job = TypeVar("Job")


@dataclass(frozen=True)
class Outcome(Generic[Job]):
    """What became of a job: its result, or its error and the attempts made.

    ``kind`` is ``crash`` where its worker died, ``timeout`` where it was ended, the class's name of an error of ours,
    ``exception`` for any other, and empty where there is a result.
    """

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


@dataclass(frozen=True)
class Task(Generic[Job]):
    """What is done with each of many jobs, and within which bounds.

    ``function`` and ``setup.prepare`` are called in worker processes; all other functions in the process that runs the
    executor, by the thread that takes its outcomes.

    Attributes:
        function: A module-level function of one job; its result must be picklable.
        workers: The most jobs that run at once, from 1.
        setup: See `WorkerSetup`.
        timeout: Seconds that a job may take.
        jobs_per_worker: A worker process is replaced after so many jobs (0: never).
        start_timeout: Seconds that a worker process may take until it begins its first job; the job's own limits count
            from then on.
        threads: Processors that a worker keeps busy.
        gpus: GPUs that a worker needs.
        memory_bytes: Memory that a worker needs, as far as it is known; an executor on several machines looks for one
            that has all three.
        on_wait: Called at least twice a second while jobs run, for progress.
        hung: Asked as often of each running job; a job that hangs is ended like one that took too long.
        retry: Makes the job for the second attempt, for example without the frames that are finished; None if nothing
            of it is left to do, which counts as done.
    """

    function: Callable[[Job], Any]
    workers: int
    setup: WorkerSetup
    timeout: Callable[[Job], float]
    jobs_per_worker: int = 0
    start_timeout: float = 600.0
    threads: int = 1
    gpus: float = 0.0
    memory_bytes: int = 0
    on_wait: Callable[[], None] = lambda: None
    hung: Callable[[Job], bool] = lambda _job: False
    retry: Callable[[Job], Job | None] = lambda job: job


class WorkerStartError(SynthmatError):
    """A worker process could not be prepared, so no job can run."""


class Executor(Protocol):
    """Runs jobs somewhere, in any order. A crash, a hang or a kill costs one job and never the run.

    The stages rely on this, whatever the executor:

    - **Every job has exactly one outcome**, yielded as it ends. Jobs are taken from the iterable only when a worker is
      free for them: a stage may make them as they are needed, and may stop giving any.
    - **Jobs never run in the calling process.** A worker process runs one job at a time. Its slot is a number below
      ``task.workers`` that no other living worker has, and that decides its GPU; ``task.setup`` is carried out before
      its first job. It does not import the caller's main module.
    - **A job whose worker died, or that was ended** (after ``task.timeout`` seconds, as ``task.hung``
      says so, or since its worker did not start in time), runs
      once more, as ``task.retry`` returns it, on a fresh process. After the second time it is an outcome of the kind
      ``crash`` or ``timeout``. What the job *raised* is an outcome at once, since it would come again: of a
      `SynthmatError` its words, and the class's name as kind.
    - **If ``setup.prepare`` raises**, no job can run: `run` raises `WorkerStartError` with the reason.
    - **Closing the generator ends the running jobs**, and returns when their processes are gone: nothing writes to the
      output folder after that. If the calling process is killed, its workers end soon after.
    - **Files are shared.** Jobs, their functions and ``log_folder`` name files by absolute paths. Workers on other
      machines must see the same files under the same paths, those that others have just written included, and must
      have the same synthmat and the same Python packages, or frames and samples would differ.
    - **Temporary files of workers are removed** at the end, those of workers that were killed too.
    """

    def slots(self) -> int:
        """Return how many jobs can run at once: the workers of a task where the user has asked for no number."""
        ...

    def run(self, task: Task[Job], jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends.

        Raises:
            WorkerStartError: A worker process cannot be prepared.
        """
        ...


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
