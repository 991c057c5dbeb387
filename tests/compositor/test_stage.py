"""Whole runs: samples that hold the equation, runs that resume, failures that are named."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from support.composite_project import noise_photo, soft_disc
from support.refusing_executor import RefusingExecutor
from support.repository import REPOSITORY

from synthmat.compositor import worker
from synthmat.compositor.sample_rows import sample_files
from synthmat.compositor.stage import composite
from synthmat.errors import OutputError, PassedOverWarning
from synthmat.images.alpha import over_uint8
from synthmat.stage import RunOptions
from synthmat.storage.manifest import append_row, read_rows, write_rows
from synthmat.storage.run_lock import run_lock

QUIET = RunOptions(workers=1, quiet=True)
ALL = "outputs: [image, alpha, fg, bg], "
PLACEMENT = "placement: {scale: {uniform: [0.5, 1.2]}, x: {normal: [0.5, 0.1]}, flip: 0.5}, "


def _run(project, keys: str = "", options: RunOptions = QUIET, **top):
    return composite(project.recipe(keys, **top), project.base, project.output, options)


def _rows(project) -> list[dict]:
    return [row for split in ("train", "val", "test") for row in read_rows(project.output.metadata(split))]


def _read(project, row, kind) -> np.ndarray:
    return cv2.imread(str(project.output.dataset / row["split"] / row[f"{kind}_file_name"]), cv2.IMREAD_UNCHANGED)


def _digests(project) -> dict[str, str]:
    """Return the sha256 of every picture in the data set."""
    folder = project.output.dataset
    pictures = sorted(path for path in folder.glob("[!.]*/**/*.*g") if path.suffix in (".png", ".jpg"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures}


@pytest.mark.parametrize("bits", [8, 16])
def test_the_stored_files_hold_the_compositing_equation_to_one_level(project, bits):
    for view in range(3):
        project.render("a", view, soft_disc(70, view, np.uint8 if bits == 8 else np.uint16))
    project.photos(3)
    result = _run(project, f"{ALL}{PLACEMENT}bit_depth: {bits}, per_view: 3, split: {{by: none}}")
    assert (result.made, result.failed) == (9, 0)
    for row in _rows(project):
        image, alpha, fg, bg = (_read(project, row, kind) for kind in ("image", "alpha", "fg", "bg"))
        assert image.shape == fg.shape == bg.shape == (48, 48, 3)
        assert alpha.shape == (48, 48)
        assert alpha.dtype == (np.uint8 if bits == 8 else np.uint16)
        assert np.abs(image.astype(int) - over_uint8(fg, alpha, bg)).max() <= 1
        soft = (alpha > 0) & (alpha < np.iinfo(alpha.dtype).max)
        assert soft.sum() > 30, "the matte must not be binary"
        assert row["exact"] is True
        assert row["blend"] == "srgb"
        if bits == 16:
            assert (alpha[soft] % 257 != 0).any(), "more than 256 levels"


def test_a_bright_object_with_black_under_alpha_0_has_no_dark_fringe(project):
    rgba = soft_disc(100)
    rgba[..., :3] = np.where(rgba[..., 3:] > 0, np.uint8([250, 240, 230]), 0)
    project.render("a", 0, rgba)
    project.photo("white.png", np.full((60, 60, 3), 255, np.uint8))
    _run(project, ALL + "per_view: 1, split: {by: none}")
    image, fg = (_read(project, _rows(project)[0], kind)[..., ::-1] for kind in ("image", "fg"))
    assert image.min() >= 229
    off = np.abs(fg.astype(int) - (250, 240, 230))
    assert off.max() <= 2, "the foreground goes on under alpha 0"
    assert (off > 1).mean() < 0.001, "two levels only where alpha is 1 of 255"


def test_jpeg_samples_are_near_and_say_that_they_are_not_exact(project):
    project.renders(objects=1)
    project.photo("smooth.png", cv2.resize(noise_photo(1, 4, 4), (60, 60), interpolation=cv2.INTER_CUBIC))
    _run(project, ALL + "per_view: 1, split: {by: none}", image_format="jpg")
    row = _rows(project)[0]
    assert row["image_file_name"].endswith(".jpg")
    assert row["exact"] is False
    with Image.open(project.output.dataset / row["split"] / row["image_file_name"]) as image:
        assert image.layer[0][1:3] == image.layer[1][1:3], "4:4:4 chroma"
    image, alpha, fg, bg = (_read(project, row, kind) for kind in ("image", "alpha", "fg", "bg"))
    assert np.abs(image.astype(int) - over_uint8(fg, alpha, bg)).mean() < 3


def test_every_row_carries_files_checksums_provenance_and_placement(project):
    project.renders(objects=4)
    project.photos(5)
    _run(project, ALL + "per_view: 2")
    rows = _rows(project)
    assert {row["split"] for row in rows} == {"train", "val", "test"}
    for row in rows:
        files = sample_files(row)
        assert len(files) == 4
        for name, digest in files.items():
            assert hashlib.sha256((project.output.dataset / name).read_bytes()).hexdigest() == digest
        assert (row["model_license"], row["model_source"]) == ("CC0-1.0", "test")
        assert row["background"].startswith("photos/photo")
        assert row["image_file_name"] == f"images/{row['id']}.png"
        assert {"scale", "x", "y", "flip", "size", "key", "seconds", "licenses", "light"} <= row.keys()
        drawn = json.loads(row["drawn"])
        assert {"crop_x", "crop_y", "zoom"} <= drawn["photo"].keys()
        assert drawn["layers"][0]["object"] == row["object"]
    for split in ("train", "val", "test"):
        ids = [row["id"] for row in read_rows(project.output.metadata(split))]
        assert ids == sorted(ids)


def test_metadata_is_what_hugging_face_imagefolder_asks_for(project):
    # `datasets` pairs columns named *_file_name with files below the metadata file, and refuses splits whose columns
    # or types differ; a column that is null in one split and text in another differs.
    project.renders(objects=4)
    project.render("unknown", 0, split="test")
    project.photos(5)
    _run(project, "placement: {scale: 1, x: 0.5}, per_view: 2")
    kinds = set()
    for split in ("train", "val", "test"):
        for row in read_rows(project.output.metadata(split)):
            for name, value in row.items():
                assert isinstance(value, str | int | float | bool), f"{name} is no flat scalar"
                if name.endswith("_file_name"):
                    assert (project.output.metadata(split).parent / value).is_file()
            kinds.add(tuple(sorted((name, type(value).__name__) for name, value in row.items())))
    assert len(kinds) == 1
    pictures = {path.name for path in (project.output.dataset / "train").rglob("*.png")}
    assert pictures == {f"{row['id']}.png" for row in read_rows(project.output.metadata("train"))}


def test_the_second_run_makes_nothing(project):
    project.renders()
    project.photos()
    first = _run(project)
    before = {path: path.stat().st_mtime_ns for path in project.output.dataset.rglob("*.png")}
    second = _run(project)
    assert (second.made, second.kept, second.failed) == (0, first.made, 0)
    assert {path: path.stat().st_mtime_ns for path in project.output.dataset.rglob("*.png")} == before


def test_one_and_two_workers_and_shards_give_equal_files(project):
    project.renders(objects=4)
    project.photos(5)
    keys = ALL + PLACEMENT + "per_view: 3"
    _run(project, keys)
    expected = _digests(project)
    assert len(expected) == 4 * 24
    for runs in ([{"workers": 2}], [{"shard": (1, 2)}, {"shard": (2, 2)}]):
        shutil.rmtree(project.output.dataset)
        for options in runs:
            _run(project, keys, dataclasses.replace(QUIET, **options))
        assert _digests(project) == expected
        assert len(_rows(project)) == 24
        assert not list(project.output.parts(project.output.dataset).iterdir())


def test_a_run_resumes_from_parts_and_half_written_samples(project):
    project.renders()
    project.photos()
    keys = ALL + "per_view: 2"
    _run(project, keys)
    expected, rows = _digests(project), _rows(project)
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
        result = _run(project, keys)
    assert (result.kept, result.made) == (5, len(rows) - 5)
    assert _digests(project) == expected
    assert [row["id"] for row in _rows(project)] == [row["id"] for row in rows]


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
    result = _run(project, keys)
    assert result.kept >= 10
    resumed = _digests(project)
    shutil.rmtree(project.output.dataset)
    _run(project, keys)
    assert resumed == _digests(project)


def test_a_change_makes_only_what_it_touches(project):
    project.renders(objects=3)
    project.photos(4)
    keys = "per_view: 2, split: {by: none}, "
    count = _run(project, keys).made
    project.render("object1", 0, soft_disc(seed=99), license="CC0-1.0", source="test")
    changed = _run(project, keys)
    assert (changed.made, changed.kept) == (2, count - 2)
    more = _run(project, keys.replace("2", "3"))
    assert (more.made, more.kept) == (6, count)
    other = _run(project, "png_level: 3, per_view: 3, split: {by: none}")
    assert (other.made, other.kept) == (count + 6, 0)


def test_a_license_that_is_corrected_reaches_the_rows_without_new_pixels(project):
    project.render("a", 0, license="wrong")
    project.photos(1)
    _run(project, "split: {by: none}")
    project.render("a", 0, soft_disc(seed=1), license="CC0-1.0")
    project.render("a", 0, soft_disc(seed=0), license="CC0-1.0")
    assert _run(project, "split: {by: none}").made == 0
    assert {row["model_license"] for row in _rows(project)} == {"CC0-1.0"}


def test_samples_that_left_the_plan_or_moved_are_set_aside_and_other_files_are_not(project):
    project.renders(objects=6)
    project.photos(9)
    many = _run(project, "per_view: 4").made
    before, metadata = _digests(project), _rows(project)
    mine = project.output.dataset / "train" / "images" / "my own.png"
    mine.write_bytes(b"x")
    result = _run(project, "per_view: 1, split: {val: 0.4}")
    rows = _rows(project)
    assert result.made + result.kept == len(rows) == 12
    expected = {name for row in rows for name in sample_files(row)} | {"train/images/my own.png"}
    assert set(_digests(project)) == expected
    assert any(f"{many - result.kept} finished samples of other settings are kept" in note for note in result.notes)
    again = _run(project, "per_view: 4")
    assert (again.made, again.kept) == (0, many)
    mine.unlink()
    assert (_digests(project), _rows(project)) == (before, metadata)


def test_another_setting_tried_with_a_limit_or_killed_at_once_costs_nothing(project, monkeypatch):
    project.renders()
    project.photos()
    first = _run(project, "per_view: 3").made
    before, metadata = _digests(project), _rows(project)
    tried = _run(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, limit=1))
    assert (tried.made, len(_rows(project))) == (1, 1)
    with monkeypatch.context() as patch:
        patch.setattr("synthmat.compositor.stage._execute", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            _run(project, "per_view: 3", seed=99)
    planned = _run(project, "per_view: 3", dataclasses.replace(QUIET, dry_run=True))
    assert planned.kept == first
    assert f"would take back {first} samples that were set aside" in planned.notes
    assert "would leave 1 samples of other settings aside; `synthmat clean` removes them" in planned.notes
    planned = _run(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, dry_run=True))
    assert planned.kept == 1
    back = _run(project, "per_view: 3")
    assert (back.made, back.kept) == (0, first)
    assert (_digests(project), _rows(project)) == (before, metadata)
    planned = _run(project, "per_view: 3, png_level: 3", dataclasses.replace(QUIET, dry_run=True))
    assert any(note.startswith(f"would set aside {first} finished samples of other") for note in planned.notes)


def _interrupt(*_arguments):
    raise KeyboardInterrupt


def test_failures_cost_their_samples_and_are_named(project):
    project.renders(objects=2)
    project.render("nothing", 0, np.zeros((8, 8, 4), np.uint8))
    project.render("gone", 0).unlink()
    project.photos(2)
    (project.base / "photos" / "empty.jpg").touch()
    (project.base / "photos" / "text.jpg").write_text("hello")
    photo = project.photo("cut.jpg", noise_photo(1, 200, 200))
    photo.write_bytes(photo.read_bytes()[:3000])
    project.photo("huge.png", noise_photo(1, 1100, 1000))
    result = _run(project, "pairing: all, split: {by: none}, max_photo_megapixels: 1")
    assert result.made == 2 * 2 * 2
    assert result.failed == 6 * 6 - result.made
    assert result.exit_code == 1
    failures = list(read_rows(project.output.failures))
    assert len(failures) == result.failed
    assert all(row["stage"] == "composite" and row["sample"] and row["attempts"] == 1 for row in failures)
    told = "\n".join(result.notes)
    for part in (
        "empty.jpg: the file is empty",
        "text.jpg: not a",
        "cut.jpg: the photo is broken",
        "huge.png: the photo has 1.1",
    ):
        assert part in told
    assert any(row["object"] == "nothing" and "matte is empty" in row["error"] for row in failures)
    assert any(row["object"] == "gone" and "run `synthmat render`" in row["error"] for row in failures)
    assert {row["id"] for row in _rows(project)}.isdisjoint(row["sample"] for row in failures)
    (project.base / "photos" / "text.jpg").unlink()
    again = _run(project, "backgrounds: photos/photo*.png, pairing: all, split: {by: none}")
    assert (again.kept + again.made, again.failed) == (8, 4)


def test_an_object_placed_outside_of_the_frame_is_a_failure_that_says_where(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    result = _run(project, "placement: {x: 3}, per_view: 1, split: {by: none}")
    assert (result.made, result.failed) == (0, 1)
    assert "outside of the sample at x 3.00" in result.notes[-1]
    assert not (project.output.dataset / "README.md").exists()


def test_another_executor_takes_the_place_of_local_processes(project):
    project.renders(objects=2)
    project.photos(2)
    executor = RefusingExecutor()
    result = _run(project, options=RunOptions(quiet=True, executor=executor))
    assert result.made == 0
    assert result.failed > 0
    assert executor.tasks
    assert not list(project.output.root.rglob("worker-*.log"))


def test_strict_stops_at_the_first_failure(project):
    project.renders(objects=1)
    project.photos(3)
    (project.base / "photos" / "a_broken.png").write_text("x")
    result = _run(project, "pairing: all, split: {by: none}", dataclasses.replace(QUIET, strict=True))
    assert result.exit_code == 1
    assert result.made < 6


def _crash_on_object1(batch):
    if any(job.layers[0].foreground.object == "object1" for job in batch.jobs):
        os.kill(os.getpid(), signal.SIGSEGV)
    return worker.make_batch(batch)


@pytest.mark.once
def test_a_crash_costs_one_sample_and_not_its_batch(project, monkeypatch):
    project.renders(objects=4, views=1)
    project.photos(1)
    monkeypatch.setattr("synthmat.compositor.stage.make_batch", _crash_on_object1)
    result = _run(project, "per_view: 2, split: {by: none}")
    assert (result.made, result.failed) == (6, 2), result.notes
    failures = list(read_rows(project.output.failures))
    assert {row["object"] for row in failures} == {"object1"}
    assert {row["kind"] for row in failures} == {"crash"}


def test_a_limit_takes_so_many_from_all_over_and_the_next_run_goes_on(project):
    project.renders(objects=6)
    project.photos(6)
    first = _run(project, "per_view: 2", dataclasses.replace(QUIET, limit=6))
    assert first.made == 6
    assert len({row["split"] for row in _rows(project)}) == 3
    rest = _run(project, "per_view: 2")
    assert (rest.made, rest.kept) == (18, 6)


def test_a_dry_run_counts_and_makes_nothing(project):
    project.renders(objects=6)
    project.photos(6)
    before = sorted(project.base.rglob("*"))
    result = _run(project, "per_view: 2", dataclasses.replace(QUIET, dry_run=True))
    assert sorted(project.base.rglob("*")) == before
    assert result.made == 0
    counts = next(note for note in result.notes if note.startswith("would make"))
    assert counts == "would make 24 of 24 samples: train 16, val 4, test 4"
    listed = [note for note in result.notes if " on " in note and "/" in note.partition(":")[0]]
    assert [note.partition("/")[0] for note in listed] == ["train"] * 16 + ["val"] * 4 + ["test"] * 4
    assert any("on photos/photo" in note and "scale 0.80" in note for note in result.notes)


def test_two_runs_on_one_folder_are_refused(project):
    project.renders(objects=1)
    project.photos(1)
    with run_lock(project.output.dataset), pytest.raises(OutputError, match="another synthmat run"):
        _run(project)


def test_rows_from_elsewhere_cannot_delete_files_outside_of_the_data_set(project):
    project.renders(objects=1)
    project.photos(1)
    _run(project, "split: {by: none}")
    victim = project.base / "victim.png"
    victim.write_bytes(b"x")
    row = dict(_rows(project)[0], id="../../../../victim", key="old")
    write_rows(project.output.metadata("train"), [*_rows(project), row])
    _run(project, "split: {by: none}")
    assert victim.exists()
    assert json.dumps(row) not in project.output.metadata("train").read_text()


def test_what_a_killed_process_left_half_written_is_removed(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    leftover = project.output.dataset / "train" / "alpha" / ".x.4711.tmp.png"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    _run(project, "split: {by: none}")
    assert not leftover.exists()


@pytest.mark.data
def test_real_photos_of_all_kinds_become_backgrounds(project, free_data):
    project.render("a", 0)
    (project.base / "photos").symlink_to(free_data / "backgrounds")
    result = _run(project, "pairing: all, split: {by: none}")
    assert (result.made, result.failed) == (26, 0)
