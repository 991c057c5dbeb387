"""`synthmat clean`: what is removed, and what is not."""

from __future__ import annotations

import dataclasses

import pytest
from support.command_line import Answer, synthmat
from support.composite_project import Project
from support.executors import HereExecutor

from synthmat import api
from synthmat.compositor.stage import composite
from synthmat.errors import OutputError
from synthmat.stage import RunOptions
from synthmat.storage.run_lock import run_lock

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())


@pytest.fixture
def tried(tmp_path) -> Project:
    """An output of which another setting was tried, with files besides."""
    project = Project(tmp_path)
    project.renders(objects=2)
    project.photos(2)
    for keys in ("per_view: 2, split: {by: none}, png_level: 3", "per_view: 2, split: {by: none}"):
        composite(project.recipe(keys), project.base, project.output, QUIET)
    images = project.output.dataset / "train" / "images"
    for path in (images / "left_over.png", images / "my own.png", project.output.renders / "object0" / "0009.png"):
        path.write_bytes(b"x")
    (images / ".y.1.tmp.png").write_bytes(b"half")
    return project


def files(project: Project) -> set[str]:
    root = project.output.root
    paths = (path for path in root.rglob("*") if path.is_file() and ".lock" not in path.name)
    return {path.relative_to(root).as_posix() for path in paths}


def clean(project: Project, *options: str, answer: str = "") -> Answer:
    return synthmat("clean", project.output.root, *options, folder=project.base, typed=answer)


def test_it_says_how_much_asks_and_removes_only_what_no_list_has(tried):
    before = files(tried)
    refused = clean(tried, answer="n\n")
    assert (refused.returncode, files(tried)) == (1, before)
    assert "finished work of other settings: 17 files" in refused.stdout
    assert "left by a run that was killed, or put there by someone: 2 files, 0.0 MB" in refused.stdout
    assert "dataset/train/images/left_over.png" in refused.stdout
    done = clean(tried, "--yes")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "clean: 20 files removed")
    gone = {"dataset/train/images/left_over.png", "dataset/train/images/.y.1.tmp.png", "renders/object0/0009.png"}
    assert before - files(tried) == gone | {name for name in before if "/.stale/" in name}
    keys = "per_view: 2, split: {by: none}"
    again = composite(tried.recipe(keys), tried.base, tried.output, dataclasses.replace(QUIET, dry_run=True))
    assert again.kept == 8
    assert clean(tried).stdout.strip().endswith("nothing to remove")


def test_what_is_kept_aside_is_no_fault_of_the_output(tried):
    for path in (*tried.output.dataset.rglob("left_over.png"), *tried.output.renders.rglob("0009.png")):
        path.unlink()
    report = api.verify(tried.output.dataset)
    assert {check.title: check.faults for check in report.checks if check.passed is False} == {
        "in no row": ("train/images/.y.1.tmp.png", "train/images/my own.png")
    }


def test_a_folder_without_output_or_with_a_run_in_it_is_refused(tried, tmp_path):
    with pytest.raises(OutputError, match="no output there"):
        api.clean(tmp_path / "photos")
    with run_lock(tried.output.dataset), pytest.raises(OutputError, match="another synthmat run"):
        api.clean(tried.output.root)
    assert api.removable(tried.output.root).files
