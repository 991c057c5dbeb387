"""Finished work outlives other settings, kills at any moment, and lists that are damaged."""

from __future__ import annotations

import hashlib
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from synthmat.dataset_export import export_table
from synthmat.errors import PassedOverWarning
from synthmat.rows.row_types import FrameRow, SetupRow
from synthmat.storage.manifest import append_row, read_rows, write_rows
from synthmat.storage.row_table import RowTable, no_files

SETTINGS = {"a": ["0000", "0001", "0002"], "b": ["0000", "0001"]}


class Killed(BaseException):
    """The process is gone."""


def table_of(stage: Path) -> RowTable[str, FrameRow]:
    parts = sorted((stage / ".parts").glob("*.jsonl"))
    return RowTable(stage, FrameRow, lambda row: row["view"], lists=[stage / "manifest.jsonl"], parts=parts)


def run(stage: Path, setting: str) -> int:
    """Do what a stage does: settle, make what is missing, settle; return how many were made."""

    def settle() -> None:
        table = table_of(stage)
        written = sorted((stage / ".parts").glob("*.jsonl"))
        table.settle(lambda row: row.get("key") == setting and row["view"] in SETTINGS[setting], write, written=written)

    def write(rows: dict[str, FrameRow]) -> None:
        write_rows(stage / "manifest.jsonl", [rows[name] for name in sorted(rows)])

    settle()
    finished = table_of(stage).finished(lambda row: row.get("key") == setting)
    todo = [view for view in SETTINGS[setting] if view not in finished]
    for view in todo:
        files = {}
        for suffix in ("png", "exr"):
            data = f"{setting}{view}{suffix}".encode()
            temporary = stage / f".{view}.tmp.{suffix}"
            temporary.write_bytes(data)
            temporary.replace(stage / f"{view}.{suffix}")
            files[f"{view}.{suffix}"] = hashlib.sha256(data).hexdigest()
        append_row(stage / ".parts" / "1.jsonl", {"object": "x", "view": view, "key": setting, "files": files})
    settle()
    return len(todo)


def shown(stage: Path) -> dict[str, bytes]:
    """Return the files that a reader sees."""
    return {path.name: path.read_bytes() for path in stage.glob("[!.]*")}


def test_going_back_finds_everything_and_leaves_the_folder_as_it_was(tmp_path):
    assert run(tmp_path, "a") == 3
    before = shown(tmp_path)
    assert run(tmp_path, "b") == 2
    assert set(shown(tmp_path)) == {"manifest.jsonl", "0000.png", "0000.exr", "0001.png", "0001.exr"}
    assert run(tmp_path, "a") == 0
    assert shown(tmp_path) == before
    assert run(tmp_path, "b") == 0


def dying(monkeypatch, at: int) -> None:
    """End the process before the ``at``-th step that changes names or contents on disk."""
    left = [at]

    def counted(function):
        def step(*arguments, **keywords):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return function(*arguments, **keywords)

        return step

    for name in ("replace", "rename", "unlink", "rmdir", "mkdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(os, "write", counted(os.write))


def test_a_kill_at_any_step_of_a_change_loses_nothing_that_was_finished(tmp_path, monkeypatch):
    run(tmp_path / "whole", "a")
    expected = shown(tmp_path / "whole")
    for at in range(200):
        stage = tmp_path / str(at)
        run(stage, "a")
        with monkeypatch.context() as patch:
            dying(patch, at)
            try:
                run(stage, "b")
                run(stage, "a")
                break
            except Killed:
                pass
        # Whatever is tried next: nothing of `a` is made again, nor are its rows or files other ones.
        if at % 2:
            run(stage, "b")
        assert run(stage, "a") == 0, at
        assert shown(stage) == expected, at
        assert run(stage, "b") <= 2
    assert at > 30


def test_a_file_of_the_plan_is_never_moved_for_a_row_of_another_setting(tmp_path):
    run(tmp_path, "a")
    row = {"object": "x", "view": "0000", "key": "b", "files": {"0000.png": "0" * 64}}
    write_rows(tmp_path / "manifest.jsonl", [*read_rows(tmp_path / "manifest.jsonl"), row])
    before = shown(tmp_path)["0000.png"]
    assert run(tmp_path, "a") == 0
    assert shown(tmp_path)["0000.png"] == before


def test_a_row_that_names_files_elsewhere_moves_none(tmp_path):
    victim = tmp_path / "victim.png"
    victim.write_bytes(b"x")
    digest = hashlib.sha256(b"x").hexdigest()
    for number, name in enumerate(("../victim.png", str(victim), ".lock")):
        stage = tmp_path / f"stage{number}"
        write_rows(stage / "manifest.jsonl", [{"object": "x", "view": "9", "key": "old", "files": {name: digest}}])
        with pytest.warns(PassedOverWarning, match="its files is") if number < 2 else nullcontext():
            run(stage, "a")
        assert not (stage / ".stale").exists()
    assert victim.read_bytes() == b"x"


def test_figures_without_files_are_finished_as_soon_as_they_are_written(tmp_path):
    path = tmp_path / "measured.jsonl"
    table: RowTable[str, SetupRow] = RowTable(
        tmp_path, SetupRow, lambda row: row["object"], lists=[path], files_of=no_files
    )
    for seconds in (1.0, 2.0):
        append_row(path, {"object": "fox", "seconds": seconds})
    with path.open("a") as file:
        file.write('{"object": "owl"')
    with pytest.warns(PassedOverWarning):
        assert table.finished(lambda _row: True) == {"fox": {"object": "fox", "seconds": 2.0}}
    table.settle(lambda _row: True, lambda rows: write_rows(path, rows.values()))
    assert path.read_text() == '{"object": "fox", "seconds": 2.0}\n'


def test_a_folder_that_can_be_made_again_sets_nothing_aside(tmp_path):
    rows = [{"file": name, "layout": "x", "how": "copy", "key": "old", "id": "a"} for name in ("1.png", "2.png")]
    rows += [{"file": "2.png", "layout": "x", "how": "copy", "key": "new", "id": "a"}]
    write_rows(tmp_path / "export.jsonl", rows)
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(name.encode())
    table = export_table(tmp_path)
    table.settle(lambda row: row["key"] == "new", lambda kept: write_rows(tmp_path / "export.jsonl", kept.values()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.png", "export.jsonl"]
    assert [row["key"] for row in table.finished(lambda _row: True).values()] == ["new"]
