"""A clock that goes back between two runs, or files from the future: what is finished is kept, what changed is seen."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from PIL import Image
from support.composite_project import Project
from support.executors import HereExecutor

import synthmat
from synthmat.compositor.stage import composite
from synthmat.stage import RunOptions

YEAR = 365 * 24 * 3600


def set_times(folder, seconds):
    """Give all files of a folder other times, as if they had been written then."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() + seconds,) * 2)


@pytest.mark.parametrize("seconds", [YEAR, -YEAR, -60 * YEAR], ids=["future", "past", "before 1970"])
def test_samples_of_another_time_are_kept_and_a_changed_photo_is_seen(tmp_path, seconds):
    project = Project(tmp_path)
    project.renders(objects=2, views=1)
    project.photos(2)
    recipe = project.recipe("pairing: all, split: {by: none}")

    def run():
        options = RunOptions(workers=1, quiet=True, executor=HereExecutor())
        return composite(recipe, project.base, project.output, options)

    made = run().made
    assert made > 0
    set_times(tmp_path, seconds)
    again = run()
    assert (again.made, again.kept) == (0, made)
    photo = sorted((tmp_path / "photos").iterdir())[0]
    status = photo.stat()
    Image.fromarray(np.full((48, 64, 3), 9, np.uint8)).save(photo)
    os.utime(photo, (status.st_atime - 10, status.st_mtime - 10))
    changed = run()
    assert (changed.made, changed.failed) == (made // 2, 0)


def test_a_clock_that_goes_back_in_the_middle_of_a_run(tmp_path, monkeypatch):
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (20, 30, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    now, steps = time.time(), iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: now - YEAR * next(steps))
    for expected in ((3, 0), (0, 3)):
        result = synthmat.predict("baseline:centre", tmp_path, tmp_path / "out", quiet=True)
        assert (result.made, result.kept) == expected
        assert result.seconds >= 0
