"""Where the pixels of a foreground end up, and what several of them make."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.composite_project import soft_disc

from synthmat.compositor.imaging.foreground_image import ForegroundImage
from synthmat.compositor.imaging.placement import Placed, over_canvas, place, stacked, straight_levels
from synthmat.sample_job import Foreground, Layer

_NOTHING = Foreground("a", "a", "0000", "", "")


def _cut(rgba: np.ndarray) -> ForegroundImage:
    """Premultiply a straight uint8 picture; all of it counts as the visible box."""
    straight = rgba.astype(np.float64) / 255
    pixels = np.dstack([straight[..., :3] * straight[..., 3:], straight[..., 3]])
    return ForegroundImage(np.rint(pixels * 65535).astype(np.uint16), 0, 0, rgba.shape[1], rgba.shape[0])


def _place(rgba, size, scale, x, y, **more) -> Any:
    return place(_cut(rgba), Layer(_NOTHING, scale, x, y, **more), size)


def _alpha(placed: Placed) -> np.ndarray:
    return placed.premultiplied[..., 3] / 65535


def _whole(placed: Placed, size: int) -> np.ndarray:
    canvas = np.zeros((size, size, 4))
    canvas[placed.box] = placed.premultiplied / 65535
    return canvas


@pytest.mark.parametrize("scale", [0.3, 0.8, 1.0])
def test_the_longer_side_and_the_center_are_as_asked(scale):
    placed = _place(np.full((30, 50, 4), 255, np.uint8), 200, scale, 0.5, 0.4)
    height, width = placed.premultiplied.shape[:2]
    assert (height, width) == (round(0.6 * scale * 200), round(scale * 200))
    assert placed.left + width / 2 == pytest.approx(100, abs=0.51)
    assert placed.top + height / 2 == pytest.approx(80, abs=0.51)
    assert placed.zoom == pytest.approx(scale * 4)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.5), (1.0, 0.5), (0.5, -0.2), (0.9, 1.1)])
@pytest.mark.parametrize("scale", [0.4, 0.9, 3.0])
@pytest.mark.parametrize("rotate", [0, 30])
def test_what_leaves_the_frame_is_cut_off_and_the_rest_stays_in_place(x, y, scale, rotate):
    render, size = soft_disc(96, seed=3), 64
    placed = _place(render, size, scale, x, y, rotate=rotate)
    if placed is None:
        assert not (x + scale / 2 > 0 and y + scale / 2 > 0 and x - scale / 2 < 1 and y - scale / 2 < 1)
        return
    wide = _place(render, 5 * size, scale / 5, (x + 2) / 5, (y + 2) / 5, rotate=rotate)
    expected = _whole(wide, 5 * size)[2 * size : 3 * size, 2 * size : 3 * size]
    assert placed.left >= 0
    assert placed.top >= 0
    assert np.abs(_whole(placed, size) - expected)[..., 3].mean() < 0.01


def test_an_object_outside_of_the_frame_is_none():
    assert _place(soft_disc(32), 64, 0.2, 1.5, 0.5) is None
    assert _place(soft_disc(32), 64, 0.2, 1.5, 0.5, rotate=20) is None


def test_a_huge_scale_costs_no_more_memory_than_the_sample(monkeypatch):
    asked = []
    resize = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda data, size, **more: asked.append(size) or resize(data, size, **more))
    placed = _place(soft_disc(400), 64, 20.0, 0.5, 0.5)
    assert placed.premultiplied.shape == (64, 64, 4)
    assert max(max(size) for size in asked) < 3 * 64


@pytest.mark.parametrize("scale", [0.37, 0.9])
def test_flipping_mirrors(scale):
    render = soft_disc(63, seed=4)
    placed, mirrored = (_place(render, 100, scale, 0.5, 0.5, flip=flip) for flip in (False, True))
    assert np.abs(mirrored.premultiplied.astype(int) - placed.premultiplied[:, ::-1]).max() <= 1


@pytest.mark.parametrize("scale", [0.3, 0.9, 1.7])
def test_a_full_turn_in_four_quarters_comes_back(scale):
    render = soft_disc(80, seed=2)
    render[:30, :40, 3] = 0
    upright = _whole(_place(render, 120, scale, 0.5, 0.5, rotate=0), 120)
    for quarters in range(1, 4):
        turned = _whole(_place(render, 120, scale, 0.5, 0.5, rotate=90.0 * quarters), 120)
        assert np.abs(np.rot90(turned, quarters) - upright).mean() < 0.004, "clockwise"


@pytest.mark.parametrize("rotate", [0, -20, 75])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("scale", [0.3, 0.7, 1.6])
def test_the_matrix_leads_from_the_frame_to_where_the_pixels_are(rotate, flip, scale):
    spot = np.zeros((80, 120, 4), np.uint8)
    spot[20:31, 70:81] = 255
    placed = _place(spot, 128, scale, 0.45, 0.55, rotate=rotate, flip=flip)
    alpha = _whole(placed, 128)[..., 3]
    y, x = np.mgrid[:128, :128]
    seen = np.array([(alpha * x).sum(), (alpha * y).sum()]) / alpha.sum()
    assert placed.matrix @ (75, 25, 1) == pytest.approx(seen, abs=0.6)


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("scale", [0.2, 0.55, 1.0, 1.6])
@pytest.mark.parametrize("rotate", [0, 33])
def test_color_under_alpha_0_leaves_no_fringe(hidden, scale, rotate):
    rgba = soft_disc(96, hidden=hidden)
    rgba[rgba[..., 3] > 0, :3] = (230, 120, 60)
    color, alpha = straight_levels(_place(rgba, 96, scale, 0.5, 0.5, rotate=rotate).premultiplied, 8)
    assert np.abs(color[alpha > 1].astype(int) - (230, 120, 60)).max() <= 1
    assert ((alpha > 5) & (alpha < 250)).sum() > 20


def _random_layer(seed: int, size: int = 8) -> Placed:
    rng = np.random.default_rng(seed)
    alpha = rng.choice([0, 65535, 1], (size, size)) * rng.integers(0, 65536, (size, size)).clip(0, 65535)
    alpha = np.where(alpha > 65535, 65535, alpha)
    color = rng.integers(0, 65536, (size, size, 3)) * alpha[..., None] // 65535
    return Placed(np.dstack([color, alpha]).astype(np.uint16), 0, 0, 1.0, np.eye(2, 3))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_a_stack_over_a_photo_is_each_of_its_layers_over_the_photo_in_turn(seed, count):
    layers = [_random_layer(seed + index) for index in range(count)]
    photo = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    exact = photo.astype(np.float64)
    transparent = np.ones((8, 8))
    for layer in reversed(layers):
        pixels = layer.premultiplied / 65535
        exact = pixels[..., :3] * 255 + (1 - pixels[..., 3:]) * exact
        transparent *= 1 - pixels[..., 3]
    joined = stacked(layers, 8)
    assert np.abs(_whole(joined, 8)[..., 3] - (1 - transparent)).max() <= 1 / 65535
    assert np.abs(over_canvas(joined, photo) - exact).max() <= 0.51


def test_straight_levels_undo_premultiplying_to_half_a_level():
    rgba = np.random.default_rng(0).integers(0, 256, (40, 40, 4), dtype=np.uint8)
    color, alpha = straight_levels(_cut(rgba).premultiplied, 8)
    assert np.array_equal(alpha, rgba[..., 3])
    assert np.abs(color.astype(int) - rgba[..., :3])[alpha > 0].max() <= 1
    assert np.array_equal(color[alpha == 255], rgba[..., :3][alpha == 255])
