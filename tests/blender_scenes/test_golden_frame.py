"""A tiny frame as RENDER_VERSION had it: another frame needs another version, or old frames are kept as new ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import read_rgba
from support.golden import changed, golden, pixels_to_text, text_to_pixels

from synthmat.render_job import RENDER_VERSION, Look, ThreePointLight, View

_EDGE = 20


@pytest.fixture(scope="module")
def frame(studio_in: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, np.ndarray[Any, Any]]:
    """Return Blender's version and the pixels (H, W, 4) of a built-in under a light with a look."""
    studio = studio_in(tmp_path_factory.mktemp("golden"))
    light = ThreePointLight(1.2, -50.0, 35.0, 0.4, 0.8, 1.5, 5000.0, 0.2, (1.0, 0.9, 0.8))
    job = studio.job("", builtin="toy_character", name="toy", light=light, width=_EDGE, height=_EDGE, samples=16)
    view = View("0000", 30.0, 20.0, 50.0, 5, fit="silhouette", fill=0.9, roll=5.0)
    job = dataclasses.replace(job, views=(view,), look=Look(0.4, 3))
    (row,) = studio.blender(blender_session.render, job)
    return "Blender " + ".".join(row["blender"].split(".")[:2]), read_rgba(Path(job.folder) / "0000.png")


def test_a_frame_changes_only_with_the_version(frame: tuple[str, np.ndarray[Any, Any]]) -> None:
    """Alpha is exact; color may be off by a level where processors round otherwise."""
    blender, pixels = frame
    lines = golden("frame", "RENDER_VERSION", RENDER_VERSION, pixels_to_text(pixels), blender)
    off = np.abs(pixels.astype(int) - text_to_pixels(lines, 4))
    assert off[..., 3].max() == 0, changed("RENDER_VERSION", RENDER_VERSION)
    assert off[..., :3].max() <= 1, changed("RENDER_VERSION", RENDER_VERSION)
