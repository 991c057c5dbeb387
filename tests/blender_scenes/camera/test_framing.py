"""Framing: nothing is cut off, nothing is smaller than it must be, and the object does not pulse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import blender_session

from synthmat.blender_scenes.camera.framing import (
    Fit,
    center_and_radius,
    fit_camera,
    outer_points,
    profile,
    seen_box,
    smallest_circle,
)
from synthmat.blender_scenes.camera.orbit import intrinsics, orbit_matrix

seeds = st.integers(0, 2**32 - 1)
Array = np.ndarray[Any, np.dtype[np.float64]]


def cloud(seed: int) -> Array:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(rng.integers(1, 60), 3)) * rng.uniform(0.01, 1.0, size=3)
    center, radius = center_and_radius(points)
    return (points - center) / max(radius, 1e-9)


def room(view: dict[str, Any]) -> tuple[float, float]:
    """Return the tangents of the angles to the right and upper margin."""
    focal_px = intrinsics(view["width"], view["height"], view["focal_length"])[0, 0]
    inside = 0.5 - view["margin"]
    return view["width"] * inside / focal_px, view["height"] * inside / focal_px


def fitted(points: Array, view: dict[str, Any], fit: str, azimuth: float = 0.0, rotation: float = 0.0) -> Fit:
    axes = orbit_matrix(azimuth, view["elevation"], 1.0, view["roll"])[:3, :3]
    return fit_camera(profile(points), axes, room(view), fit=fit, rotation=rotation)


def free_border(points: Array, view: dict[str, Any], azimuth: float, place: Fit) -> float:
    """Return the least gap to the margin on any side as a share of the half-frame inside it."""
    matrix = orbit_matrix(azimuth, view["elevation"], place.distance, view["roll"])
    matrix[:3, 3] += matrix[:3, 0] * place.right + matrix[:3, 1] * place.up
    left, right, bottom, top = seen_box(profile(points), matrix)
    across, down = room(view)
    return min(1 + left / across, 1 - right / across, 1 + bottom / down, 1 - top / down)


views = st.fixed_dictionaries(
    {
        "elevation": st.floats(-90, 90),
        "roll": st.floats(-180, 180),
        "focal_length": st.floats(12, 400),
        "width": st.sampled_from([64, 100, 512]),
        "height": st.sampled_from([64, 150, 512]),
        "margin": st.floats(0, 0.4),
    }
)


@settings(max_examples=50, deadline=None)
@given(seeds, views)
def test_every_point_stays_inside_the_margin_at_every_azimuth(seed: int, view: dict[str, Any]) -> None:
    points = cloud(seed)
    place = fitted(points, view, "orbit")
    assert min(free_border(points, view, azimuth, place) for azimuth in range(0, 360, 8)) >= -1e-6


@settings(max_examples=50, deadline=None)
@given(seeds, views, st.floats(-360, 360))
def test_a_silhouette_stays_inside_the_margin_and_is_never_smaller_than_in_an_orbit(
    seed: int, view: dict[str, Any], azimuth: float
) -> None:
    points = cloud(seed)
    place = fitted(points, view, "silhouette", azimuth)
    assert free_border(points, view, azimuth, place) >= -1e-6
    assert place.distance <= fitted(points, view, "orbit").distance + 1e-9


@settings(max_examples=50, deadline=None)
@given(seeds, views, st.floats(-360, 360))
def test_a_silhouette_could_not_be_larger(seed: int, view: dict[str, Any], azimuth: float) -> None:
    points = cloud(seed)
    place = fitted(points, view, "silhouette", azimuth)
    back = orbit_matrix(azimuth, view["elevation"], 1.0)[:3, 2]
    near = place.distance - float((points @ back).max())
    if near > 0.011:
        assert free_border(points, view, azimuth, place) == pytest.approx(0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(seeds, views, st.floats(0, 45))
def test_a_silhouette_stays_inside_while_it_turns(seed: int, view: dict[str, Any], rotation: float) -> None:
    points = cloud(seed)
    place = fitted(points, view, "silhouette", 20.0, rotation)
    for part in np.linspace(-0.5, 0.5, 37):
        a = math.radians(-rotation * part)
        turned = points @ np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]]).T
        assert free_border(turned, view, 20.0, place) >= -0.01


@settings(max_examples=40, deadline=None)
@given(views, st.floats(0.05, 20))
def test_a_round_object_could_not_be_larger(view: dict[str, Any], slimness: float) -> None:
    angles = np.radians(np.arange(0, 360, 0.5))
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1)
    points = np.concatenate([ring + np.array([0, 0, slimness]), ring - np.array([0, 0, slimness])]) / math.hypot(
        1, slimness
    )
    assert free_border(points, view, 0.0, fitted(points, view, "orbit")) < 0.001


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_smallest_circle_holds_all_points_and_rests_on_two_or_more(seed: int) -> None:
    points = cloud(seed)[:, :2]
    center, radius = smallest_circle(points)
    gaps = radius - np.hypot(*(points - center).T)
    assert gaps.min() >= -1e-7
    assert len(points) == 1 or (gaps < 1e-6).sum() >= 2
    for shift in np.eye(2) * 1e-3:
        for way in (shift, -shift):
            assert np.hypot(*(points - center - way).T).max() >= radius - 1e-7


@settings(max_examples=60, deadline=None)
@given(seeds, st.floats(0, 2 * math.pi))
def test_thinning_out_keeps_the_extreme_point_of_every_direction(seed: int, angle: float) -> None:
    points = cloud(seed)[:, :2]
    direction = np.array([math.cos(angle), math.sin(angle)])
    assert (outer_points(points) @ direction).max() == pytest.approx((points @ direction).max(), abs=1e-12)


@pytest.fixture(scope="module")
def shapes(blender: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("shapes")
    blender(blender_session.make_shapes, str(folder))
    return folder


@pytest.mark.cases_once
@pytest.mark.parametrize("shape", ["pole", "disc", "cone", "hair"])
@pytest.mark.parametrize("frame", [(80, 80, 0.1, 20.0), (120, 56, 0.0, 70.0), (56, 120, 0.2, -35.0)])
def test_no_alpha_touches_the_margin(studio: Any, shapes: Any, shape: str, frame: Any) -> None:
    width, height, margin, elevation = frame
    rows, frames = studio.render(
        shapes / f"{shape}.blend",
        azimuths=(0.0, 77.0, 200.0),
        elevation=elevation,
        width=width,
        height=height,
        margin=margin,
        focal_length=35.0,
    )
    alpha = np.stack([frame[:, :, 3] for frame in frames])
    left, top = math.floor(width * margin), math.floor(height * margin)
    inside = np.zeros_like(alpha, dtype=bool)
    inside[:, top : height - top, left : width - left] = True
    assert alpha.max() > 150
    assert not alpha[~inside].any()
    assert len({row["camera"]["distance"] for row in rows}) == 1
    if shape in ("cone", "pole", "disc"):
        assert largest_share(alpha, margin) > 0.9


def largest_share(alpha: Any, margin: float) -> float:
    """Return how much of the half-frame inside the margin the object reaches, at best, from the center."""
    _, height, width = alpha.shape
    _, y, x = np.nonzero(alpha)
    across = np.abs(x + 0.5 - width / 2).max() / (width / 2 * (1 - 2 * margin))
    down = np.abs(y + 0.5 - height / 2).max() / (height / 2 * (1 - 2 * margin))
    return float(max(across, down))
