"""Coverage: right for shapes whose coverage is known, and the same as Cycles' for what it is used for."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from support import blender_session
from support.frame_files import TRACED

from synthmat.blender_scenes.matte.coverage.coverage import Mesh, connect, coverage, filter_integral, project
from synthmat.render_job import CameraMotion, CutOff, Defocus

WIDTH, HEIGHT = 24, 16
CLOSE = 0.02
"""Corners of axis-aligned rectangles are the worst that scanlines can meet."""
AHEAD = np.eye(4)  # a camera in the origin that looks along -Z


def covered(mesh: Mesh, *, width: int = WIDTH, height: int = HEIGHT, near: float = 0.1, scanlines: int = 16) -> Any:
    """See a mesh with a camera that shows a point at (x, y, -1) in pixels from the center."""
    intrinsics = np.array([[1.0, 0, width / 2], [0, 1.0, height / 2], [0, 0, 1]])
    outline = project(mesh, AHEAD, intrinsics, near=near, far=100.0)
    return coverage(outline, width, height, scanlines=scanlines, offsets=(0.37, 0.61))


def rectangle(left: float, right: float, bottom: float, top: float, depth: float = 1.0) -> Any:
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return np.array([(x * depth, y * depth, -depth) for x, y in corners])


def joined(*rectangles: Any) -> Mesh:
    faces = [np.array([(0, 1, 2), (0, 2, 3)]) + 4 * i for i in range(len(rectangles))]
    return connect(np.concatenate(rectangles), np.concatenate(faces))


def expected(left: float, right: float, bottom: float, top: float) -> Any:
    """Return the filtered rectangle in closed form."""
    x = np.arange(WIDTH) + 0.5 - WIDTH / 2
    y = HEIGHT / 2 - np.arange(HEIGHT) - 0.5
    across = filter_integral(right - x) - filter_integral(left - x)
    return (filter_integral(top - y) - filter_integral(bottom - y))[:, None] * across


@pytest.mark.parametrize("box", [(-5.3, 4.1, -3.77, 2.2), (-0.2, 0.15, -6.0, 6.0), (-7.0, 7.0, 0.4, 0.7)])
def test_a_rectangle_covers_what_the_filters_integral_says(box: tuple[float, float, float, float]) -> None:
    wrong = covered(joined(rectangle(*box))) - expected(*box)
    assert np.abs(wrong).max() < CLOSE
    assert np.sqrt(np.square(wrong).mean()) < CLOSE / 10


def test_layers_and_sides_that_meet_count_once() -> None:
    box = (-5.0, 5.0, -3.0, 3.0)
    halves = rectangle(-5.0, 0.3, -3.0, 3.0), rectangle(0.3, 5.0, -3.0, 3.0)[[0, 3, 2, 1]]  # turned the other way
    behind = rectangle(-2.0, 2.0, -1.0, 1.0, depth=3.0), rectangle(*box, depth=7.0)
    found = covered(joined(*halves, *behind))
    assert np.abs(found - expected(*box)).max() < CLOSE
    assert found[HEIGHT // 2, WIDTH // 2] == 1
    assert found[0, 0] == 0


def test_what_reaches_beyond_the_frame_is_cut_off_there() -> None:
    box = (-1000.0, 3.3, -2.5, 50_000.0)
    assert np.abs(covered(joined(rectangle(*box))) - expected(*box)).max() < CLOSE


def test_what_is_before_the_near_plane_is_not_seen() -> None:
    floor = np.array(
        [(-9e3, -2, -20), (9e3, -2, -20), (9e3, -2, 20), (-9e3, -2, 20)]
    )  # from ahead to behind the camera
    found = covered(joined(floor), near=0.5)
    # At its far end it is 0.1 pixels below the center, at the near plane 4.
    assert np.abs(found - expected(-400, 400, -4.0, -0.1)).max() < CLOSE
    assert not covered(joined(rectangle(-5, 5, -3, 3, depth=0.2)), near=0.5).any()


def test_what_is_seen_edge_on_or_has_no_area_covers_nothing() -> None:
    edge_on = np.array([(0.0, -3, -1), (0, -3, -2), (0, 3, -2), (0, 3, -1)])
    line = np.array([(-4.0, -4, -1), (4, 4, -1), (0, 0, -1), (0, 0, -1)])
    assert covered(joined(edge_on, line)).max() < 1e-6
    assert not covered(connect(np.empty((0, 3)), np.empty((0, 3), np.int64))).any()


def test_large_pictures_are_scanned_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    mesh = connect(generator.uniform((-12, -8, -1), (12, 8, -1), (90, 3)), np.arange(90).reshape(-1, 3))
    whole = covered(mesh)
    monkeypatch.setattr("synthmat.blender_scenes.matte.coverage.coverage._MAX_CELLS", 1000)
    monkeypatch.setattr("synthmat.blender_scenes.matte.coverage.coverage._MAX_CROSSINGS", 300)
    assert np.abs(covered(mesh) - whole).max() < 1e-9


def frame(studio: Any, path: Path | str, name: str, view: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Render a frame and return its row and alpha."""
    job = studio.job(path, name=name, passes=("exr",), **({"alpha_error": 0.004} | changes))
    job = dataclasses.replace(job, views=(dataclasses.replace(job.views[0], **(view or {})),))
    (row,) = studio.blender(blender_session.render, job)
    with OpenEXR.File(str(studio.folder / name / "0000.exr"), separate_channels=True) as opened:
        return row, opened.channels()["A"].pixels


@pytest.mark.cases_once
@pytest.mark.parametrize(
    ("builtin", "view"),
    [
        ("suzanne", {}),
        pytest.param("wire_basket", {"azimuth": 30.0, "roll": 10.0}, marks=pytest.mark.once),
        ("suzanne", {"cut_off": CutOff("left", 0.4), "offset_y": 0.2}),
        pytest.param("suzanne", {"motion": CameraMotion("slide", 0.1, 30.0)}, marks=pytest.mark.once),
        ("suzanne", {"motion": CameraMotion("spin", 12.0)}),
        ("suzanne", {"defocus": Defocus(0.1, 0.2), "offset_x": 0.05}),
    ],
    ids=["solid", "wire", "cut off", "slide", "spin", "depth of field"],
)
def test_coverage_is_what_cycles_renders(studio: Any, builtin: str, view: dict[str, Any]) -> None:
    row, alpha = frame(studio, "", "covered", view, builtin=builtin)
    _, traced = frame(studio, "", "traced", view, builtin=builtin, **TRACED, samples=768)
    edge = (traced > 0.002) & (traced < 0.998)
    assert row["alpha"]["from"] == "coverage"
    assert row["alpha"]["error"] <= 0.004
    assert edge.sum() > 100
    assert np.sqrt(((alpha - traced)[edge] ** 2).mean()) < (0.012 if "motion" in view or "defocus" in view else 0.005)
    assert abs((alpha - traced)[edge].mean()) < 0.001


def test_instances_and_materials_without_alpha_are_covered(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_instances, str(tmp_path))
    row, alpha = frame(studio, tmp_path / "instances.blend", "covered")
    _, traced = frame(studio, tmp_path / "instances.blend", "traced", **TRACED, samples=512)
    assert row["alpha"]["from"] == "coverage"
    assert np.abs(alpha - traced).max() < 0.03


@pytest.mark.parametrize("builtin", ["wine_glass", "smoke"])
def test_what_bends_or_scatters_light_is_rendered(studio: Any, builtin: str) -> None:
    row, _ = frame(studio, "", "frame", builtin=builtin, alpha_error=0.05, width=32, height=32)
    assert row["alpha"]["from"].startswith("matte pass")


def test_only_what_is_seen_through_is_rendered(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_window, str(tmp_path))
    row, alpha = frame(studio, tmp_path / "window.blend", "covered")
    _, traced = frame(studio, tmp_path / "window.blend", "traced", **TRACED, samples=512)
    assert row["alpha"]["from"] == "coverage, matte pass where it is seen through"
    assert np.sqrt(np.square(alpha - traced).mean()) < 0.004
    assert 5 < (np.abs(alpha - 0.3) < 0.01).sum() < 100


def make_window(folder: str) -> None:
    """Write a star of walls with a small pane of 30 per cent opacity beside it."""
    import bpy

    blender_session._empty()
    for turn in range(6):
        bpy.ops.mesh.primitive_plane_add(size=2, rotation=(1.5707963, turn * 0.26, 0))
        bpy.context.object.data.materials.append(blender_session._paint((0.5, 0.5, 0.5)))
        bpy.context.object.scale = (1.0, 0.1, 1.0)
    bpy.ops.mesh.primitive_plane_add(size=0.25, location=(0.5, 0, 0.9), rotation=(1.5707963, 0, 0))
    pane = blender_session._emission((1.0, 1.0, 1.0))
    gray = pane.node_tree.nodes.new("ShaderNodeRGBToBW")  # more than coverage understands
    gray.inputs[0].default_value = (0.3, 0.3, 0.3, 1.0)
    pane.node_tree.links.new(gray.outputs[0], pane.node_tree.nodes["Mix Shader"].inputs[0])
    bpy.context.object.data.materials.append(pane)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "window.blend"), copy=True)


def test_coverage_that_the_beauty_pass_does_not_bear_out_is_refused(studio: Any, blender: Any) -> None:
    job = studio.job("", builtin="suzanne", samples=32)
    row = blender(render_with_a_lost_part, job)
    assert row["alpha"]["from"] == "matte pass"
    assert "beauty pass" in row["alpha"]["refused"]


def render_with_a_lost_part(job: Any) -> dict[str, Any]:
    """Render a job while coverage does not know of the top of the model."""
    from synthmat.blender_scenes.matte import coverage_mattes

    known = coverage_mattes.visible_surfaces

    def lossy(pictures: dict[str, Any]) -> Any:
        visible = known(pictures)
        mesh = visible.hiding
        return visible._replace(hiding=connect(mesh.points, mesh.faces[mesh.points[mesh.faces[:, 0], 2] < 0.3]))

    coverage_mattes.visible_surfaces = lossy
    try:
        return blender_session.render(job)[0]
    finally:
        coverage_mattes.visible_surfaces = known
