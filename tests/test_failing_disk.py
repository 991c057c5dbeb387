"""Whatever step on the disk fails, the same command goes on later and ends as if nothing had been.

The short form tries a few steps of each command; ``SYNTHMAT_CHAOS=1`` (``make chaos``) tries every one of them.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.composite_project import Project, noise_photo
from support.executors import HereExecutor
from support.failing_disk import failing_disk
from support.stored_dataset import Stored
from support.tiny_training import Squares, tiny_setup

from synthmat import api
from synthmat.compositor.stage import composite
from synthmat.errors import SynthmatError
from synthmat.generator.plan import plan_render
from synthmat.generator.stage import render_jobs
from synthmat.recipe import parse_recipe
from synthmat.render_job import RenderJob
from synthmat.stage import RunOptions
from synthmat.storage.atomic import sync_files, write_bytes
from synthmat.storage.manifest import append_row
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.engine.trainer import fit

EVERY = os.environ.get("SYNTHMAT_CHAOS") == "1"
_TIMES = {"seconds", "timings", "images_per_second", "data_wait_share", "input"}
RECIPE = (
    "name: x\nseed: 1\nobjects: [{builtin: vase, count: 2}]\nrender: {resolution: 16, views: {turntable: {count: 2}}}\n"
)


def stub_frames(job: RenderJob) -> float:
    for view in job.views:
        data = f"{job.asset.name} {view.name}".encode()
        name = f"{job.asset.name}/{view.name}.png"
        write_bytes(Path(job.folder) / f"{view.name}.png", data)
        row = {"object": job.asset.name, "view": view.name, "key": job.key(view)}
        append_row(Path(job.rows_file), row | {"files": {name: hashlib.sha256(data).hexdigest()}})
    return 0.0


def render_stubs(base: Path) -> None:
    output = OutputFolder(base / "out")
    options = RunOptions(workers=1, quiet=True, executor=HereExecutor(stub_frames))
    result = render_jobs(plan_render(parse_recipe(RECIPE), base, output), output, options)
    if result.failed:
        raise SynthmatError("some frames failed")


def composite_here(base: Path) -> None:
    project = Project(base)
    options = RunOptions(workers=1, quiet=True, executor=HereExecutor())
    result = composite(project.recipe("pairing: all, split: {by: none}"), base, project.output, options)
    if result.failed:
        raise SynthmatError("some samples failed")


def train_squares(base: Path) -> None:
    fit(tiny_setup(base / "training", source=Squares(4), epochs=2))


def export_layout(base: Path) -> None:
    api.export_dataset(base / "out", "modnet")


def predict_centre(base: Path) -> None:
    result = api.predict("baseline:centre", base / "photos", out=base / "mattes", quiet=True)
    if result.failed:
        raise SynthmatError("some pictures failed")


def project_files(base: Path) -> None:
    project = Project(base)
    project.renders(objects=1, views=2)
    project.photos(1)


def photos(base: Path) -> None:
    (base / "photos").mkdir()
    for number in range(2):
        Image.fromarray(noise_photo(number, 12, 16)).save(base / "photos" / f"{number}.png")


COMMANDS: dict[str, tuple[Callable[[Path], object], Callable[[Path], None]]] = {
    "render": (Path.exists, render_stubs),
    "composite": (project_files, composite_here),
    "train": (Path.exists, train_squares),
    "export": (lambda base: Stored(base / "out", ("image", "alpha", "trimap")), export_layout),
    "predict": (photos, predict_centre),
}


def content(base: Path) -> dict[str, Any]:
    """Return what a reader finds: rows without times, weights, and the bytes of all else that is not hidden."""
    found: dict[str, Any] = {}
    for path in sorted(base.rglob("*")):
        name = path.relative_to(base).as_posix()
        if not path.is_file() or "/." in f"/{name}" or "tensorboard" in name:
            continue
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = [{key: value for key, value in row.items() if key not in _TIMES} for row in rows]
        elif path.suffix == ".pt":
            found[name] = {key: value.numpy() for key, value in load_checkpoint(path)["model"].items()}
        else:
            found[name] = path.read_bytes()
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        all(np.array_equal(one[name][key], other[name][key]) for key in one[name])
        if name.endswith(".pt")
        else one[name] == other[name]
        for name in one
    )


@pytest.mark.once
@pytest.mark.filterwarnings("ignore::synthmat.errors.PassedOverWarning")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_whose_disk_failed_at_any_step_goes_on_and_ends_as_if_it_had_not(command, tmp_path):
    prepare, run = COMMANDS[command]
    whole = tmp_path / "whole"
    whole.mkdir()
    prepare(whole)
    shutil.copytree(whole, tmp_path / "start")
    with failing_disk() as disk:
        run(whole)
    expected = content(whole)
    assert disk.steps > 5
    for at in range(disk.steps) if EVERY else sorted({round(disk.steps * share) for share in (0.2, 0.5, 0.8)}):
        base = tmp_path / "tried"
        shutil.rmtree(base, ignore_errors=True)
        shutil.copytree(tmp_path / "start", base)
        error: Exception | None = None
        with failing_disk(at):
            try:
                run(base)
            except (OSError, SynthmatError) as found:
                error = found
        if isinstance(error, OSError):
            assert error.filename, f"step {at}: {error!r} names no file"
        run(base)
        assert same(content(base), expected), f"{command}: step {at} of {disk.steps}"


def test_a_disk_that_fails_while_files_are_flushed_names_one(tmp_path, monkeypatch):
    (tmp_path / "frame.png").write_bytes(b"x")

    def fails(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match=r"frame\.png"):
        sync_files([tmp_path / "gone.png", tmp_path / "frame.png"])
