"""One Blender process for all tests of this folder; pytest itself never imports bpy."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import read_rgba

from synthmat.render_job import Asset, HdriLight, RenderJob, RenderSettings, ThreePointLight, View


@pytest.fixture(scope="session")
def blender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Call functions of `blender_session` inside the Blender process and return what they return."""
    log = tmp_path_factory.mktemp("blender") / "log.txt"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=blender_session.start, initargs=(str(log),)) as pool:
        yield lambda function, *args, **named: pool.submit(function, *args, **named).result(timeout=200)


Frames = list[np.ndarray[Any, Any]]


class Studio:
    """Renders models at a tiny size and returns rows and pixels (H, W, 4), RGBA."""

    def __init__(self, blender: Callable[..., Any], folder: Path) -> None:
        self.blender = blender
        self.folder = folder

    def job(self, path: Path | str, *, light: ThreePointLight | HdriLight | None = None, **changes: Any) -> RenderJob:
        """Return a job; ``azimuths``, ``elevation``, ``focal_length``, ``builtin`` and fields of RenderSettings."""
        azimuths = changes.pop("azimuths", (0.0,))
        elevation, focal_length = changes.pop("elevation", 0.0), changes.pop("focal_length", 50.0)
        name = changes.pop("name", "object")
        builtin = changes.pop("builtin", None)
        settings = {"width": 64, "height": 64, "samples": 4, "bit_depth": 8, "exposure": 0.0, "max_bounces": 4}
        settings |= {"margin": 0.08, "missing_textures": "error", "alpha_error": 0.03} | changes
        return RenderJob(
            asset=Asset(name, path=None if builtin else str(path), builtin=builtin, fingerprint=str(path)),
            light=light or ThreePointLight(1.0, -40.0, 40.0, 0.4, 0.8, 1.5, 6500.0, 0.15),
            settings=RenderSettings(**settings),
            views=tuple(View(f"{i:04d}", a, elevation, focal_length, i) for i, a in enumerate(azimuths)),
            folder=str(self.folder / name),
            rows_file=str(self.folder / "rows.jsonl"),
        )

    def render(self, path: Path | str, **changes: Any) -> tuple[list[dict[str, Any]], Frames]:
        """Render a model and return its rows and frames."""
        job = self.job(path, **changes)
        rows = self.blender(blender_session.render, job)
        return rows, [read_rgba(Path(job.folder) / f"{view.name}.png") for view in job.views]


@pytest.fixture(scope="session")
def studio_in(blender: Callable[..., Any]) -> Callable[[Path], Studio]:
    """Make a studio that renders into a folder, for fixtures that several tests share."""
    return lambda folder: Studio(blender, folder)


@pytest.fixture
def studio(blender: Callable[..., Any], tmp_path: Path) -> Studio:
    return Studio(blender, tmp_path / "renders")


@pytest.fixture(scope="session")
def towers(blender: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `blender_session.make_towers`."""
    folder = tmp_path_factory.mktemp("towers")
    blender(blender_session.make_towers, str(folder))
    return folder
