"""Whole runs: samples that hold the equation, rows that say where they come from, failures that are named."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal

import cv2
import numpy as np
import pytest
from PIL import Image
from support.composite_project import noise_photo, soft_disc
from support.composite_runs import IN_WORKERS, QUIET, read_kind, run_composite, sample_rows
from support.refusing_executor import RefusingExecutor

from synthmat.compositor import worker
from synthmat.compositor.sample_rows import sample_files
from synthmat.errors import OutputError
from synthmat.images.alpha import over_uint8
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.run_lock import run_lock

ALL = "outputs: [image, alpha, fg, bg], "
PLACEMENT = "placement: {scale: {uniform: [0.5, 1.2]}, x: {normal: [0.5, 0.1]}, flip: 0.5}, "


@pytest.mark.parametrize("bits", [8, 16])
def test_the_stored_files_hold_the_compositing_equation_to_one_level(project, bits):
    for view in range(3):
        project.render("a", view, soft_disc(70, view, np.uint8 if bits == 8 else np.uint16))
    project.photos(3)
    result = run_composite(project, f"{ALL}{PLACEMENT}bit_depth: {bits}, per_view: 3, split: {{by: none}}")
    assert (result.made, result.failed) == (9, 0)
    for row in sample_rows(project):
        image, alpha, fg, bg = (read_kind(project, row, kind) for kind in ("image", "alpha", "fg", "bg"))
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
    run_composite(project, ALL + "per_view: 1, split: {by: none}")
    image, fg = (read_kind(project, sample_rows(project)[0], kind)[..., ::-1] for kind in ("image", "fg"))
    assert image.min() >= 229
    off = np.abs(fg.astype(int) - (250, 240, 230))
    assert off.max() <= 2, "the foreground goes on under alpha 0"
    assert (off > 1).mean() < 0.001, "two levels only where alpha is 1 of 255"


def test_jpeg_samples_are_near_and_say_that_they_are_not_exact(project):
    project.renders(objects=1)
    project.photo("smooth.png", cv2.resize(noise_photo(1, 4, 4), (60, 60), interpolation=cv2.INTER_CUBIC))
    run_composite(project, ALL + "per_view: 1, split: {by: none}", image_format="jpg")
    row = sample_rows(project)[0]
    assert row["image_file_name"].endswith(".jpg")
    assert row["exact"] is False
    with Image.open(project.output.dataset / row["split"] / row["image_file_name"]) as image:
        assert image.layer[0][1:3] == image.layer[1][1:3], "4:4:4 chroma"
    image, alpha, fg, bg = (read_kind(project, row, kind) for kind in ("image", "alpha", "fg", "bg"))
    assert np.abs(image.astype(int) - over_uint8(fg, alpha, bg)).mean() < 3


def test_every_row_carries_files_checksums_provenance_and_placement(project):
    project.renders(objects=4)
    project.photos(5)
    run_composite(project, ALL + "per_view: 2")
    rows = sample_rows(project)
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
    run_composite(project, "placement: {scale: 1, x: 0.5}, per_view: 2")
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
    result = run_composite(project, "pairing: all, split: {by: none}, max_photo_megapixels: 1")
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
    assert {row["id"] for row in sample_rows(project)}.isdisjoint(row["sample"] for row in failures)
    (project.base / "photos" / "text.jpg").unlink()
    again = run_composite(project, "backgrounds: photos/photo*.png, pairing: all, split: {by: none}")
    assert (again.kept + again.made, again.failed) == (8, 4)


def test_an_object_placed_outside_of_the_frame_is_a_failure_that_says_where(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    result = run_composite(project, "placement: {x: 3}, per_view: 1, split: {by: none}")
    assert (result.made, result.failed) == (0, 1)
    assert "outside of the sample at x 3.00" in result.notes[-1]
    assert not (project.output.dataset / "README.md").exists()


def test_another_executor_takes_the_place_of_local_processes(project):
    project.renders(objects=2)
    project.photos(2)
    executor = RefusingExecutor()
    result = run_composite(project, options=RunOptions(quiet=True, executor=executor))
    assert result.made == 0
    assert result.failed > 0
    assert executor.tasks
    assert not list(project.output.root.rglob("worker-*.log"))


def test_strict_stops_at_the_first_failure(project):
    project.renders(objects=1)
    project.photos(3)
    (project.base / "photos" / "a_broken.png").write_text("x")
    result = run_composite(project, "pairing: all, split: {by: none}", dataclasses.replace(QUIET, strict=True))
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
    result = run_composite(project, "per_view: 2, split: {by: none}", IN_WORKERS)
    assert (result.made, result.failed) == (6, 2), result.notes
    failures = list(read_rows(project.output.failures))
    assert {row["object"] for row in failures} == {"object1"}
    assert {row["kind"] for row in failures} == {"crash"}


def test_a_dry_run_counts_and_makes_nothing(project):
    project.renders(objects=6)
    project.photos(6)
    before = sorted(project.base.rglob("*"))
    result = run_composite(project, "per_view: 2", dataclasses.replace(QUIET, dry_run=True))
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
        run_composite(project)


@pytest.mark.data
def test_real_photos_of_all_kinds_become_backgrounds(project, free_data):
    project.render("a", 0)
    (project.base / "photos").symlink_to(free_data / "backgrounds")
    result = run_composite(project, "pairing: all, split: {by: none}")
    assert (result.made, result.failed) == (26, 0)
