"""An executor that publishes what its jobs finish, while they run."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable

from synthmat.executor import Executor, Job, Outcome, Task
from synthmat.object_store.working_copy import WorkingCopy


class PublishingExecutor:
    """Hands jobs to another executor, and what they finish to a store.

    Args:
        executor: Runs the jobs.
        copy: What they write to.
    """

    def __init__(self, executor: Executor, copy: WorkingCopy) -> None:
        self._executor, self._copy = executor, copy

    def slots(self) -> int:
        """Return how many jobs can run at once."""
        return self._executor.slots()

    def run(self, task: Task[Job], jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends; before the first one what the plan has moved is published.

        Raises:
            OutputError: The store cannot be written to, holds work of other settings that a part must not touch, or
                another run has begun to write there.
        """
        self._copy.publish()
        with self._copy.publishing(), contextlib.closing(self._executor.run(task, jobs)) as outcomes:
            for outcome in outcomes:
                yield outcome
                self._copy.check()
