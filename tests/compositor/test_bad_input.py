"""Files that are not what they seem, or change, or cannot be written: what a run says, and what it keeps."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import signal
import struct
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.composite_project import noise_photo, soft_disc

from synthmat.compositor import worker
from synthmat.compositor.imaging.foreground_image import load_foreground
from synthmat.compositor.planning.plan import plan_samples
from synthmat.compositor.sample_rows import SampleRows
from synthmat.compositor.stage import composite
from synthmat.errors import AssetError, OutputError
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows, write_rows

# Both Pythons load the same ImageMagick and the same decoders.
pytestmark = pytest.mark.once

QUIET = RunOptions(workers=1, quiet=True)
ALL = "pairing: all, split: {by: none}, "


def _run(project, keys: str = ""):
    return composite(project.recipe(ALL + keys), project.base, project.output, QUIET)


def test_names_that_mean_something_to_other_programs_are_only_names(project):
    project.render("a", 0)
    names = ("text:x.jpg", "msl:x.png", "@list.jpg", "new\nline.jpg", "%d[0].jpg", "-size.jpg", f"{'n' * 240}.jpg")
    for number, name in enumerate(names):
        project.photo(name, noise_photo(number))
    (project.base / "photos" / "@list").write_text("photo")
    result = _run(project)
    assert (result.made, result.failed) == (len(names), 0)
    rows = list(read_rows(project.output.metadata("train")))
    assert {row["background"] for row in rows} == {f"photos/{name}" for name in names}
    for row in rows:
        assert (project.output.dataset / "train" / row["image_file_name"]).is_file()


def test_scripts_and_drawings_called_photos_are_refused_and_not_run(project):
    project.render("a", 0)
    photos = project.base / "photos"
    photos.mkdir()
    (photos / "drawing.jpg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    (photos / "script.jpg").write_text(
        f"<image><read filename='{photos}/drawing.jpg'/><write filename='{project.base}/made'/></image>"
    )
    (photos / "empty.jpg").touch()
    result = _run(project)
    assert (result.made, result.failed) == (0, 3)
    told = "\n".join(result.notes)
    assert told.count("not a JPEG, PNG, WebP or TIFF picture") == 2
    assert "empty.jpg: the file is empty" in told
    assert not (project.base / "made").exists()


def _bomb(path: Path, edge: int) -> None:
    """Write a small PNG whose header announces a square of ``edge`` pixels."""
    Image.new("1", (8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", edge, edge)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)


def test_bombs_are_refused_as_photos_and_as_foregrounds(project, tmp_path):
    project.render("a", 0)
    bomb = tmp_path / "photos" / "bomb.png"
    bomb.parent.mkdir()
    _bomb(bomb, 40_000)
    result = _run(project)
    assert "the photo has 1600 megapixels, more than composite.max_photo_megapixels (100) allows" in result.notes[-1]
    (tmp_path / "cut").mkdir()
    for name, edge in (("far.png", 40_000), ("some.png", 12_000)):
        _bomb(tmp_path / "cut" / name, edge)
    recipe = project.recipe("foregrounds: [{folder: cut, layout: rgba}], split: {by: none}")
    told = r"the foreground has (144|far more) megapixels, more than composite.max_photo_megapixels \(100\) allows"
    for candidate in plan_samples(recipe, project.base, project.output).candidates:
        with pytest.raises(AssetError, match=told):
            load_foreground(candidate.foreground, 48, tmp_path / "kept")
    Image.fromarray(soft_disc(64)).save(tmp_path / "cut" / "far.png")
    (tmp_path / "cut" / "some.png").unlink()
    (candidate,) = plan_samples(recipe, project.base, project.output).candidates
    with pytest.raises(AssetError, match=r"has 0\.004096 megapixels, more than .* \(0\.004\) allows"):
        load_foreground(candidate.foreground, 48, tmp_path / "kept", 0.004)


def _change_inputs(batch):
    """Replace and remove inputs between the plan and the work, once."""
    base = next(path for path in (Path(batch.dataset).parents) if (path / "photos").is_dir())
    if (base / "photos" / "c.png").exists():
        Image.fromarray(noise_photo(99)).save(base / "photos" / "b.png")
        (base / "photos" / "c.png").unlink()
        cv2.imwrite(str(base / "cut" / "two.png"), cv2.cvtColor(soft_disc(64, 9), cv2.COLOR_RGBA2BGRA))
        (base / "cut" / "three.png").unlink()
    return worker.make_batch(batch)


def test_inputs_that_change_during_the_run_cost_their_samples_and_the_next_run_makes_them(project, monkeypatch):
    for name in ("a.png", "b.png", "c.png"):
        project.photo(name)
    (project.base / "cut").mkdir()
    for seed, name in enumerate(("one", "two", "three")):
        rgba = soft_disc(64, seed)
        cv2.imwrite(str(project.base / "cut" / f"{name}.png"), cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))
    keys = "foregrounds: [{folder: cut}]"
    monkeypatch.setattr("synthmat.compositor.stage.make_batch", _change_inputs)
    result = _run(project, keys)
    assert (result.made, result.failed) == (1, 8)
    told = "\n".join(result.notes)
    for part in (
        "b.png: the photo has changed since it was planned; run `synthmat composite` again",
        "c.png: the photo is not there",
        "two.png: the foreground has changed since it was planned; run `synthmat composite` again",
        "three.png: the foreground cannot be read: No such file or directory; run `synthmat composite` again",
    ):
        assert part in told
    again = _run(project, keys)
    assert (again.made, again.kept, again.failed) == (3, 1, 0)


def _stop_once(batch):
    """Stop in the middle of the first batch, as a machine that swaps does."""
    flag = Path(batch.parts) / "stopped"
    if not flag.exists():
        worker.make_batch(dataclasses.replace(batch, jobs=batch.jobs[:1]))
        flag.touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    return worker.make_batch(batch)


def test_a_worker_that_stops_in_the_middle_of_a_batch_is_ended_within_the_limit_of_a_sample(project, monkeypatch):
    project.renders(objects=2)
    project.photos(1)
    monkeypatch.setattr("synthmat.compositor.stage.make_batch", _stop_once)
    began = time.monotonic()
    result = _run(project, "sample_timeout: 4")
    assert (result.made, result.failed) == (4, 0)
    assert time.monotonic() - began < 60


def _fill_disk(batch):
    """Make the first batch, and find the disk full at the second."""
    if list(Path(batch.parts).glob("*.jsonl")):
        error = OSError(errno.ENOSPC, "No space left on device")
        raise OutputError(worker.cannot_write(Path(batch.dataset), error))
    return worker.make_batch(batch)


def test_a_full_disk_is_told_as_such_and_what_was_finished_stays(project, monkeypatch):
    project.renders(objects=2)
    project.photos(3)
    monkeypatch.setattr("synthmat.compositor.stage.make_batch", _fill_disk)

    def full(_rows):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SampleRows, "merge", full)
        with pytest.raises(OutputError, match=r"dataset: cannot write there: No space left on device; what is"):
            _run(project)
    monkeypatch.undo()
    result = _run(project)
    assert result.kept > 0
    assert (result.kept + result.made, result.failed) == (12, 0)


def test_photos_that_only_some_programs_can_read_become_backgrounds(project):
    project.render("a", 0)
    pixels = noise_photo(1)
    Image.fromarray(pixels).convert("CMYK").save(project.photo("cmyk.jpg"))
    Image.fromarray(pixels[::-1]).convert("P").save(project.photo("palette.png"))
    Image.fromarray(np.dstack([pixels, pixels[..., :1]])).save(project.photo("alpha.png"))
    cv2.imwrite(str(project.photo("deep.png")), pixels.astype(np.uint16)[:, ::-1] * 257)
    result = _run(project)
    assert (result.made, result.failed) == (4, 0)


def test_a_photo_edited_within_its_size_and_times_is_read_anew_by_the_next_run(project):
    project.render("a", 0)
    photo = project.photo("a.bmp", noise_photo(1))
    assert _run(project).failed == 0
    before = photo.stat()
    project.photo("a.bmp", noise_photo(2))
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert photo.stat().st_size == before.st_size
    result = _run(project)
    assert (result.made, result.failed) == (1, 0), "the time of any change gives it away"
    # Where even that is the same, what fails for it is planned anew.
    project.photo("a.bmp", noise_photo(3))
    cache, now = project.output.root / ".digests.jsonl", photo.stat()
    write_rows(cache, [row | {"changed": now.st_mtime_ns, "touched": now.st_ctime_ns} for row in read_rows(cache)])
    shutil.rmtree(project.output.dataset)
    failed = _run(project)
    assert (failed.failed, "has changed since it was planned" in "".join(failed.notes)) == (1, True)
    result = _run(project)
    assert (result.made, result.failed) == (1, 0)
