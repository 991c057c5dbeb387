"""Framing: nothing is cut off, nothing is smaller than it must be, and the object does not pulse."""

from __future__ import annotations

import math
from typing import Any

import blender_session
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthmat.blender_scenes.framing import centre_and_radius, fit_distance, outer_points, profile, smallest_circle
from synthmat.blender_scenes.orbit import intrinsics, orbit_matrix

seeds = st.integers(0, 2**32 - 1)
Array = np.ndarray[Any, np.dtype[np.float64]]


def cloud(seed: int) -> Array:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(rng.integers(1, 60), 3)) * rng.uniform(0.01, 1.0, size=3)
    centre, radius = centre_and_radius(points)
    return (points - centre) / max(radius, 1e-9)


def project(points: Array, view: dict[str, Any], azimuth: float, distance: float) -> Array:
    to_camera = np.linalg.inv(orbit_matrix(azimuth, view["elevation"], distance))
    x, y, z = (points @ to_camera[:3, :3].T + to_camera[:3, 3]).T
    k = intrinsics(view["width"], view["height"], view["focal_length"])
    return np.stack([k[0, 0] * x / -z + k[0, 2], k[1, 1] * -y / -z + k[1, 2]], axis=1)


def free_border(points: Array, view: dict[str, Any], distance: float) -> float:
    """Return the least gap to the margin on any side at any azimuth, in pixels."""
    width, height, margin = view["width"], view["height"], view["margin"]
    size, low = np.array([width, height]), np.array([width, height]) * margin
    seen = np.concatenate([project(points, view, a, distance) for a in range(0, 360, 3)])
    return float(min((seen - low).min(), (size - low - seen).min()))


views = st.fixed_dictionaries(
    {
        "elevation": st.floats(-89, 89),
        "focal_length": st.floats(12, 400),
        "width": st.sampled_from([64, 100, 512]),
        "height": st.sampled_from([64, 150, 512]),
        "margin": st.floats(0, 0.4),
    }
)


@settings(max_examples=80, deadline=None)
@given(seeds, views)
def test_every_point_stays_inside_the_margin_at_every_azimuth(seed: int, view: dict[str, Any]) -> None:
    points = cloud(seed)
    distance = fit_distance(profile(points), **view)
    if distance > 0:
        assert free_border(points, view, distance) >= 1.0 - 1e-6


@settings(max_examples=40, deadline=None)
@given(views, st.floats(0.05, 20))
def test_a_round_object_could_not_be_larger(view: dict[str, Any], slimness: float) -> None:
    angles = np.radians(np.arange(0, 360, 0.5))
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1)
    points = np.concatenate([ring + np.array([0, 0, slimness]), ring - np.array([0, 0, slimness])]) / math.hypot(
        1, slimness
    )
    distance = fit_distance(profile(points), **view)
    assert free_border(points, view, distance * 0.995) < 1.0 + 0.01 * max(view["width"], view["height"]) / 100


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_smallest_circle_holds_all_points_and_rests_on_two_or_more(seed: int) -> None:
    points = cloud(seed)[:, :2]
    centre, radius = smallest_circle(points)
    gaps = radius - np.hypot(*(points - centre).T)
    assert gaps.min() >= -1e-7
    assert len(points) == 1 or (gaps < 1e-6).sum() >= 2
    for shift in np.eye(2) * 1e-3:
        for way in (shift, -shift):
            assert np.hypot(*(points - centre - way).T).max() >= radius - 1e-7


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
    assert alpha.max() > 200
    assert not alpha[~inside].any()
    assert len({row["camera"]["distance"] for row in rows}) == 1
    if shape in ("cone", "pole", "disc"):
        assert largest_share(alpha, margin) > 0.9


def largest_share(alpha: Any, margin: float) -> float:
    """Return how much of the half-frame inside the margin the object reaches, at best, from the centre."""
    _, height, width = alpha.shape
    _, y, x = np.nonzero(alpha)
    across = np.abs(x + 0.5 - width / 2).max() / (width / 2 * (1 - 2 * margin))
    down = np.abs(y + 0.5 - height / 2).max() / (height / 2 * (1 - 2 * margin))
    return float(max(across, down))
