"""Lists on disk of any content: every command goes on, or ends with one of our own errors."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.composite_project import Project
from support.executors import HereExecutor

import synthmat
from synthmat import api
from synthmat.compositor.stage import composite
from synthmat.errors import PassedOverWarning, SynthmatError
from synthmat.stage import RunOptions
from synthmat.storage.manifest import append_row, read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.summary import summary_text
from synthmat.train.data.dataset import read_samples

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())
KEYS = "per_view: 1, pairing: all, split: {by: none}, outputs: [image, alpha, fg, bg, trimap]"
LISTS = (
    "renders/manifest.jsonl", "dataset/train/metadata.jsonl", "failures.jsonl", "training/metrics.jsonl",
    ".digests.jsonl", "exports/modnet/export.jsonl", "dataset/.stale/rows.jsonl", "dataset/.parts/all-1.jsonl",
)  # fmt: skip


@pytest.fixture(scope="module")
def output(tmp_path_factory) -> Project:
    project = Project(tmp_path_factory.mktemp("whole"))
    project.renders(objects=2, views=1)
    project.photos(1)
    (project.base / "photos" / "broken.png").write_bytes(b"x")
    for keys in (f"{KEYS}, png_level: 3", KEYS):
        composite(project.recipe(keys), project.base, project.output, QUIET)
    row = {"epoch": 1, "score": 0.5, "val_loss": 0.5, "dice": 0.9, "mad": 0.1, "seconds": 1.0, "learning_rate": 0.1}
    append_row(project.output.training / "metrics.jsonl", row)
    api.export_dataset(project.output.root, "modnet")
    shutil.copy(project.output.metadata("train"), project.output.parts(project.output.dataset) / "all-1.jsonl")
    for name in LISTS:
        assert list(read_rows(project.output.root / name)), name
    return project


def commands(project: Project) -> list[Callable[[], Any]]:
    output = OutputFolder(project.base / "out")
    recipe = project.recipe(KEYS)
    return [
        lambda: synthmat.verify(output.root),
        lambda: synthmat.inspect(output.root),
        lambda: summary_text(output),
        lambda: read_samples(output, "train"),
        lambda: api.removable(output.root).text,
        lambda: api.export_dataset(output.root, "modnet"),
        lambda: composite(recipe, project.base, output, RunOptions(dry_run=True, quiet=True)),
        lambda: composite(recipe, project.base, output, dataclasses.replace(QUIET, limit=1)),
    ]


VALUES = st.sampled_from(
    [None, 5, -1, 1.5, True, "", "x", "../../x", "/etc/passwd", "\ud800", "a\x00b", [], [1], {}, {"a": 1}, {"a": "b"}]
)
GARBAGE = st.sampled_from(
    [b"", b"{", b"\xff\xfe\n", b"[]\n", b"5\n", b"null\n", b"{}\n", b"9" * 5000 + b"\n", b"[" * 9999]
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(LISTS), place=st.integers(0, 40), value=VALUES, garbage=GARBAGE)
@example(name=LISTS[0], place=0, value={"a": 1}, garbage=b"")
@example(name=LISTS[1], place=7, value="/etc/passwd", garbage=b"\xff\n")
def test_no_content_of_a_list_leads_to_a_traceback(output, tmp_path, name, place, value, garbage):
    shutil.rmtree(tmp_path)
    shutil.copytree(output.base, tmp_path)
    path = tmp_path / "out" / name
    rows = list(read_rows(path))
    column = sorted(rows[0])[place % len(rows[0])]
    lines = [json.dumps(row).encode() + b"\n" for row in ({**rows[0], column: value}, *rows[1:])]
    path.write_bytes(garbage + b"".join(lines))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PassedOverWarning)
        for command in commands(Project(tmp_path)):
            with contextlib.suppress(SynthmatError):
                command()


def test_a_line_that_cannot_be_used_is_named_once(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n\xff\n[]\n{"a": 2}\n{"a"')
    with pytest.warns(PassedOverWarning, match="line 2 is passed over, since it cannot be read; so are 2 more"):
        assert [row["a"] for row in read_rows(path)] == [1, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(read_rows(path))) == 2
    append_row(path, {"a": 3})
    assert [row["a"] for row in read_rows(path)] == [1, 2, 3], "a line that was cut off takes no other one with it"


def test_a_short_write_is_finished_and_a_full_disk_is_told(tmp_path, monkeypatch):
    whole = os.write
    path: Path = tmp_path / "rows.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:3]))
        append_row(path, {"a": "ä" * 50})
    assert list(read_rows(path)) == [{"a": "ä" * 50}]

    def full(descriptor: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return whole(descriptor, data[:5])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match=r"No space left on device.*rows\.jsonl"):
            append_row(path, {"b": "x" * 20})
    append_row(path, {"c": 1})
    with pytest.warns(PassedOverWarning, match="line 2"):
        assert list(read_rows(path))[1:] == [{"c": 1}]
    write_rows(path, [{"d": 1}])
    assert list(read_rows(path)) == [{"d": 1}]
