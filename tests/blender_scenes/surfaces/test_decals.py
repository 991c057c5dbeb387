"""Decals: what lies in the plane of something else is seen on top of it, and makes no hole in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.made_gltf import BLUE, RED, YELLOW, cube, material, square, write_gltf


@pytest.mark.parametrize("double_sided", [False, True])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(("opacity", "mode"), [(1.0, "OPAQUE"), (0.9, "BLEND")])
def test_a_decal_is_seen_on_its_surface(
    studio: Any, tmp_path: Path, double_sided: bool, apart: bool, opacity: float, mode: str
) -> None:
    sheet = square(material(YELLOW, double_sided=double_sided))
    decal = square(material([*BLUE[:3], opacity], double_sided=double_sided, alphaMode=mode), size=0.5)
    meshes = [[sheet], [decal]] if apart else [[sheet, decal]]
    _, (pixels,) = studio.render(write_gltf(tmp_path / "decal.gltf", meshes), samples=16)
    assert (pixels[14:50, 14:50, 3] == 255).all()
    inside = pixels[26:38, 26:38, :3].astype(int)
    assert (inside[..., 2] > 1.2 * inside[..., 0]).all()
    assert (pixels[14:16, 14:50, 0] > 80).all()


def test_neighbors_in_a_plane_stay_where_they_are(studio: Any, tmp_path: Path) -> None:
    """Two materials side by side, as on any floor."""
    half = square(material(RED, double_sided=True))
    left, right = (
        {**half, "points": half["points"] * np.array([0.5, 1, 1], np.float32) + np.array([x, 0, 0], np.float32)}
        for x in (-0.5, 0.5)
    )
    right = {**right, "paint": material(BLUE, double_sided=True)}
    assert studio.blender(heights, str(write_gltf(tmp_path / "floor.gltf", [[left, right]]))) == [0.0]
    decal = square(material(RED), size=0.2, z=0.5)
    box = cube(material(YELLOW))
    moved = studio.blender(heights, str(write_gltf(tmp_path / "box.gltf", [[box, decal]])))
    assert moved[-1] == pytest.approx(0.5, abs=1e-3)
    assert moved[-1] > 0.5


def heights(path: str) -> list[float]:
    """Import a model, lift its decals, and return the different places of its vertices along the first view."""
    import bpy
    from support import blender_session

    from synthmat.blender_scenes.models.importing import import_model
    from synthmat.blender_scenes.surfaces.decals import lift_decals

    blender_session._empty()
    import_model(Path(path))
    lift_decals()
    return sorted({-vertex.co.y for mesh in bpy.data.meshes for vertex in mesh.vertices})
