"""Single-sided materials: what turns its back is not there, in color, alpha and shadow."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.made_gltf import BLACK, BLUE, RED, YELLOW, cube, material, square, write_gltf

from synthmat.errors import AssetError

UNLIT = {"extensions": {"KHR_materials_unlit": {}}}


def seen(pixels: Any) -> int:
    return int((pixels[..., 3] > 127).sum())


@pytest.mark.cases_once
@pytest.mark.parametrize("normals_inwards", [True, False])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("more", [{}, UNLIT])
def test_an_outline_shows_round_what_it_outlines(
    studio: Any, tmp_path: Path, normals_inwards: bool, apart: bool, more: dict[str, Any]
) -> None:
    inner = cube(material(YELLOW))
    hull = cube(material(BLACK, **more), size=1.3, inwards=True, normals_inwards=normals_inwards)
    path = write_gltf(tmp_path / "toon.gltf", [[inner], [hull]] if apart else [[inner, hull]])
    rows, (toon,) = studio.render(path, azimuths=(30.0,), elevation=20.0, samples=32)
    _, (plain,) = studio.render(write_gltf(tmp_path / "plain.gltf", [[inner]]), azimuths=(30.0,), elevation=20.0)
    rim = toon[(toon[..., 3] == 255) & (toon[..., :3].max(axis=-1) < 40)]
    assert len(rim) > 100
    assert toon[32, 32, :3] == pytest.approx(plain[32, 32, :3], abs=12)
    assert toon[32, 32, 0] > 60
    assert rows[0]["alpha"]["from"] == "coverage" or more


@pytest.mark.cases_once
@pytest.mark.parametrize("alpha_mode", ["OPAQUE", "BLEND"])
@pytest.mark.parametrize("alpha_error", [0.03, 0.0])
@pytest.mark.parametrize("scale", [[1, 1, 1], [-1, 1, 1]])
def test_a_sheet_is_seen_from_its_front_only(
    studio: Any, tmp_path: Path, alpha_mode: str, alpha_error: float, scale: list[int]
) -> None:
    paint = material([1.0, 0.1, 0.1, 1.0 if alpha_mode == "OPAQUE" else 0.5], alphaMode=alpha_mode)
    small = square(material(BLUE), size=0.2, z=0.5, reverse=True)
    path = write_gltf(tmp_path / "sheet.gltf", [[square(paint)], [small]], [{"mesh": 0, "scale": scale}, {"mesh": 1}])
    _, (front, back) = studio.render(path, azimuths=(0.0, 180.0), alpha_error=alpha_error, samples=16)
    assert int(front[20, 20, 3]) == pytest.approx(
        255 if alpha_mode == "OPAQUE" else 128, abs=40 if not alpha_error else 8
    )
    assert (back[10:24, 10:24, 3] == 0).all()
    assert back[32, 32, 3] == 255
    assert int(back[32, 32, 2]) > 1.5 * int(back[32, 32, 0])


def test_a_double_sided_sheet_is_seen_from_both_sides(studio: Any, tmp_path: Path) -> None:
    path = write_gltf(tmp_path / "sheet.gltf", [[square(material(RED, double_sided=True))]])
    _, (front, back) = studio.render(path, azimuths=(0.0, 180.0))
    assert seen(front) == pytest.approx(seen(back), rel=0.02)


def test_twins_back_to_back_are_seen_from_both_sides(studio: Any, tmp_path: Path) -> None:
    for name, other in (("same", RED), ("other", BLUE)):
        twins = [square(material(RED)), square(material(other), reverse=True)]
        rows, (front, back) = studio.render(
            write_gltf(tmp_path / f"{name}.gltf", [twins]), azimuths=(0.0, 180.0), samples=16
        )
        assert seen(front) == pytest.approx(seen(back), rel=0.02)
        assert int(front[32, 32, 0]) > 2 * int(front[32, 32, 2])
        assert (int(back[32, 32, 2]) > 2 * int(back[32, 32, 0])) == (other == BLUE)
        assert back[..., 3].max() == 255
        assert rows[0]["warnings"] == []


def test_double_sided_faces_of_two_materials_in_one_place_are_a_warning(studio: Any, tmp_path: Path) -> None:
    twins = [square(material(RED, double_sided=True)), square(material(BLUE, double_sided=True), reverse=True)]
    rows, _ = studio.render(write_gltf(tmp_path / "twins.gltf", [twins]))
    assert "two materials" in rows[0]["warnings"][0]


def test_an_outline_casts_no_shadow(studio: Any, tmp_path: Path) -> None:
    inner, hull = cube(material(YELLOW), size=0.5), cube(material(BLACK), size=2.0, inwards=True, normals_inwards=True)
    pictures = {}
    for name, parts in (("hull", [inner, hull]), ("wall", [inner, cube(material(BLACK), size=2.0)])):
        job = studio.job(write_gltf(tmp_path / f"{name}.gltf", [parts]), elevation=40.0, name=name, passes=("shadow",))
        studio.blender(blender_session.render, job)
        pictures[name] = read_shadow(Path(job.folder) / "0000.exr")
    assert pictures["hull"].sum() < 0.5 * pictures["wall"].sum()


def read_shadow(path: Path) -> np.ndarray[Any, Any]:
    import OpenEXR

    with OpenEXR.File(str(path), separate_channels=True) as file:
        return np.array(file.channels()["shadow.Y"].pixels)


def test_closed_surfaces_keep_their_materials_as_they_are(blender: Any, tmp_path: Path) -> None:
    ball = cube(material(RED))
    assert blender(changed_materials, str(write_gltf(tmp_path / "closed.gltf", [[ball]]))) == []
    open_box = {**ball, "faces": ball["faces"][2:]}
    assert len(blender(changed_materials, str(write_gltf(tmp_path / "open.gltf", [[open_box]])))) == 1
    glass = {"transmissionFactor": 1.0}
    pane = material(RED, extensions={"KHR_materials_transmission": glass})
    path = write_gltf(tmp_path / "glass.gltf", [[{**open_box, "paint": pane}]])
    assert blender(changed_materials, str(path)) == []


def changed_materials(path: str) -> list[str]:
    """Import a model as a render does and return the names of materials that are transparent from behind."""
    import bpy

    from synthmat.blender_scenes.materials.matte_materials import has_one_side
    from synthmat.blender_scenes.models.importing import import_model
    from synthmat.blender_scenes.surfaces.single_sided import hide_back_faces

    blender_session._empty()
    import_model(Path(path))
    hide_back_faces()
    return [each.name for each in bpy.data.materials if has_one_side(each)]


@pytest.mark.parametrize("engine", ["CYCLES", "EEVEE"])
def test_a_blend_file_is_culled_only_if_its_author_saw_it_so(
    studio: Any, blender: Any, tmp_path: Path, engine: str
) -> None:
    blender(make_culled, str(tmp_path / "culled.blend"), engine)
    _, (front,) = studio.render(tmp_path / "culled.blend")
    assert seen(front) > 500
    culled = pytest.raises(AssetError, match="its faces turned away") if engine == "EEVEE" else contextlib.nullcontext()
    with culled:
        studio.render(tmp_path / "culled.blend", azimuths=(180.0,))


def make_culled(path: str, engine: str) -> None:
    """Write a square that faces the front, of a single-sided material."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_plane_add(rotation=(1.5707963, 0, 0))
    paint = blender_session._paint(blender_session.RED)
    paint.use_backface_culling = True
    bpy.context.object.data.materials.append(paint)
    eevee = "BLENDER_EEVEE_NEXT" if bpy.app.version < (5, 0) else "BLENDER_EEVEE"
    bpy.context.scene.render.engine = "CYCLES" if engine == "CYCLES" else eevee
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
