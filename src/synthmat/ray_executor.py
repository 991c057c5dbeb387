"""Runs jobs on the machines of a Ray cluster: a Ray actor for each slot, in a process that has imported Blender once.

The stages know nothing of it; see `synthmat.executor.Executor` for what they rely on. Frames and samples are those that
the local executor makes, byte for byte on like processors: every draw is made by the planner, and all machines write to
one shared folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import itertools
import logging
import os
import platform
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Generic

from synthmat import __version__
from synthmat.errors import MissingDependencyError, OutputError, SynthmatError
from synthmat.executor import Job, Outcome, Task, WorkerSetup, WorkerStartError
from synthmat.local_executor import print_to
from synthmat.storage.scratch import remove_abandoned, scratch_folder

_POLL_S, _GONE_S, _STARTS = 0.5, 10.0, 3


class RayExecutor:
    """An `Executor` on a Ray cluster.

    Args:
        address: That of the cluster, as ``ray.init`` takes it (``auto``, ``HOST:6379``); empty starts Ray on this
            machine alone.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: There is no cluster at the address.
    """

    def __init__(self, address: str = "") -> None:
        try:
            import ray
        except ModuleNotFoundError:
            raise MissingDependencyError("--engine ray needs Ray: pip install 'synthmat[ray]'") from None
        _check_pyarrow()
        self._ray: Any = ray
        if not ray.is_initialized():
            if not address:  # Ray would run them at the lowest priority: behind anything else on this machine.
                os.environ.setdefault("RAY_worker_niceness", "0")
            try:
                ray.init(address or "local", log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise OutputError(f"--engine ray:{address}: no Ray cluster answers there: {error}") from None

    def slots(self) -> int:
        """Return the number of processors of the cluster."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def run(self, task: Task[Job], jobs: Iterable[Job]) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends.

        Raises:
            WorkerStartError: A worker process cannot be prepared, sees other files, or has another synthmat.
        """
        folder = Path(task.setup.log_folder)
        folder.mkdir(parents=True, exist_ok=True)
        token = folder / f".shared-{uuid.uuid4().hex}"
        token.touch()
        try:
            yield from _Run(self._ray, task, jobs, token).outcomes()
        finally:
            token.unlink(missing_ok=True)
            remove_abandoned()


@dataclasses.dataclass
class _Slot(Generic[Job]):
    """A worker's place: its actor, what it is doing since when (``ref`` None: nothing), and the jobs it has done."""

    number: int
    actor: Any = None
    ref: Any = None
    since: float = 0.0
    job: Job | None = None
    attempt: int = 0
    ready: bool = False
    done: int = 0
    failed: int = 0
    given_up: bool = False
    process: tuple[str, int] = ("", 0)


class _Run(Generic[Job]):
    """One task's run."""

    def __init__(self, ray: Any, task: Task[Job], jobs: Iterable[Job], token: Path) -> None:
        self._ray, self._task, self._token = ray, task, str(token)
        self._waiting = iter(jobs)
        self._again: deque[tuple[Job, int]] = deque()
        self._slots: list[_Slot[Job]] = [_Slot(number) for number in range(task.workers)]
        self._here = ray.get_runtime_context().get_node_id()

    def outcomes(self) -> Generator[Outcome[Job], None, None]:
        """Yield the outcome of each job as it ends; a slot takes one when its worker is free."""
        try:
            while True:
                self._hand_out()
                busy = {slot.ref: slot for slot in self._slots if slot.ref is not None}
                if not busy or not (any(slot.ready for slot in busy.values()) or self._more()):
                    return
                done, _ = self._ray.wait(list(busy), num_returns=1, timeout=_POLL_S)
                self._task.on_wait()
                for ref in done:
                    yield from self._ended(busy[ref])
                for slot in busy.values():
                    if slot.ref is not None and (fault := self._overdue(slot)):
                        yield from self._failed(slot, fault, "timeout")
        finally:
            for slot in self._slots:
                self._end(slot)

    def _hand_out(self) -> None:
        """Give each worker that is free a job, and start workers as long as there are any for them."""
        for slot in self._slots:
            if slot.ref is not None or slot.given_up or not self._more():
                continue
            if slot.actor is None:
                self._start(slot)
            else:
                slot.job, slot.attempt = self._again.popleft()
                self._give(slot)

    def _more(self) -> bool:
        """Return whether a job waits; one is taken from the iterable if none does."""
        if not self._again:
            self._again.extend((job, 1) for job in itertools.islice(self._waiting, 1))
        return bool(self._again)

    def _start(self, slot: _Slot[Job]) -> None:
        task = self._task
        options: dict[str, Any] = {"num_cpus": task.threads, "num_gpus": task.gpus, "max_restarts": 0}
        if task.memory_bytes:
            options["memory"] = task.memory_bytes
        if task.setup.environment:
            options["runtime_env"] = {"env_vars": dict(task.setup.environment)}
        slot.actor = self._ray.remote(_Worker).options(**options).remote()
        slot.ref = slot.actor.begin.remote(task.setup, slot.number, self._token, versions())
        slot.since = time.monotonic()
        slot.ready, slot.done = False, 0

    def _give(self, slot: _Slot[Job]) -> None:
        slot.ref, slot.since = slot.actor.run.remote(self._task.function, slot.job), time.monotonic()

    def _overdue(self, slot: _Slot[Job]) -> str:
        """Return what to say of a worker that takes too long, empty if it does not."""
        seconds = time.monotonic() - slot.since
        if not slot.ready:
            late = seconds > self._task.start_timeout
            return f"its worker did not start within {self._task.start_timeout:g} s" if late else ""
        assert slot.job is not None
        late = seconds > self._task.timeout(slot.job) or self._task.hung(slot.job)
        return "timed out and was terminated" if late else ""

    def _ended(self, slot: _Slot[Job]) -> Generator[Outcome[Job], None, None]:
        """Take what a worker has returned or raised; one that has just started is given its job."""
        try:
            kind, value = self._ray.get(slot.ref)
        except self._ray.exceptions.RayTaskError as error:  # What was sent cannot be unpickled there.
            kind, value = "exception", str(error).strip().rpartition("\n")[2]
        except self._ray.exceptions.RayError as error:
            yield from self._failed(slot, f"worker is gone ({type(error).__name__})", "crash")
            return
        if not slot.ready:
            if kind:
                raise WorkerStartError(value)
            slot.ready, slot.process, slot.ref = True, value, None
            return
        slot.ref, job, attempt = None, slot.job, slot.attempt
        assert job is not None
        slot.done += 1
        if self._task.jobs_per_worker and slot.done >= self._task.jobs_per_worker:
            self._end(slot)
        if kind:
            words = f"{value} (see {self._log(slot)})" if kind == "exception" else value
            yield Outcome(job, error=words, kind=kind, attempts=attempt)
        else:
            yield Outcome(job, result=value, attempts=attempt)

    def _failed(self, slot: _Slot[Job], fault: str, kind: str) -> Generator[Outcome[Job], None, None]:
        """End a worker; its job has another attempt, or an outcome.

        One that did not start has none. As long as others work, that costs its place after three times, since its node
        may be gone; else the next job pays for it, so that the run comes to an end.
        """
        if slot.ready:
            assert slot.job is not None
            job, attempt = slot.job, slot.attempt
        elif any(other.ready for other in self._slots) or not self._more():
            slot.failed += 1
            slot.given_up = slot.failed >= _STARTS
            self._end(slot)
            return
        else:
            job, attempt = self._again.popleft()
        self._end(slot)
        rest = self._task.retry(job)
        if rest is None:
            yield Outcome(job, attempts=attempt)
        elif attempt == 1:
            self._again.append((rest, 2))
        else:
            yield Outcome(job, error=f"{fault} (see {self._log(slot)})", kind=kind, attempts=attempt)

    def _end(self, slot: _Slot[Job]) -> None:
        """End a worker's process, and wait until it is gone."""
        actor, slot.actor, slot.ref, slot.ready = slot.actor, None, None, False
        if actor is None:
            return
        self._ray.kill(actor, no_restart=True)
        node, process = slot.process
        until = time.monotonic() + _GONE_S
        while node == self._here and _lives(process) and time.monotonic() < until:
            time.sleep(0.02)
        slot.process = ("", 0)

    def _log(self, slot: _Slot[Job]) -> Path:
        return Path(self._task.setup.log_folder) / f"worker-{slot.number}.log"


class _Worker:
    """What runs in a worker process. Its methods return a kind of error, empty for none, and a result or words."""

    def begin(self, setup: WorkerSetup, slot: int, token: str, wanted: str) -> tuple[str, Any]:
        import ray

        node = ray.get_runtime_context().get_node_id()
        try:
            where = f"the node {platform.node()}"
            if not Path(token).exists():
                return "OutputError", f"{where} does not see {setup.log_folder}; all nodes need one shared folder"
            if versions() != wanted:
                return "OutputError", f"{where} has {versions()}, and here is {wanted}; they would make other pictures"
            print_to(Path(setup.log_folder) / f"worker-{slot}.log")
            self._kept = ExitStack()
            os.environ["TMPDIR"] = tempfile.tempdir = str(self._kept.enter_context(scratch_folder()))
            if setup.prepare is not None:
                setup.prepare(slot)
        except Exception as error:
            return "WorkerStartError", _words(error)
        return "", (node, os.getpid())

    def run(self, function: Callable[[Any], Any], job: Any) -> tuple[str, Any]:
        try:
            return "", function(job)
        except SynthmatError as error:
            return type(error).__name__, str(error)
        except Exception as error:
            return "exception", f"{type(error).__name__}: {error}"


def _check_pyarrow() -> None:
    """Raise MissingDependencyError where Ray would fail to import pyarrow, which it does wherever it is installed."""
    with contextlib.suppress(ModuleNotFoundError):
        try:
            importlib.import_module("pyarrow")
        except ModuleNotFoundError:
            raise
        except ImportError as error:
            raise MissingDependencyError(
                f"--engine ray: Ray imports pyarrow, which is broken here ({error}): pip install 'pyarrow>=21,<22', "
                "or uninstall it"
            ) from None


def versions() -> str:
    """Return what has to be the same on all nodes."""
    return f"synthmat {__version__} on Python {platform.python_version()}"


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, SynthmatError) else f"{type(error).__name__}: {error}"


def _lives(process: int) -> bool:
    """Return whether a process of this machine still has threads; until then it holds its files and locks."""
    try:
        os.kill(process, 0)
        if not Path("/proc/self").exists():
            return True
        threads = list(Path(f"/proc/{process}/task").iterdir())
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" or len(threads) > 1
