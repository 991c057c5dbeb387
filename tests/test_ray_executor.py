"""On Ray, what every executor promises: the same frames, and a bad job that costs itself only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from support.ray_jobs import fail_to_start, prepare_slot, work

from synthmat.errors import MissingDependencyError
from synthmat.executor import Outcome, Task, WorkerSetup, WorkerStartError
from synthmat.ray_executor import RayExecutor

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:  # Workers have to find `support`.
        paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        patch.setenv("RAY_TMPDIR", tempfile.gettempdir())
        scratch = str(tmp_path_factory.mktemp("scratch"))
        patch.setenv("TMPDIR", scratch)
        patch.setattr(tempfile, "tempdir", scratch)
        try:
            yield RayExecutor()
        except MissingDependencyError as error:
            pytest.skip(str(error))
        ray.shutdown()


def test_bad_jobs_cost_themselves_only_and_workers_leave_nothing_behind(executor, tmp_path):
    def run(*jobs: str, prepare=prepare_slot) -> dict[str, Outcome]:
        setup = WorkerSetup({"SYNTHMAT_TEST": "1"}, str(tmp_path / "logs"), prepare)
        task = Task(work, workers=1, setup=setup, timeout=lambda _job: 60.0, start_timeout=240.0)
        return {outcome.job: outcome for outcome in executor.run(task, jobs)}

    once = f"once:{tmp_path / 'flag'}"
    outcomes = run("a", once, "asset:fox.glb", "bug")
    assert outcomes["a"].result == "a in slot 0, 1"
    assert (outcomes[once].error, outcomes[once].attempts) == (None, 2)
    assert (outcomes["asset:fox.glb"].kind, outcomes["asset:fox.glb"].error) == ("AssetError", "fox.glb: broken")
    assert (outcomes["bug"].kind, outcomes["bug"].attempts) == ("exception", 1)
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["worker-0.log"]
    assert "worked on a\n" in (tmp_path / "logs" / "worker-0.log").read_text()
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    with pytest.raises(WorkerStartError, match="no such device"):
        run("a", prepare=fail_to_start)


def test_a_worker_for_which_there_is_no_node_holds_no_job_up(executor, tmp_path):
    setup = WorkerSetup({"SYNTHMAT_TEST": "1"}, str(tmp_path / "logs"), prepare_slot)
    task = Task(work, workers=2, threads=executor.slots(), setup=setup, timeout=lambda _: 60.0, start_timeout=240.0)
    outcomes = list(executor.run(task, ["a", "b", "c"]))
    assert [(each.error, each.attempts) for each in outcomes] == [(None, 1)] * 3
