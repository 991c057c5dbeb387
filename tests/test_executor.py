"""What every executor promises: a crash, a hang or an error costs its job and nothing else."""

import functools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from pebble import ProcessPool

from synthmat import local_executor
from synthmat.errors import AssetError
from synthmat.executor import Task, WorkerSetup, WorkerStartError
from synthmat.local_executor import LocalExecutor


def work(job: str) -> str:
    kind, _, argument = job.partition(":")
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind == "once" and not Path(argument).exists():
        Path(argument).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "hang":
        time.sleep(60)
    if kind == "asset":
        raise AssetError(f"{argument}: broken")
    if kind == "litter":
        tempfile.mkdtemp()
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "bug":
        raise ValueError("a bug")
    print(f"worked on {job}", flush=True)
    print(f"warned of {job}", file=sys.stderr)
    os.write(2, f"a C library warned of {job}\n".encode())
    return f"{job} by {os.getpid()}"


def fail_to_start(_slot: int) -> None:
    raise AssetError("no such device")


def run(tmp_path, jobs, *, prepare=None, hung=lambda _job: False, **options):
    task = Task(
        work,
        workers=2,
        setup=WorkerSetup({"SYNTHMAT_TEST": "1"}, str(tmp_path / "logs"), prepare),
        timeout=lambda _job: 3.0,
        hung=hung,
        **options,
    )
    return {outcome.job: outcome for outcome in LocalExecutor().run(task, jobs)}


def test_bad_jobs_cost_themselves_only(tmp_path):
    once = f"once:{tmp_path / 'flag'}"
    jobs = ["a", "crash", "b", "hang", "asset:fox.glb", "c", "bug", once, *map(str, range(20))]
    outcomes = run(tmp_path, jobs)
    assert set(outcomes) == set(jobs)
    good = ["a", "b", "c", once, *map(str, range(20))]
    assert all(outcomes[job].error is None for job in good)
    assert (outcomes["crash"].kind, outcomes["crash"].attempts) == ("crash", 2)
    assert (outcomes["hang"].kind, outcomes["hang"].attempts) == ("timeout", 2)
    assert (outcomes["asset:fox.glb"].error, outcomes["asset:fox.glb"].attempts) == ("fox.glb: broken", 1)
    assert "ValueError: a bug" in outcomes["bug"].error
    assert outcomes[once].attempts == 2


def test_all_that_a_worker_prints_reaches_its_log_and_nothing_the_terminal(tmp_path, capfd):
    run(tmp_path, ["a", "b"])
    logs = [log.read_text() for log in (tmp_path / "logs").glob("worker-*.log")]
    for job in ("a", "b"):
        (log,) = (log for log in logs if f"worked on {job}\n" in log)
        assert f"warned of {job}\n" in log
        assert f"a C library warned of {job}\n" in log
    assert capfd.readouterr() == ("", "")


def test_a_job_of_which_nothing_is_left_after_a_crash_is_done(tmp_path):
    outcomes = run(tmp_path, ["crash", "a"], retry=lambda _job: None)
    assert (outcomes["crash"].error, outcomes["crash"].attempts) == (None, 1)


def test_a_job_that_is_said_to_hang_is_ended(tmp_path):
    outcomes = run(tmp_path, ["hang", "a"], hung=lambda job: job == "hang")
    assert outcomes["hang"].kind == "timeout"
    assert outcomes["a"].error is None


def stop_at_first(slot: int, flag: str) -> None:
    if not Path(f"{flag}-{slot}").exists():
        Path(f"{flag}-{slot}").touch()
        os.kill(os.getpid(), signal.SIGSTOP)


def test_a_worker_that_does_not_start_is_replaced_and_its_job_tried_again(tmp_path):
    prepare = functools.partial(stop_at_first, flag=str(tmp_path / "flag"))
    outcomes = run(tmp_path, ["a", "b"], prepare=prepare, hung=lambda _job: True, start_timeout=8.0)
    assert [outcome.attempts for outcome in outcomes.values()] == [2, 2]
    assert not any(outcome.error for outcome in outcomes.values()), "a job that has not begun does not hang"


def test_workers_that_cannot_start_end_the_run_with_their_reason(tmp_path):
    with pytest.raises(WorkerStartError, match="no such device"):
        run(tmp_path, ["a"], prepare=fail_to_start)


def test_temporary_files_of_workers_are_removed_those_of_killed_ones_too(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert run(tmp_path, ["litter", "a"])["litter"].kind == "crash"
    assert list(scratch.iterdir()) == []


def test_jobs_are_taken_only_when_a_slot_is_free(tmp_path):
    taken = []

    def jobs():
        for number in range(50):
            taken.append(number)
            yield str(number)

    task = Task(work, workers=2, setup=WorkerSetup({}, str(tmp_path)), timeout=lambda _job: 10.0, jobs_per_worker=10)
    outcomes = LocalExecutor().run(task, jobs())
    next(outcomes)
    assert len(taken) <= 4
    outcomes.close()


def test_an_interrupt_that_leaves_a_lock_taken_does_not_hang(tmp_path, monkeypatch):
    stuck = threading.Event()
    whole = ProcessPool.join
    pools = []
    monkeypatch.setattr(ProcessPool, "join", lambda pool: pools.append(pool) or stuck.wait(60))
    monkeypatch.setattr(local_executor, "_END_S", 0.1)
    task = Task(work, workers=1, setup=WorkerSetup({}, str(tmp_path / "logs")), timeout=lambda _job: 30.0)
    outcomes = LocalExecutor().run(task, ["a", "b"])
    next(outcomes)
    began = time.monotonic()
    outcomes.close()
    assert time.monotonic() - began < 10
    stuck.set()
    for pool in pools:
        whole(pool)


def test_an_interrupt_just_after_a_job_was_given_out_does_not_wait_for_it(tmp_path, monkeypatch):
    schedule = ProcessPool.schedule

    def interrupted(*args, **options):
        schedule(*args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(ProcessPool, "schedule", interrupted)
    task = Task(work, workers=1, setup=WorkerSetup({}, str(tmp_path / "logs")), timeout=lambda _job: 25.0)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(LocalExecutor().run(task, ["hang"]))
    assert time.monotonic() - started < 15


SCRIPT = """
import pathlib
pathlib.Path("runs.txt").open("a").write("once\\n")
from synthmat.executor import Task, WorkerSetup
from synthmat.local_executor import LocalExecutor
task = Task(len, workers=2, setup=WorkerSetup({}, "logs"), timeout=lambda _job: 60.0)
print(sorted(outcome.result for outcome in LocalExecutor().run(task, ["a", "bb", "ccc"])))
"""


@pytest.mark.parametrize("how", ["script", "module", "stdin"])
def test_workers_do_not_run_the_script_that_started_them(tmp_path, how):
    (tmp_path / "script.py").write_text(SCRIPT)
    arguments = {"script": ["script.py"], "module": ["-m", "script"], "stdin": ["-"]}[how]
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        input=(tmp_path / "script.py").read_text() if how == "stdin" else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[1, 2, 3]\n"), done.stderr
    assert (tmp_path / "runs.txt").read_text() == "once\n"


def test_other_processes_still_know_their_main_module(tmp_path):
    script = (
        "import multiprocessing\n"
        "from synthmat.executor import Task, WorkerSetup\n"
        "from synthmat.local_executor import LocalExecutor\n"
        "def double(number):\n    return 2 * number\n"
        "if __name__ == '__main__':\n"
        "    task = Task(len, workers=1, setup=WorkerSetup({}, 'logs'), timeout=lambda _job: 60.0)\n"
        "    assert [outcome.result for outcome in LocalExecutor().run(task, ['a'])] == [1]\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(double, [1, 2]))\n"
    )
    (tmp_path / "script.py").write_text(script)
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "[2, 4]\n"), done.stderr
