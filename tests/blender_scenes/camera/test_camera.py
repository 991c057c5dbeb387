"""The camera: points land where matrix and intrinsics say, blur has the size that was asked for, nothing is cut off."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import TRACED, read_rgba

from synthmat.blender_scenes.camera.depth_of_field import choose_aperture
from synthmat.blender_scenes.camera.framing import profile
from synthmat.blender_scenes.camera.orbit import SENSOR_WIDTH_MM, rotated_about_vertical
from synthmat.render_job import CameraMotion, CutOff, Defocus, View

Array = np.ndarray[Any, np.dtype[np.float64]]

BALLS = np.array([(1.2, -0.6, 0.5), (-0.9, -0.5, -0.3), (0.2, 1.4, 0.7)])
"""Where `make_balls` puts a red, a green and a blue ball."""

SLIDE, UPWARDS = CameraMotion("slide", 0.2, 0.0), CameraMotion("slide", 0.1, 90.0)
SPIN = CameraMotion("spin", 20.0)
BLURRED = Defocus(0.06, 0.3)


def make_balls(path: str) -> None:
    import bpy

    blender_session._empty()
    for place, color in zip(BALLS, np.eye(3), strict=True):
        bpy.ops.mesh.primitive_uv_sphere_add(segments=24, ring_count=12, radius=0.08, location=place)
        bpy.context.object.data.materials.append(blender_session._emission(tuple(color)))
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


def aim_twice(job: Any) -> tuple[list[Any], list[Any], int]:
    """Aim at every view of a job, then again in reverse; return both answers and how many actions are left over."""
    import bpy

    from synthmat.blender_scenes.blender.reset import empty_scene
    from synthmat.blender_scenes.camera.camera import add_camera, aim_camera

    camera = add_camera(empty_scene())
    points = np.random.default_rng(3).normal(size=(50, 3)) / 4

    def aimed(view: View) -> Any:
        bpy.context.scene.render.use_motion_blur = False
        part = aim_camera(camera, view, profile(points), settings=job.settings)
        data, render = camera.data, bpy.context.scene.render
        bpy.context.view_layer.update()
        held = [data.lens, data.shift_x, data.shift_y, data.dof.use_dof, render.use_motion_blur, data.clip_end]
        return part, [*held, *(value for row in camera.matrix_world for value in row)]

    first = [aimed(view) for view in job.views]
    second = [aimed(view) for view in reversed(job.views)][::-1]
    return first, second, len(bpy.data.actions)


@pytest.fixture(scope="module")
def balls(blender: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("balls") / "balls.blend"
    blender(make_balls, str(path))
    return path


def shoot(studio: Any, path: Path | str, views: list[View], **changes: Any) -> tuple[list[dict[str, Any]], list[Array]]:
    """Render views; return their rows and their frames as straight RGBA in 0..1."""
    job = studio.job(path, **(TRACED | {"bit_depth": 16, "margin": 0.04} | changes))
    job = dataclasses.replace(job, views=tuple(views))
    rows = studio.blender(blender_session.render, job)
    frames = [read_rgba(Path(job.folder) / f"{view.name}.png") for view in views]
    return rows, [frame / np.iinfo(frame.dtype).max for frame in frames]


def view(azimuth: float = 0.0, elevation: float = 0.0, focal_length: float = 50.0, **more: Any) -> View:
    return View(more.pop("name", "0000"), azimuth, elevation, focal_length, 1, **more)


def seen(row: dict[str, Any], matrix: Any = None) -> Array:
    """Return x, y (pixels) and depth of the balls' centers, (3, 3), by the row's matrix, or another, and intrinsics."""
    model, camera = row["model"], row["camera"]
    world = (BALLS - model["centre"]) * model["scale"]
    matrix = np.array(camera["matrix_world"] if matrix is None else matrix)
    pixels = ((world - matrix[:3, 3]) @ matrix[:3, :3] * (1, -1, -1)) @ np.array(camera["intrinsics"]).T
    return np.concatenate([pixels[:, :2] / pixels[:, 2:], pixels[:, 2:]], axis=1)


def ball(frame: Array, color: int) -> tuple[Array, Array]:
    """Return the center (2,) and the covariance (2, 2) of a ball's coverage, in pixels."""
    weights = frame[:, :, 3] * (frame[:, :, color] > 0.5)
    y, x = np.nonzero(weights)
    places, weights = np.stack([x, y], axis=1) + 0.5, weights[y, x]
    return np.average(places, axis=0, weights=weights), np.cov(places.T, aweights=weights, ddof=0)


@pytest.mark.cases_once
@pytest.mark.parametrize("size", [(96, 64), (64, 96)])
@pytest.mark.parametrize(
    "shot",
    [
        view(30.0, 20.0),
        view(-100.0, 50.0, 24.0, roll=33.0),
        view(200.0, -15.0, 80.0, offset_x=0.12, offset_y=-0.2, fit="silhouette"),
        view(10.0, 70.0, 35.0, roll=-110.0, offset_x=-0.2, offset_y=0.1, fill=0.7, fit="silhouette"),
    ],
)
def test_points_are_where_matrix_and_intrinsics_say(studio: Any, balls: Path, size: Any, shot: View) -> None:
    rows, frames = shoot(studio, balls, [shot], width=size[0], height=size[1], samples=64)
    expected = seen(rows[0])[:, :2]
    for color in range(3):
        assert ball(frames[0], color)[0] == pytest.approx(expected[color], abs=0.3)


def test_offsets_move_the_picture_and_change_nothing_else_of_it(studio: Any, balls: Path) -> None:
    views = [view(40.0, 20.0, fill=0.4, name="0000"), view(40.0, 20.0, fill=0.4, offset_x=0.125, name="0001")]
    views.append(view(40.0, 20.0, fill=0.4, offset_y=0.25, name="0002"))
    rows, (middle, right, up) = shoot(studio, balls, views, samples=256)
    middle, right, up = (frame[:, :, 3] for frame in (middle, right, up))
    assert right[:, 8:] == pytest.approx(middle[:, :-8], abs=0.05)
    assert up[:-16] == pytest.approx(middle[16:], abs=0.05)
    assert len({row["camera"]["distance"] for row in rows}) == 1


def paths(row: dict[str, Any]) -> Array:
    """Return where the balls' centers are at evenly spaced times of the exposure, (times, 3, 2) pixels."""
    motion, middle = row["camera"]["motion"], np.array(row["camera"]["matrix_world"])
    fractions = (np.arange(100) + 0.5) / 100 - 0.5
    if motion["kind"] == "spin":
        matrices = [rotated_about_vertical(middle, motion["amount"] * fraction) for fraction in fractions]
    else:
        way = np.subtract(motion["matrix_world_closed"], motion["matrix_world_open"])
        matrices = [middle + way * fraction for fraction in fractions]
    return np.stack([seen(row, matrix)[:, :2] for matrix in matrices])


@pytest.mark.cases_once
@pytest.mark.parametrize("motion", [SLIDE, UPWARDS, SPIN], ids=["slide", "upwards", "spin"])
def test_moving_points_leave_the_trace_that_the_row_tells_of(studio: Any, balls: Path, motion: CameraMotion) -> None:
    shot = view(25.0, 30.0, 60.0, fill=0.5, roll=20.0)
    views = [shot, dataclasses.replace(shot, name="0001", motion=motion)]
    rows, (still, moved) = shoot(studio, balls, views, width=112, height=112, samples=256)
    for color in range(3):
        path = paths(rows[1])[:, color]
        (_, sharp), (center, smeared) = ball(still, color), ball(moved, color)
        assert center == pytest.approx(path.mean(axis=0), abs=0.4)
        assert smeared - sharp == pytest.approx(np.cov(path.T, ddof=0), abs=0.6, rel=0.06)


def test_a_slide_is_as_long_as_asked_for_where_the_object_is_nearest(studio: Any, balls: Path) -> None:
    rows, _ = shoot(studio, balls, [view(25.0, 30.0, motion=SLIDE)], width=64, height=64)
    way = np.subtract(
        rows[0]["camera"]["motion"]["matrix_world_closed"], rows[0]["camera"]["motion"]["matrix_world_open"]
    )
    focal_px = rows[0]["camera"]["intrinsics"][0][0]
    nearest = seen(rows[0])[:, 2].min() - 0.08 * rows[0]["model"]["scale"]
    assert np.linalg.norm(way[:3, 3]) * focal_px / nearest == pytest.approx(0.2 * 64, rel=0.01)


@pytest.mark.cases_once
@pytest.mark.parametrize("focus", [0.0, 0.6, 1.0])
def test_points_out_of_focus_become_discs_of_the_size_of_a_thin_lens(studio: Any, balls: Path, focus: float) -> None:
    shot = view(25.0, 30.0, fill=0.7)
    views = [shot, dataclasses.replace(shot, name="0001", defocus=Defocus(0.08, focus))]
    rows, (sharp, blurred) = shoot(studio, balls, views, width=112, height=112, samples=256)
    lens, focal_px = rows[1]["camera"]["depth_of_field"], rows[1]["camera"]["intrinsics"][0][0]
    discs = lens["aperture_diameter"] * np.abs(1 / lens["focus_distance"] - 1 / seen(rows[1])[:, 2]) * focal_px
    assert max(discs) == pytest.approx(0.08 * 112, rel=0.15)
    for color in range(3):
        wider = np.diag(ball(blurred, color)[1] - ball(sharp, color)[1])
        assert wider == pytest.approx(discs[color] ** 2 / 16, abs=0.35, rel=0.06)


@pytest.mark.cases_once
@pytest.mark.parametrize("focus", [0.0, 0.3, 1.0])
def test_the_aperture_blurs_the_more_blurred_end_by_what_is_asked(focus: float) -> None:
    lens = choose_aperture(Defocus(0.05, focus), 3.0, 5.0, focal_length=85.0)
    discs = [lens.diameter * abs(1 / lens.focus_distance - 1 / depth) * 85.0 / SENSOR_WIDTH_MM for depth in (3.0, 5.0)]
    assert max(discs) == pytest.approx(0.05)
    assert lens.focus_distance == 3.0 + 2 * focus
    assert lens.f_stop == pytest.approx(0.085 / lens.diameter)


def touched(frame: Array) -> set[str]:
    alpha = frame[:, :, 3]
    edges = {"left": alpha[:, 0], "right": alpha[:, -1], "top": alpha[0], "bottom": alpha[-1]}
    return {side for side, values in edges.items() if values.any()}


def test_no_blur_offset_or_roll_cuts_anything_off(studio: Any) -> None:
    base = view(70.0, 35.0, 24.0, roll=25.0, offset_x=-0.15, offset_y=0.1)
    views = [
        dataclasses.replace(base, name=f"{i:04d}", fit=fit, motion=motion, defocus=defocus)
        for i, (fit, motion, defocus) in enumerate(
            (fit, motion, defocus)
            for fit in ("orbit", "silhouette")
            for motion, defocus in ((None, BLURRED), (SLIDE, None), (UPWARDS, BLURRED), (SPIN, None))
        )
    ]
    _, frames = shoot(studio, "", views, builtin="suzanne", margin=0.0, width=80, height=64, samples=64)
    assert [touched(frame) for frame in frames] == [set()] * len(views)
    assert all(frame[:, :, 3].max() > 0.9 for frame in frames)


@pytest.mark.cases_once
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_an_object_is_cut_off_on_the_side_and_by_the_share_asked_for(studio: Any, side: str) -> None:
    shot = view(30.0, 10.0, 35.0, fit="silhouette", roll=15.0)
    views = [shot, dataclasses.replace(shot, name="0001", cut_off=CutOff(side, 0.3))]
    _, (whole, cut) = shoot(studio, "", views, builtin="suzanne", width=96, height=64, samples=16)
    across = 0 if side in ("left", "right") else 1
    lengths = [np.ptp(np.nonzero(frame[:, :, 3].any(axis=across))[0]) + 1 for frame in (whole, cut)]
    assert touched(cut) == {side}
    assert lengths[1] / lengths[0] == pytest.approx(0.7, abs=0.04)


@pytest.mark.parametrize("fit", ["orbit", "silhouette"])
def test_a_portrait_fills_the_frame_with_the_upper_part_and_leaves_it_below(studio: Any, fit: str) -> None:
    shot = view(20.0, 5.0, 60.0, fit=fit)
    views = [shot, dataclasses.replace(shot, name="0001", framing="half_length")]
    rows, (whole, half) = shoot(studio, "", views, builtin="toy_character", width=64, height=64, samples=8)
    assert touched(whole) == set()
    assert "bottom" in touched(half)
    assert "top" not in touched(half)
    assert rows[1]["camera"]["distance"] < 0.8 * rows[0]["camera"]["distance"]
    assert [row["camera"].get("framing") for row in rows] == [None, "half_length"]


@pytest.mark.once
def test_no_view_depends_on_blurred_or_sharp_views_before_it(studio: Any) -> None:
    still = CameraMotion("still", 0.0)
    kinds = [(still, None), (SLIDE, None), (SPIN, BLURRED), (SPIN, None), (still, None), (still, BLURRED)]
    views = [view(30.0 * i, 10.0, name=f"{i:04d}", motion=kind[0], defocus=kind[1]) for i, kind in enumerate(kinds)]
    toy = {"builtin": "toy_character", "width": 16, "height": 16}
    _, together = shoot(studio, "", views, **toy)
    for shot, frame in zip(views, together, strict=True):
        _, (alone,) = shoot(studio, "", [shot], **toy)
        assert np.array_equal(alone, frame)


def test_aiming_again_gives_the_same_camera_and_leaves_nothing_over(studio: Any, blender: Any) -> None:
    views = [view(10.0, motion=SPIN), view(20.0), view(30.0, defocus=BLURRED), view(40.0, motion=SLIDE, offset_x=0.1)]
    job = dataclasses.replace(studio.job(""), views=(*views, view(50.0, cut_off=CutOff("top", 0.2))))
    first, second, actions = blender(aim_twice, job)
    for (part, held), (part_again, held_again) in zip(first, second, strict=True):
        assert part == part_again
        assert held == pytest.approx(held_again, abs=1e-6)
    assert actions == 1
