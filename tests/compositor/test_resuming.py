"""Runs that go on: what is finished and still planned is kept, what is not is set aside, and the bytes are the same."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from support.composite_project import soft_disc
from support.composite_runs import IN_WORKERS, QUIET, picture_digests, run_composite, sample_rows
from support.repository import REPOSITORY

from synthmat.compositor.sample_rows import sample_files
from synthmat.errors import PassedOverWarning
from synthmat.storage.manifest import append_row, write_rows

# What is kept and what is made again is decided by keys and files, the same with both Pythons.
pytestmark = pytest.mark.once

ALL = "outputs: [image, alpha, fg, bg], "
PLACEMENT = "placement: {scale: {uniform: [0.5, 1.2]}, x: {normal: [0.5, 0.1]}, flip: 0.5}, "


def test_the_second_run_makes_nothing(project):
    project.renders()
    project.photos()
    first = run_composite(project)
    before = {path: path.stat().st_mtime_ns for path in project.output.dataset.rglob("*.png")}
    second = run_composite(project)
    assert (second.made, second.kept, second.failed) == (0, first.made, 0)
    assert {path: path.stat().st_mtime_ns for path in project.output.dataset.rglob("*.png")} == before


def test_one_and_two_workers_and_shards_give_equal_files(project):
    project.renders(objects=4)
    project.photos(5)
    keys = ALL + PLACEMENT + "per_view: 3"
    run_composite(project, keys, dataclasses.replace(IN_WORKERS, workers=1))
    expected = picture_digests(project)
    assert len(expected) == 4 * 24
    for runs in ([{"workers": 2}], [{"shard": (1, 2)}, {"shard": (2, 2)}]):
        shutil.rmtree(project.output.dataset)
        for options in runs:
            run_composite(project, keys, dataclasses.replace(IN_WORKERS, **options))
        assert picture_digests(project) == expected
        assert len(sample_rows(project)) == 24
        assert not list(project.output.parts(project.output.dataset).iterdir())


def test_a_run_resumes_from_parts_and_half_written_samples(project):
    project.renders()
    project.photos()
    keys = ALL + "per_view: 2"
    run_composite(project, keys)
    expected, rows = picture_digests(project), sample_rows(project)
    # As after a kill: some rows only in a part file, one cut off, one sample without its row, one broken file.
    parts = project.output.parts(project.output.dataset)
    for split in ("train", "val", "test"):
        project.output.metadata(split).unlink(missing_ok=True)
    for row in rows[:6]:
        append_row(parts / "all-1.jsonl", row)
    with (parts / "all-1.jsonl").open("a") as file:
        file.write('{"id": "cut o')
    broken = project.output.dataset / rows[2]["split"] / rows[2]["alpha_file_name"]
    broken.write_bytes(broken.read_bytes()[:20])
    with pytest.warns(PassedOverWarning, match=r"all-1\.jsonl: line 7 is passed over, since it is cut off"):
        result = run_composite(project, keys)
    assert (result.kept, result.made) == (5, len(rows) - 5)
    assert picture_digests(project) == expected
    assert [row["id"] for row in sample_rows(project)] == [row["id"] for row in rows]


@pytest.mark.once
def test_a_killed_run_ends_as_an_uninterrupted_one(project):
    project.renders(objects=3, views=6)
    project.photos(6)
    keys = ALL + "per_view: 6"
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from support.composite_project import Project\n"
        "from synthmat.compositor.stage import composite\n"
        "from synthmat.stage import RunOptions\n"
        "if __name__ == '__main__':\n"
        "    project = Project(Path(sys.argv[2]))\n"
        f"    recipe = project.recipe({keys!r})\n"
        "    composite(recipe, project.base, project.output, RunOptions(workers=1, quiet=True))\n"
    )
    file = project.base / "run.py"
    file.write_text(script)
    run = subprocess.Popen([sys.executable, str(file), str(REPOSITORY / "tests"), str(project.base)])
    parts = project.output.parts(project.output.dataset)
    until = time.monotonic() + 60
    while sum(path.read_text().count("\n") for path in parts.glob("*.jsonl")) < 10:
        assert time.monotonic() < until
        assert run.poll() is None
        time.sleep(0.005)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    time.sleep(2.5)  # the worker notices that its parent is gone, and ends
    result = run_composite(project, keys)
    assert result.kept >= 10
    resumed = picture_digests(project)
    shutil.rmtree(project.output.dataset)
    run_composite(project, keys)
    assert resumed == picture_digests(project)


def test_a_change_makes_only_what_it_touches(project):
    project.renders(objects=3)
    project.photos(4)
    keys = "per_view: 2, split: {by: none}, "
    count = run_composite(project, keys).made
    project.render("object1", 0, soft_disc(seed=99), license="CC0-1.0", source="test")
    changed = run_composite(project, keys)
    assert (changed.made, changed.kept) == (2, count - 2)
    more = run_composite(project, keys.replace("2", "3"))
    assert (more.made, more.kept) == (6, count)
    other = run_composite(project, "png_level: 3, per_view: 3, split: {by: none}")
    assert (other.made, other.kept) == (count + 6, 0)


def test_a_license_that_is_corrected_reaches_the_rows_without_new_pixels(project):
    project.render("a", 0, license="wrong")
    project.photos(1)
    run_composite(project, "split: {by: none}")
    project.render("a", 0, soft_disc(seed=1), license="CC0-1.0")
    project.render("a", 0, soft_disc(seed=0), license="CC0-1.0")
    assert run_composite(project, "split: {by: none}").made == 0
    assert {row["model_license"] for row in sample_rows(project)} == {"CC0-1.0"}


def test_samples_that_left_the_plan_or_moved_are_set_aside_and_other_files_are_not(project):
    project.renders(objects=6)
    project.photos(9)
    many = run_composite(project, "per_view: 4").made
    before, metadata = picture_digests(project), sample_rows(project)
    mine = project.output.dataset / "train" / "images" / "my own.png"
    mine.write_bytes(b"x")
    result = run_composite(project, "per_view: 1, split: {val: 0.4}")
    rows = sample_rows(project)
    assert result.made + result.kept == len(rows) == 12
    expected = {name for row in rows for name in sample_files(row)} | {"train/images/my own.png"}
    assert set(picture_digests(project)) == expected
    assert any(f"{many - result.kept} finished samples of other settings are kept" in note for note in result.notes)
    again = run_composite(project, "per_view: 4")
    assert (again.made, again.kept) == (0, many)
    mine.unlink()
    assert (picture_digests(project), sample_rows(project)) == (before, metadata)


def _interrupt(*_arguments):
    raise KeyboardInterrupt


def test_another_setting_tried_with_a_limit_or_killed_at_once_costs_nothing(project, monkeypatch):
    project.renders()
    project.photos()
    first = run_composite(project, "per_view: 3").made
    before, metadata = picture_digests(project), sample_rows(project)
    tried = run_composite(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, limit=1))
    assert (tried.made, len(sample_rows(project))) == (1, 1)
    with monkeypatch.context() as patch:
        patch.setattr("synthmat.compositor.stage._execute", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_composite(project, "per_view: 3", seed=99)
    planned = run_composite(project, "per_view: 3", dataclasses.replace(QUIET, dry_run=True))
    assert planned.kept == first
    assert f"would take back {first} samples that were set aside" in planned.notes
    assert "would leave 1 samples of other settings aside; `synthmat clean` removes them" in planned.notes
    planned = run_composite(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, dry_run=True))
    assert planned.kept == 1
    back = run_composite(project, "per_view: 3")
    assert (back.made, back.kept) == (0, first)
    assert (picture_digests(project), sample_rows(project)) == (before, metadata)
    planned = run_composite(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, dry_run=True))
    assert any(note.startswith(f"would set aside {first} finished samples of other") for note in planned.notes)


def test_a_limit_takes_so_many_from_all_over_and_the_next_run_goes_on(project):
    project.renders(objects=6)
    project.photos(6)
    first = run_composite(project, "per_view: 2", dataclasses.replace(QUIET, limit=6))
    assert first.made == 6
    assert len({row["split"] for row in sample_rows(project)}) == 3
    rest = run_composite(project, "per_view: 2")
    assert (rest.made, rest.kept) == (18, 6)


def test_rows_from_elsewhere_cannot_delete_files_outside_of_the_data_set(project):
    project.renders(objects=1)
    project.photos(1)
    run_composite(project, "split: {by: none}")
    victim = project.base / "victim.png"
    victim.write_bytes(b"x")
    row = dict(sample_rows(project)[0], id="../../../../victim", key="old")
    write_rows(project.output.metadata("train"), [*sample_rows(project), row])
    run_composite(project, "split: {by: none}")
    assert victim.exists()
    assert json.dumps(row) not in project.output.metadata("train").read_text()


def test_what_a_killed_process_left_half_written_is_removed(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    leftover = project.output.dataset / "train" / "alpha" / ".x.4711.tmp.png"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    run_composite(project, "split: {by: none}")
    assert not leftover.exists()
