"""Two runs never write to one place in an object store: the second is refused, or the first publishes nothing more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid

import pytest
from support.executors import HereExecutor
from support.stub_frames import RECIPE, stub_frames

from synthmat import api
from synthmat.errors import OutputError
from synthmat.object_store import lease as lease_module
from synthmat.object_store.lease import leased
from synthmat.object_store.store import Store

pytest.importorskip("fsspec")
pytestmark = pytest.mark.once


@pytest.fixture
def store(monkeypatch, tmp_path):
    monkeypatch.setattr(lease_module, "_SETTLING_S", 0.0)
    monkeypatch.setenv("SYNTHMAT_WORK", str(tmp_path / "work"))
    found = Store(f"memory://{uuid.uuid4().hex}")
    yield found
    found.remove(found.names())


def leave(store, name: str = "renders/.lease", **more: object) -> None:
    """Leave the lease of a run elsewhere."""
    about = {"host": "node7", "process": 99, "token": "other", "machine": "another", "renewed": 0}
    store.write(name, json.dumps(about | more).encode())


def age(monkeypatch, seconds: float, now: float = 1e9) -> None:
    """Let leases be so old by the store's clock."""
    monkeypatch.setattr(Store, "modified", lambda _store, name: now if "probe" in name else now - seconds)


def render(store, **more):
    recipe = {key: value for key, value in RECIPE.items() if key != "composite"}
    return api.render(
        recipe, out=store.address, workers=1, quiet=True, **{"executor": HereExecutor(stub_frames)} | more
    )


def test_a_second_run_is_refused_while_another_renews_its_lease(store):
    leave(store)
    with pytest.raises(OutputError, match=r"process 99 on node7 is writing there; wait for it, .* try again in 120 s"):
        render(store)
    assert list(store.names()) == ["renders/.lease"]
    assert json.loads(store.read("renders/.lease"))["token"] == "other"
    assert render(store, dry_run=True).kept == 0


def test_the_lease_is_there_during_a_run_and_gone_after_it(store):
    def seen(job):
        assert json.loads(store.read("renders/.lease"))["process"] == os.getpid()
        with pytest.raises(OutputError, match="is writing there"):
            render(store)
        return stub_frames(job)

    assert render(store, executor=HereExecutor(seen)).made == 4
    assert "renders/.lease" not in store.names()


def test_an_abandoned_lease_is_taken_over_with_a_word(store, monkeypatch):
    leave(store)
    age(monkeypatch, lease_module.ABANDONED_S - 1)
    with pytest.raises(OutputError, match="is writing there"):
        render(store)
    age(monkeypatch, lease_module.ABANDONED_S + 1)
    result = render(store)
    assert result.made == 4
    assert "took over the lease of process 99 on node7, which did not end by itself" in result.notes
    assert "renders/.lease" not in store.names()


def test_a_store_without_times_counts_by_the_clocks_of_the_machines(store, monkeypatch):
    monkeypatch.setattr(Store, "modified", lambda _store, _name: None)
    leave(store, renewed=lease_module.time.time())
    with pytest.raises(OutputError, match="is writing there"):
        render(store)
    leave(store, renewed=lease_module.time.time() - 200)
    assert render(store).made == 4


def test_the_lease_of_a_process_of_this_machine_that_is_gone_is_taken_at_once(store):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave(store, process=ended.pid, machine=lease_module._machine())
    assert render(store).made == 4
    leave(store, process=os.getpid(), machine=lease_module._machine())
    assert render(store).kept == 4


def test_a_run_whose_lease_was_taken_publishes_nothing_more(store, monkeypatch):
    monkeypatch.setattr(lease_module, "ABANDONED_S", -1.0)  # it was asleep for so long before each look

    def robbed(job):
        leave(store)
        return stub_frames(job)

    with pytest.raises(OutputError, match=r"process 99 on node7 has taken this run's lease .* publishes nothing more"):
        render(store, executor=HereExecutor(robbed))
    assert [name for name in store.names() if name.endswith(".png")] == []
    assert json.loads(store.read("renders/.lease"))["token"] == "other"


def test_parts_run_side_by_side_each_once_and_never_beside_a_run_of_all(store):
    with leased(store, "renders", "1of2"):
        with leased(store, "renders", "2of2"):
            assert {"renders/.lease-1of2", "renders/.lease-2of2"} <= store.names().keys()
        with pytest.raises(OutputError, match="is writing there"), leased(store, "renders", "1of2"):
            pass
        with pytest.raises(OutputError, match="is writing there"), leased(store, "renders"):
            pass
        with leased(store, "dataset"):
            pass
    with leased(store, "renders"), pytest.raises(OutputError, match="writing there"), leased(store, "renders", "1of2"):
        pass
    assert store.names() == {}


@pytest.mark.parametrize("how", ["no exclusive creation", "overwritten at once"])
def test_stores_that_cannot_create_exclusively_are_read_back(store, monkeypatch, how):
    def no_create(self, path, value, mode="overwrite", **_more):
        if mode == "create":
            raise NotImplementedError
        self.open(path, "wb", data=value)

    monkeypatch.setattr(type(store._files), "pipe_file", no_create)
    if how == "overwritten at once":
        monkeypatch.setattr(lease_module.time, "sleep", lambda _seconds: leave(store))
        with pytest.raises(OutputError, match="process 99 on node7 is writing there"):
            render(store)
        assert json.loads(store.read("renders/.lease"))["token"] == "other"
    else:
        assert render(store).made == 4


def test_a_lease_is_renewed_and_one_that_is_no_json_is_that_of_someone(store, monkeypatch):
    monkeypatch.setattr(lease_module, "RENEWED_S", 0.01)
    with leased(store, "renders") as lease:
        first = lease._renewed
        for _ in range(500):
            if lease._renewed > first:
                break
            lease_module.time.sleep(0.01)
        assert lease._renewed > first
        lease.check()
    store.write("renders/.lease", b"{")
    with pytest.raises(OutputError, match=r"process \? on another machine is writing there"):
        render(store)
