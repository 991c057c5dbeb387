"""Models read no file but their own, whatever they name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.small_models import paint

from synthmat.generator.fingerprint import fingerprint
from synthmat.model_files.boundary import files_in, is_allowed, is_refused, may_read


@pytest.fixture
def places(tmp_path: Path) -> Path:
    for name in ("own/textures", "allowed", "elsewhere"):
        paint(tmp_path / name / "x.png", 9, 9, 9)
    os.mkfifo(tmp_path / "own" / "pipe.mtl")
    (tmp_path / "own" / "link.png").symlink_to(tmp_path / "elsewhere" / "x.png")
    (tmp_path / "own" / "away").symlink_to(tmp_path / "elsewhere")
    return tmp_path


def test_files_are_read_in_the_allowed_folders_only(places):
    own = places / "own"
    with files_in(own, places / "allowed"):
        for file in ("own/textures/x.png", "own/textures/../textures/x.png", "own/link.png", "own/../allowed/x.png"):
            assert may_read(places / file), file
        for file in ("own/../elsewhere/x.png", "own/away/../own/x.png", "own/pipe.mtl", "own/none.png"):
            assert not may_read(places / file), file
        assert [is_refused(place) for place in (own / "pipe.mtl", own / "none.png", own, Path("/dev/zero"))] == [
            True, False, False, True,
        ]  # fmt: skip
        assert not is_allowed(Path("/etc/passwd"))
    assert is_allowed(Path("/etc/passwd"))


def test_a_plan_reads_no_pipe_and_nothing_elsewhere(places):
    """It would wait for ever, or hash what is none of its business."""
    os.mkfifo(places / "elsewhere" / "endless.png")
    model = places / "own" / "a.obj"
    lines = "mtllib pipe.mtl\nmtllib /dev/zero\nmtllib real.mtl\nv 0 0 0\n"
    (places / "own" / "real.mtl").write_text("newmtl a\nmap_Kd ../elsewhere/x.png\nmap_Ks ../elsewhere/endless.png\n")
    model.write_text(lines)
    before = fingerprint(model)
    paint(places / "elsewhere" / "x.png", 200, 0, 0)
    assert fingerprint(model) == before
    (places / "elsewhere" / "endless.png").unlink()
    paint(places / "elsewhere" / "x.png", 9, 9, 9)
    known = fingerprint(model, places)
    paint(places / "elsewhere" / "x.png", 200, 0, 0)
    assert fingerprint(model, places) != known


def test_a_folder_behind_a_link_counts_by_both_of_its_paths(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.png").write_bytes(b"a")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with files_in(tmp_path / "link"):
        assert may_read(tmp_path / "link" / "a.png")
        assert may_read(tmp_path / "there" / "a.png")
