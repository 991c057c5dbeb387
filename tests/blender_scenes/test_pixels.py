"""Pixels: straight color, exact alpha, and frames that depend on nothing but their job."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

from synthmat.errors import AssetError
from synthmat.render_job import HdriLight, ThreePointLight


def test_straight_color_is_constant_over_fractional_alpha(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_sphere, str(tmp_path))
    _, (pixels,) = studio.render(tmp_path / "sphere.blend", bit_depth=16, samples=64)
    alpha = pixels[:, :, 3] / 65535
    edge = pixels[(alpha > 0.05) & (alpha < 0.95)][:, :3].astype(int)
    assert pixels.dtype == np.uint16
    assert len(edge) > 50
    assert np.abs(edge - pixels[32, 32, :3].astype(int)).max() <= 1


def test_twelve_layers_of_a_tenth_give_their_exact_alpha(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_layers, str(tmp_path))
    _, (pixels,) = studio.render(tmp_path / "layers.blend", bit_depth=16, samples=256)
    assert pixels[24:40, 24:40, 3].mean() / 65535 == pytest.approx(1 - 0.9**12, abs=0.005)


def test_a_frame_does_not_depend_on_what_was_rendered_before(studio: Any, blender: Any, tmp_path: Path) -> None:
    for name, color in (("a", [1.0, 0.0, 0.0]), ("b", [0.0, 1.0, 0.0])):
        blender(blender_session.make_textured, str(tmp_path), name, color)
    b = tmp_path / "b.gltf"
    _, (alone,) = studio.render(b, azimuths=(30.0,))
    studio.render(tmp_path / "a.gltf", azimuths=(30.0, 60.0))
    _, (after,) = studio.render(b, azimuths=(30.0,))
    assert np.array_equal(alone, after)
    assert alone[32, 32, 1] > 3 * max(alone[32, 32, 0], alone[32, 32, 2], 20)


def test_a_view_does_not_depend_on_the_other_views(studio: Any, towers: Path) -> None:
    path = towers / "tower.glb"
    whole = studio.job(path, azimuths=(0.0, 40.0, 80.0))
    studio.blender(blender_session.render, whole)
    together = [(Path(whole.folder) / f"{view.name}.png").read_bytes() for view in whole.views]
    for view, data in zip(whole.views, together, strict=True):
        alone = blender_replace_views(whole, (view,))
        studio.blender(blender_session.render, alone)
        assert (Path(whole.folder) / f"{view.name}.png").read_bytes() == data


def blender_replace_views(job: Any, views: Any) -> Any:
    import dataclasses

    return dataclasses.replace(job, views=views)


def test_equal_jobs_give_equal_bytes_and_rows_hold_their_checksum(studio: Any, towers: Path) -> None:
    digests = []
    for _ in range(2):
        rows, _ = studio.render(towers / "tower.glb", azimuths=(10.0,))
        data = (studio.folder / "object" / "0000.png").read_bytes()
        digests.append(hashlib.sha256(data).hexdigest())
        assert rows[0]["files"] == {"object/0000.png": digests[-1]}
        assert rows[0]["bytes"] == len(data)
    assert digests[0] == digests[1]
    assert b"tEXt" not in data


def test_a_large_far_mirrored_model_gives_the_same_picture(studio: Any, blender: Any, towers: Path) -> None:
    blender(blender_session.make_moved_tower, str(towers))
    _, near = studio.render(towers / "tower.blend", azimuths=(0.0, 35.0), samples=32)
    rows, far = studio.render(towers / "moved.blend", azimuths=(0.0, 35.0), samples=32)
    for one, other in zip(near, far, strict=True):
        assert np.abs(one[:, :, 3].astype(int) - other[:, :, 3]).mean() < 0.5
        assert np.abs(one.astype(int) - other).mean() < 1.0
    assert rows[0]["model"]["centre"] == pytest.approx([150_000, -40_000, 7_000], rel=1e-4)
    assert rows[0]["model"]["scale"] == pytest.approx(1e-3 / 1.5**0.5, rel=1e-3)


def test_a_white_object_is_well_exposed_and_not_clipped(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_sphere, str(tmp_path))
    stl = tmp_path / "white.blend"
    blender(make_white, str(stl))
    _, (pixels,) = studio.render(stl, samples=64, elevation=10.0)
    opaque = pixels[pixels[:, :, 3] == 255][:, :3]
    assert 200 <= np.percentile(opaque, 99) < 255
    assert (opaque == 255).mean() < 0.001


def make_white(path: str) -> None:
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24)
    bpy.context.object.data.materials.append(blender_session._paint((0.9, 0.9, 0.9)))
    bpy.ops.object.shade_smooth()
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


def test_the_key_light_stands_where_it_is_asked_to(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_white, str(tmp_path / "white.blend"))
    sides = {}
    for azimuth in (-60.0, 60.0):
        light = ThreePointLight(1.0, azimuth, 20.0, 0.0, 0.0, 1.0, 6500.0, 0.0)
        _, (pixels,) = studio.render(tmp_path / "white.blend", light=light, samples=16)
        sides[azimuth] = pixels[:, :32, :3].mean() - pixels[:, 32:, :3].mean()
    assert sides[-60.0] > 10
    assert sides[60.0] < -10


def test_a_warm_key_light_is_redder_than_a_cold_one(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_white, str(tmp_path / "white.blend"))
    ratio = {}
    for kelvin in (2500.0, 6500.0, 12000.0):
        light = ThreePointLight(1.0, 0.0, 20.0, 0.0, 0.0, 1.0, kelvin, 0.0)
        _, (pixels,) = studio.render(tmp_path / "white.blend", light=light, samples=8)
        red, _, blue = pixels[pixels[:, :, 3] == 255][:, :3].mean(axis=0)
        ratio[kelvin] = red / blue
    assert ratio[2500.0] > 1.3
    assert ratio[6500.0] == pytest.approx(1.0, abs=0.01)
    assert ratio[12000.0] < 0.95


def test_blenders_own_panorama_lights_and_is_not_seen(studio: Any, towers: Path) -> None:
    _, (pixels,) = studio.render(towers / "tower.glb", light=HdriLight("studio", 0.0, 1.0))
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[32, 32, 0] > 60


def test_turning_the_panorama_turns_the_light(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_white, str(tmp_path / "white.blend"))
    shots = {}
    for rotation, azimuth in ((0.0, 0.0), (90.0, 90.0), (90.0, 0.0)):
        light = HdriLight("sunset", rotation, 1.0)
        _, (pixels,) = studio.render(tmp_path / "white.blend", light=light, azimuths=(azimuth,), samples=32)
        shots[rotation, azimuth] = pixels[pixels[:, :, 3] == 255].astype(float)
    turned = np.abs(shots[0.0, 0.0] - shots[90.0, 90.0]).mean()
    assert turned < np.abs(shots[0.0, 0.0] - shots[90.0, 0.0]).mean() / 3


@pytest.mark.parametrize("opaque", [False, True])
def test_light_that_hides_nothing_is_told(studio: Any, blender: Any, tmp_path: Path, opaque: bool) -> None:
    blender(make_flame, str(tmp_path), opaque)
    rows, (pixels,) = studio.render(tmp_path / "flame.blend")
    assert (rows[0]["light_without_alpha"] > 0.9) == (not opaque)
    assert (pixels[32, 32, 3] == 255) == opaque


def test_a_frame_that_shows_nothing_is_no_frame(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_ghost, str(tmp_path))
    with pytest.raises(AssetError, match=r"ghost\.blend.*nothing of it can be seen in 1 of 1 views \(0000\)"):
        studio.render(tmp_path / "ghost.blend")
    assert (studio.folder / "rows.jsonl").read_text() == ""


def make_ghost(folder: str) -> None:
    """Write a ball that lets the camera see through it, which no importer can know."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add()
    material = blender_session._emission((0.0, 0.0, 0.0))
    tree = material.node_tree
    output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    shining = output.inputs["Surface"].links[0].from_socket
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(tree.nodes.new("ShaderNodeLightPath").outputs["Is Camera Ray"], mix.inputs[0])
    tree.links.new(shining, mix.inputs[1])
    tree.links.new(tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "ghost.blend"), copy=True)


def make_flame(folder: str, opaque: bool) -> None:
    """Write a ball that shines and, unless it is opaque, lets everything through, and beside it something solid."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cube_add(size=0.2, location=(1.2, 0, 0))
    bpy.ops.mesh.primitive_uv_sphere_add()
    material = blender_session._emission((1.0, 0.4, 0.1))
    if not opaque:
        tree = material.node_tree
        output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
        shining = output.inputs["Surface"].links[0].from_socket
        both = tree.nodes.new("ShaderNodeAddShader")
        tree.links.new(shining, both.inputs[0])
        tree.links.new(tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0], both.inputs[1])
        tree.links.new(both.outputs[0], output.inputs["Surface"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "flame.blend"), copy=True)
