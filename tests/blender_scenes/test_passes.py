"""What is written beside the color: depth, normal, position, index, contact shadow, transmission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from support import blender_session

PASSES = ("depth", "exr", "index", "normal", "position", "shadow", "transmission")


def layers(studio: Any, view: str = "0000") -> dict[str, Any]:
    with OpenEXR.File(str(studio.folder / "object" / f"{view}.exr"), separate_channels=True) as opened:
        return {channel: one.pixels for channel, one in opened.channels().items()}


@pytest.fixture
def sphere(studio: Any, blender: Any, tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Row and layers of a sphere of radius 1, seen from the front and 30 degrees above."""
    blender(blender_session.make_sphere, str(tmp_path))
    rows, _ = studio.render(tmp_path / "sphere.blend", elevation=30.0, passes=PASSES, width=64, height=64, margin=0.3)
    return rows[0], layers(studio)


def test_depth_normal_and_position_are_those_of_a_sphere(sphere: tuple[dict[str, Any], dict[str, Any]]) -> None:
    row, found = sphere
    towards = np.array([0, -np.cos(np.radians(30)), np.sin(np.radians(30))])
    assert found["depth.Z"][32, 32] == pytest.approx(row["camera"]["distance"] - 1, abs=0.01)
    assert np.isinf(found["depth.Z"][0, 0])
    normal = np.array([found[f"normal.{axis}"][32, 32] for axis in "XYZ"])
    assert normal == pytest.approx(towards, abs=0.1)
    position = np.stack([found[f"position.{axis}"] for axis in "XYZ"], -1)
    assert position[32, 32] == pytest.approx(towards, abs=0.1)
    inside = found["A"] > 0.999
    assert np.linalg.norm(position[inside], axis=-1) == pytest.approx(1, abs=0.02)


def test_index_names_the_objects(sphere: tuple[dict[str, Any], dict[str, Any]]) -> None:
    row, found = sphere
    number = str(int(found["index.V"][32, 32]))
    assert row["index"][number] == "Sphere"
    assert found["index.V"][0, 0] == 0


def test_the_contact_shadow_lies_below_and_is_not_the_object(sphere: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, found = sphere
    shadow = found["shadow.Y"]
    below, above = shadow[44:].max(), shadow[:12].max()
    assert below > 0.3
    assert above < 0.1
    assert shadow[32, 32] < 0.9  # nothing of the sphere itself, which covers that pixel wholly
    assert found["A"][32, 32] == 1


def test_the_contact_shadow_is_without_noise(studio: Any) -> None:
    """Two pictures of one place, which differ in their seed, show the same shadow."""
    settings: dict[str, Any] = {"elevation": 30.0, "passes": ("shadow",), "alpha_error": 0.0, "samples": 64}
    studio.render("", builtin="suzanne", azimuths=(0.0, 0.0), **settings)
    one, other = (layers(studio, view=view)["shadow.Y"] for view in ("0000", "0001"))
    assert one.max() > 0.3
    assert 0 < np.sqrt(np.square(one - other).mean()) < 0.02


def test_from_below_the_ground_there_is_no_shadow(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_sphere, str(tmp_path))
    studio.render(tmp_path / "sphere.blend", elevation=-50.0, passes=("shadow",))
    assert layers(studio)["shadow.Y"].max() == 0


def test_the_shadow_pass_leaves_the_next_block_as_it_was(studio: Any) -> None:
    azimuths = tuple(float(10 * i) for i in range(17))
    common: dict[str, Any] = {"builtin": "suzanne", "azimuths": azimuths, "width": 32, "height": 32, "alpha_error": 0.0}
    _, plain = studio.render("", name="plain", **common)
    _, with_shadow = studio.render("", name="shadow", passes=("shadow",), **common)
    assert np.array_equal(plain[16], with_shadow[16])
    assert plain[16][..., 3].any()


def test_colored_glass_lets_its_color_through(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_pane, str(tmp_path))
    rows, _ = studio.render(tmp_path / "pane.blend", passes=PASSES, samples=64, max_bounces=8)
    found = layers(studio)
    through = np.array([found[f"transmission.{c}"][24:40, 24:40].mean() for c in "RGB"])
    assert (rows[0]["alpha"]["full_materials"], rows[0]["alpha"]["glass_materials"]) == ([], ["glass"])
    assert through[0] > 3 * through[2]
    assert 1 - found["A"][24:40, 24:40].mean() == pytest.approx(through.mean(), abs=0.03)
    assert found["transmission.R"][0, 0] == 1


def test_without_glass_transmission_is_what_alpha_leaves(sphere: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, found = sphere
    assert np.allclose(found["transmission.G"], 1 - found["A"])


def test_straight_color_above_one_is_kept_in_the_master_and_counted(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_bright, str(tmp_path))
    rows, (pixels,) = studio.render(tmp_path / "bright.blend", passes=("exr",))
    assert layers(studio)["R"][32, 32] == pytest.approx(4, rel=1e-3)
    assert pixels[32, 32, 0] == 255
    assert rows[0]["straight_above_1"] == 1.0


def make_bright(folder: str) -> None:
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add()
    bpy.context.object.data.materials.append(blender_session._emission((4.0, 4.0, 4.0)))
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "bright.blend"), copy=True)


def make_pane(folder: str) -> None:
    """Write a thick pane of red glass, facing the front."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.scale = (1, 0.05, 1)
    material = blender_session._paint((1.0, 0.5, 0.2))
    material.name = "glass"
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Transmission Weight"].default_value = 1.0
    shader.inputs["Roughness"].default_value = 0.0
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "pane.blend"), copy=True)
