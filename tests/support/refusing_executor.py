"""An executor of another kind, which keeps what it was asked for and starts nothing."""

from collections.abc import Generator, Iterable

from synthmat.executor import Job, Outcome, Task


class RefusingExecutor:
    """Says of each job that its worker died."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def slots(self) -> int:
        return 7

    def run(self, task: Task[Job], jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        self.tasks.append(task)
        for job in jobs:
            yield Outcome(job, error="the machine is gone", kind="crash", attempts=2)
