"""On shared folders without locks of the file system, files take their place: one run at a time, and none for ever."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import json
import os
import platform
import subprocess
import sys
import threading

import pytest
from support.composite_project import Project
from support.composite_runs import QUIET, run_composite

from synthmat import api
from synthmat.errors import OutputError
from synthmat.storage import held_file
from synthmat.storage.run_lock import merge_lock, run_lock

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def no_flock(monkeypatch):
    def fails(*_arguments):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", fails)
    monkeypatch.setattr(held_file, "_TAKEN_S", 0.01)
    monkeypatch.setattr(held_file, "_WAIT_S", 0.01)


@pytest.fixture
def no_link(monkeypatch):
    def fails(*_arguments, **_keywords):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", fails)


@pytest.mark.usefixtures("no_link")
def test_a_data_set_is_made_and_exported_where_there_are_neither_locks_nor_links(tmp_path):
    project = Project(tmp_path)
    project.renders(objects=1, views=2)
    project.photos(1)
    keys = "pairing: all, split: {by: none}"
    for shard in ((1, 2), (2, 2)):
        assert run_composite(project, keys, dataclasses.replace(QUIET, shard=shard)).made == 1
    again = run_composite(project, keys)
    assert (again.made, again.kept) == (0, 2)
    result, target = api.export_dataset(project.output.root, "modnet")
    assert result.made > 0
    assert all(path.stat().st_nlink == 1 for path in target.rglob("*") if path.is_file())


def held_by(path, process: int, host: str, age: float) -> None:
    path.write_text(json.dumps({"host": host, "process": process, "token": "x"}))
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))


def test_a_run_of_all_is_alone_and_shards_run_beside_each_other(tmp_path):
    with run_lock(tmp_path):
        for shard in ("", "1of2"):
            with pytest.raises(OutputError, match="another synthmat run"), run_lock(tmp_path, shard):
                pass
    with run_lock(tmp_path, "1of2"), run_lock(tmp_path, "2of2"), merge_lock(tmp_path):
        for shard in ("", "2of2"):
            with pytest.raises(OutputError, match="another synthmat run"), run_lock(tmp_path, shard):
                pass
    with run_lock(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {".lock", ".lock-merge"}


def test_merging_waits_for_the_one_that_merges(tmp_path):
    order = []

    def merge():
        with merge_lock(tmp_path):
            order.append("second")

    with merge_lock(tmp_path):
        other = threading.Thread(target=merge)
        other.start()
        other.join(0.1)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]


def test_the_lock_of_a_run_that_is_gone_holds_nobody_up(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    held_by(tmp_path / ".lock.held", gone.pid, platform.node(), 0)
    with run_lock(tmp_path):
        pass
    held_by(tmp_path / ".lock.held", 1, "another-machine", held_file.ABANDONED_S + 5)
    with run_lock(tmp_path):
        pass
    held_by(tmp_path / ".lock.held", 1, "another-machine", held_file.ABANDONED_S - 5)
    with pytest.raises(OutputError, match="process 1 on another-machine"), run_lock(tmp_path):
        pass
    (tmp_path / ".lock.held").write_bytes(b"\xff{")
    with pytest.raises(OutputError, match="another synthmat run"), run_lock(tmp_path):
        pass


def test_the_holder_keeps_its_lock_young(tmp_path, monkeypatch):
    monkeypatch.setattr(held_file, "TOUCHED_S", 0.02)
    with run_lock(tmp_path):
        os.utime(tmp_path / ".lock.held", (0, 0))
        for _ in range(200):
            if (tmp_path / ".lock.held").stat().st_mtime > 0:
                break
            threading.Event().wait(0.02)
        else:
            pytest.fail("nobody touched it")
