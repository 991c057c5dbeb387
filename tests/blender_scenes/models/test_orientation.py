"""Models that lie down: another axis upwards, and turned by any angles, in every format."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import read_rgba


def shape(studio: Any, path: Path, **stands: Any) -> tuple[int, int]:
    """Return height and width in pixels of what a model looks like from the front."""
    job = studio.job(path)
    job = dataclasses.replace(job, asset=dataclasses.replace(job.asset, **stands))
    blender = studio.blender(blender_session.render, job)
    assert blender[0]["warnings"] == []
    rows, columns = np.nonzero(read_rgba(Path(job.folder) / "0000.png")[..., 3] > 127)
    return int(np.ptp(rows)), int(np.ptp(columns))


@pytest.mark.parametrize("suffix", ["glb", "obj", "fbx", "ply", "stl", "blend", "usda"])
def test_a_tower_is_tipped_over_and_stood_up_again(studio: Any, towers: Path, suffix: str) -> None:
    path = towers / f"tower.{suffix}"
    tall = shape(studio, path)
    assert tall[0] > 1.5 * tall[1]
    flat = shape(studio, path, rotate=(0.0, 90.0, 0.0))
    assert flat[1] > 1.5 * flat[0]
    assert shape(studio, path, rotate=(0.0, 90.0, 0.0))[1] == pytest.approx(tall[0], abs=12)
    if suffix == "usda":
        return
    own = "z" if suffix in ("ply", "stl", "blend") else "y"
    assert shape(studio, path, up=own) == tall
    lying = shape(studio, path, up="y" if own == "z" else "z")
    assert lying[0] == pytest.approx(lying[1], abs=2)  # seen along its length
    back = shape(studio, path, up="y" if own == "z" else "z", rotate=(90.0 if own == "y" else -90.0, 0.0, 0.0))
    assert back == tall


def test_angles_are_taken_one_after_the_other(studio: Any, towers: Path) -> None:
    """To the back first, so that a turn about the vertical axis then shows its length from the side."""
    lying = shape(studio, towers / "tower.glb", rotate=(90.0, 0.0, 0.0))
    assert lying[0] == pytest.approx(lying[1], abs=2)
    aside = shape(studio, towers / "tower.glb", rotate=(90.0, 0.0, 90.0))
    assert aside[1] > 1.5 * aside[0]


@pytest.mark.parametrize("number", [1, 2])
def test_the_axis_is_what_an_fbx_file_says(blender: Any, tmp_path: Path, number: int) -> None:
    (tmp_path / "ascii.fbx").write_text(f'; FBX 7.4.0 project file\nP: "UpAxis", "int", "Integer", "",{number}\n')
    assert blender(axis, str(tmp_path / "ascii.fbx")) == "xyz"[number]


def axis(path: str) -> str:
    from synthmat.blender_scenes.models.orientation import up_axis

    return up_axis(Path(path))


def test_the_axis_of_a_binary_fbx_file_is_read(blender: Any, tmp_path: Path) -> None:
    for up in "YZ":
        blender(export_fbx, str(tmp_path / f"{up}.fbx"), up)
        assert blender(axis, str(tmp_path / f"{up}.fbx")) == up.lower()


def export_fbx(path: str, up: str) -> None:
    import bpy

    blender_session._tower()
    bpy.ops.export_scene.fbx(filepath=path, axis_up=up, axis_forward="-Z" if up == "Y" else "Y")
