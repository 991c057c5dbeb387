"""The matte pass: alpha to its stated error, and everything back in its place afterwards."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import TRACED, channels

from synthmat.render_job import ThreePointLight

FUR: dict[str, Any] = {"width": 28, "height": 28}
"""Large enough for a furry edge: thousands of strands take long."""


def alpha_of(studio: Any, path: Path | str, name: str, **changes: Any) -> tuple[dict[str, Any], Any]:
    """Render one frame, whose matte is rendered too, and return its row and its alpha, float."""
    (row,) = studio.blender(render_matte_too, studio.job(path, name=name, passes=("exr",), **changes))
    return row, channels(studio.folder / name / "0000.exr")["A"]


def render_matte_too(job: Any) -> list[dict[str, Any]]:
    """Render a job as if no matte were to be had without rendering."""
    from synthmat.blender_scenes import frames

    known = frames.measure_by_coverage
    frames.measure_by_coverage = lambda *_: ({}, set())
    try:
        return blender_session.render(job)
    finally:
        frames.measure_by_coverage = known


@pytest.mark.cases_once
@pytest.mark.parametrize("builtin", ["leafy_branch", "fur_ball"])
def test_the_estimated_error_is_the_true_one(studio: Any, builtin: str) -> None:
    size = FUR if builtin == "fur_ball" else {}
    row, alpha = alpha_of(studio, "", "rough", builtin=builtin, alpha_error=0.02, **size)
    _, exact = alpha_of(studio, "", "exact", builtin=builtin, alpha_error=0.005, **size)
    edge = (exact > 0.002) & (exact < 0.998)
    true = float(np.sqrt(((alpha - exact)[edge] ** 2).mean()))
    assert row["alpha"]["from"] == "matte pass"
    assert row["alpha"]["error"] <= 0.02
    assert row["alpha"]["error"] / 1.5 < true < row["alpha"]["error"] * 1.5


@pytest.mark.cases_once
@pytest.mark.parametrize("builtin", ["leafy_branch", "fur_ball", "toy_character"])
def test_the_override_lets_through_what_the_full_material_does(studio: Any, builtin: str) -> None:
    size = FUR if builtin == "fur_ball" else {}
    _, matte = alpha_of(studio, "", "matte", builtin=builtin, alpha_error=0.005, **size)
    _, full = alpha_of(studio, "", "full", builtin=builtin, **size, **TRACED, samples=192)
    edge = (matte > 0.002) & (matte < 0.998)
    assert edge.sum() > 100
    assert abs((matte - full)[edge].mean()) < 0.002
    assert np.sqrt(((matte - full)[edge] ** 2).mean()) < 0.02


def test_layers_of_alpha_are_exact_in_the_matte_pass(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_layers, str(tmp_path))
    row, alpha = alpha_of(studio, tmp_path / "layers.blend", "layers", alpha_error=0.004, width=12, height=12)
    assert row["alpha"]["full_materials"] == []
    assert alpha[5:7, 5:7] == pytest.approx(1 - 0.9**12, abs=1e-4)


def test_a_material_without_nodes_is_as_exact_as_any(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_without_nodes, str(tmp_path))
    row, _ = alpha_of(studio, tmp_path / "old.blend", "old", alpha_error=0.006)
    assert row["alpha"]["error"] <= 0.006


def make_without_nodes(folder: str) -> None:
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_torus_add(rotation=(0.5, 0.3, 0))
    material = bpy.data.materials.new("old")
    material.diffuse_color = (0.8, 0.1, 0.1, 1.0)
    if bpy.app.version < (5, 0):
        material.use_nodes = False
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "old.blend"), copy=True)


@pytest.mark.cases_once
@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_glass_lets_through_what_the_full_material_does(
    studio: Any, blender: Any, tmp_path: Path, opacity: float
) -> None:
    blender(make_glass_ball, str(tmp_path), opacity)
    ball = tmp_path / "ball.blend"
    row, matte = alpha_of(studio, ball, "matte", alpha_error=0.004)
    _, full = alpha_of(studio, ball, "full", alpha_error=0.0, denoise="off", samples=256, max_bounces=24)
    inside = np.hypot(*(np.mgrid[:64, :64] - 31.5)) < 12
    assert (row["alpha"]["full_materials"], row["alpha"]["glass_materials"]) == ([], ["paint"])
    assert 0.02 < matte[inside].mean() < 0.9
    assert abs((matte - full)[inside].mean()) < 0.005


def test_tinted_glass_has_no_noise(studio: Any, blender: Any, tmp_path: Path) -> None:
    """A dim ray is not ended by chance: plain panes let the same through everywhere."""
    blender(make_tinted_panes, str(tmp_path))
    row, alpha = alpha_of(studio, tmp_path / "panes.blend", "panes", alpha_error=0.004)
    inside = alpha[24:40, 24:40]
    assert row["alpha"]["glass_materials"] == ["paint"]
    assert 0.5 < inside.mean() < 0.95
    assert inside.std() < 0.001


def make_tinted_panes(folder: str) -> None:
    """Write three thick panes of green glass, one behind the other and facing the front."""
    import bpy

    blender_session._empty()
    material = blender_session._paint((0.4, 0.7, 0.5))
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Transmission Weight"].default_value = 1.0
    shader.inputs["Roughness"].default_value = 0.0
    for y in (0.0, 0.2, 0.4):
        bpy.ops.mesh.primitive_cube_add(location=(0, y, 0), scale=(1, 0.05, 1))
        bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "panes.blend"), copy=True)


def make_glass_ball(folder: str, opacity: float) -> None:
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=64, ring_count=32)
    bpy.ops.object.shade_smooth()
    material = blender_session._paint((0.6, 0.9, 0.8))
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Transmission Weight"].default_value = 1.0
    shader.inputs["Roughness"].default_value = 0.0
    shader.inputs["Alpha"].default_value = opacity
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "ball.blend"), copy=True)


@pytest.mark.cases_once
@pytest.mark.parametrize(("color", "absorption"), [(0.5, 0.0), (0.5, 0.5), (0.2, 1.0), (1.0, 0.3), (0.0, 0.4)])
def test_fog_that_scatters_and_absorbs_lets_through_what_the_full_material_does(
    studio: Any, blender: Any, tmp_path: Path, color: float, absorption: float
) -> None:
    blender(make_fog, str(tmp_path), color, absorption)
    common: dict[str, Any] = {"width": 32, "height": 32}
    row, matte = alpha_of(studio, tmp_path / "fog.blend", "matte", alpha_error=0.01, **common)
    _, full = alpha_of(studio, tmp_path / "fog.blend", "full", alpha_error=0.0, denoise="off", samples=256, **common)
    inside = np.s_[12:20, 12:20]
    assert row["alpha"]["full_materials"] == ["fog"]
    assert matte[inside].mean() == pytest.approx(full[inside].mean(), abs=0.02)


def make_fog(folder: str, color: float, absorption: float) -> None:
    """Write a cube of even fog."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cube_add()
    material = bpy.data.materials.new("fog")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    volume = tree.nodes.new("ShaderNodeVolumePrincipled")
    volume.inputs["Color"].default_value = (color, color, color, 1.0)
    volume.inputs["Absorption Color"].default_value = (absorption, absorption, absorption, 1.0)
    volume.inputs["Density"].default_value = 0.8
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(volume.outputs[0], output.inputs["Volume"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "fog.blend"), copy=True)


def test_a_limit_that_is_reached_is_said(studio: Any) -> None:
    row, _ = alpha_of(studio, "", "limited", builtin="fur_ball", alpha_error=0.001, max_alpha_samples=256)
    assert sum(row["alpha"]["samples"]) == 256
    assert row["alpha"]["error"] > 0.001 == row["alpha"]["wanted"]


def test_without_a_wanted_error_alpha_is_the_beauty_passes(studio: Any) -> None:
    row, alpha = alpha_of(studio, "", "beauty", builtin="suzanne", alpha_error=0.0)
    assert row["alpha"] == {"from": "beauty pass", "error": None}
    assert set(np.unique(np.round(alpha * 4, 4))) <= {0, 1, 2, 3, 4}  # the studio's four samples


def test_exr_color_is_alpha_times_straight_color(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_sphere, str(tmp_path))
    studio.render(tmp_path / "sphere.blend", samples=16, passes=("exr",))
    layers = channels(studio.folder / "object" / "0000.exr")
    edge = (layers["A"] > 0.01) & (layers["A"] < 1)
    for channel, value in zip("RGB", (0.4, 0.1, 0.02), strict=True):
        assert layers[channel][edge] == pytest.approx(value * layers["A"][edge], rel=1e-3, abs=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("builtin", ["leafy_branch", "smoke"])
def test_a_view_is_the_same_in_whatever_block_it_falls(studio: Any, builtin: str) -> None:
    azimuths = tuple(float(20 * i) for i in range(18))
    edge = 8 if builtin == "smoke" else 24
    whole = studio.job("", builtin=builtin, azimuths=azimuths, width=edge, height=edge, alpha_error=0.08)
    studio.blender(blender_session.render, whole)
    for view in (whole.views[0], whole.views[16], whole.views[17]):
        together = (Path(whole.folder) / f"{view.name}.png").read_bytes()
        studio.blender(blender_session.render, dataclasses.replace(whole, views=(view,)))
        assert (Path(whole.folder) / f"{view.name}.png").read_bytes() == together


@pytest.mark.once
def test_mattes_do_not_depend_on_each_other_where_they_need_different_numbers_of_samples(studio: Any) -> None:
    whole = studio.job("", builtin="fur_ball", azimuths=(0.0, 40.0, 77.0), alpha_error=0.015)
    sizes = zip(whole.views, (1.0, 0.3, 0.1), strict=True)
    views = tuple(dataclasses.replace(view, fit="silhouette", fill=fill) for view, fill in sizes)
    whole = dataclasses.replace(whole, views=views)
    rows = studio.blender(render_matte_too, whole)
    assert len({tuple(row["alpha"]["samples"]) for row in rows}) > 1
    together = [(Path(whole.folder) / f"{view.name}.png").read_bytes() for view in whole.views]
    for view, data in zip(whole.views, together, strict=True):
        studio.blender(render_matte_too, dataclasses.replace(whole, views=(view,)))
        assert (Path(whole.folder) / f"{view.name}.png").read_bytes() == data


def test_linear_recomposition_is_what_cycles_renders_before_the_same_backdrop(
    studio: Any, blender: Any, tmp_path: Path
) -> None:
    blender(make_before_backdrop, str(tmp_path))
    dark = ThreePointLight(0.0, -40.0, 40.0, 0.4, 0.8, 1.5, 6500.0, 0.0)
    common: dict[str, Any] = {"light": dark, "alpha_error": 0.001, "samples": 1024, "passes": ("exr",)}
    studio.render(tmp_path / "without.blend", name="without", **common)
    studio.render(tmp_path / "with.blend", name="with", **common)
    studio.render(tmp_path / "backdrop.blend", name="backdrop", **common)
    without, together, backdrop = (channels(studio.folder / n / "0000.exr") for n in ("without", "with", "backdrop"))
    whole = backdrop["A"] == 1
    assert (whole & (without["A"] > 0.01) & (without["A"] < 0.99)).sum() > 50
    for channel in "RGB":
        composite = without[channel] + (1 - without["A"]) * backdrop[channel]
        assert np.abs(composite - together[channel])[whole].max() < 2 / 255


def make_before_backdrop(folder: str) -> None:
    """Write a shining knot, a shining wall behind it, and both; all framed alike."""
    import bpy

    for name in ("without", "with", "backdrop"):
        blender_session._empty()
        # Eight corners, too small to be seen.
        corners = [(2 * x, 2 * y, 2 * z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
        points = [(x + i * 1e-3, y, z + j * 1e-3) for x, y, z in corners for i, j in ((0, 0), (1, 0), (0, 1))]
        frame = bpy.data.meshes.new("frame")
        frame.from_pydata(points, [], [(n, n + 1, n + 2) for n in range(0, 24, 3)])
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("frame", frame))
        if name != "backdrop":
            bpy.ops.mesh.primitive_torus_add(major_radius=0.9, minor_radius=0.2, rotation=(1.0, 0.3, 0))
            bpy.context.object.data.materials.append(blender_session._emission((0.5, 0.2, 0.05)))
        if name != "without":
            bpy.ops.mesh.primitive_plane_add(size=4, location=(0, 1.9, 0), rotation=(1.5707963, 0, 0))
            bpy.context.object.data.materials.append(blender_session._emission((0.05, 0.3, 0.7)))
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / f"{name}.blend"), copy=True)
