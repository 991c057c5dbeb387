"""Folders of photos as people have them: hidden files, links, pipes, and names that are no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from support.composite_project import Project, noise_photo
from support.executors import HereExecutor

from synthmat import api
from synthmat.compositor.stage import composite
from synthmat.layouts.folders import pictures
from synthmat.printable_names import printable
from synthmat.stage import RunOptions, files_meant
from synthmat.storage.atomic import write_text
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.visible_files import visible_files

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())
ODD = (b"\xff\xfe.png", ("漢" * 80).encode() + b"_______.png", b"n" * 251 + b".png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files that count, ``a.png`` and ``sub/b.png``, and one that a link leads to."""
    for name in ("photos/a.png", "photos/sub/b.png", "photos/._a.png", "photos/.hidden/c.png", "other/d.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    photos = tmp_path / "photos"
    os.mkfifo(photos / "pipe.png")
    (photos / "link").symlink_to(tmp_path / "other")
    (photos / "back").symlink_to(photos)
    (tmp_path / "other" / "round").symlink_to(photos)
    (photos / "nowhere.png").symlink_to(tmp_path / "gone.png")
    return photos


def names(files: object, folder: Path) -> list[str]:
    assert isinstance(files, list)
    return sorted(file.relative_to(folder).as_posix() for file in files)


def test_files_are_found_through_links_once_and_hidden_ones_and_pipes_are_none(folder):
    expected = ["a.png", "link/d.png", "sub/b.png"]
    assert names(list(visible_files(folder)), folder) == expected
    assert names(files_meant(folder.parent, "photos"), folder) == expected
    assert names(files_meant(folder.parent, "photos/**/*.png"), folder) == expected
    assert names(files_meant(folder.parent, "photos/*.png"), folder) == ["a.png"]
    assert names(files_meant(folder.parent, "photos/*/[bd].png"), folder) == ["link/d.png", "sub/b.png"]
    assert names(files_meant(folder.parent, "photos/.*/*.png"), folder) == [".hidden/c.png"]
    assert sorted(pictures(folder)) == ["a", "link/d", "sub/b"]


def odd_photos(folder: Path) -> None:
    folder.mkdir()
    for number, name in enumerate((*ODD, b"plain.png", b"._plain.png")):
        Image.fromarray(noise_photo(number)).save(folder.parent / "x.png")
        os.rename(os.fsencode(folder.parent / "x.png"), os.fsencode(folder) + b"/" + name)  # noqa: PTH104


def test_names_of_any_bytes_and_length_cost_nothing(tmp_path):
    project = Project(tmp_path)
    project.render("a", 0)
    odd_photos(tmp_path / "photos")
    recipe = project.recipe("pairing: all, split: {by: none}")
    made = [composite(recipe, tmp_path, project.output, QUIET) for _ in range(2)]
    assert [(result.made, result.kept, result.failed) for result in made] == [(4, 0, 0), (0, 4, 0)]
    rows = list(read_rows(project.output.metadata("train")))
    assert r"photos/\xff\xfe.png" in {row["background"] for row in rows}
    predicted = [
        api.predict("baseline:centre", tmp_path / "photos", out=tmp_path / "mattes", quiet=True) for _ in range(2)
    ]
    assert [(result.made, result.kept, result.failed) for result in predicted] == [(4, 0, 0), (0, 4, 0)]
    assert len(list((tmp_path / "mattes").glob("*_alpha.png"))) == 4


def test_rows_and_texts_take_names_that_are_no_text(tmp_path):
    name = os.fsdecode(b"\xff.png")
    write_rows(tmp_path / "x.jsonl", [{"file": name}])
    assert list(read_rows(tmp_path / "x.jsonl")) == [{"file": r"\udcff.png"}]
    write_text(tmp_path / ("n" * 251 + ".txt"), name)
    assert printable(name) == r"\xff.png"
