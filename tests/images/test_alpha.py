"""Properties of the color algebra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synthmat.images.alpha import (
    bleed,
    over,
    over_uint8,
    premultiply,
    resize_premultiplied,
    to_float,
    to_levels,
    unpremultiply,
)

SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def layers(draw):
    """Draw color (H, W, 3), alpha (H, W) with many exact 0 and 1, and a background, float32 in 0..1."""
    height, width = draw(SIDES)
    levels = st.one_of(st.sampled_from([0, 255]), st.integers(0, 255))
    color = draw(hnp.arrays(np.uint8, (2, height, width, 3)))
    alpha = draw(hnp.arrays(np.uint8, (height, width), elements=levels))
    return to_float(color[0]), to_float(alpha), to_float(color[1])


@settings(deadline=None)
@given(layers())
def test_alpha_0_shows_the_background_and_alpha_1_the_foreground(layer):
    foreground, alpha, background = layer
    result = over(foreground, alpha, background)
    assert np.array_equal(result[alpha == 0], background[alpha == 0])
    assert np.array_equal(result[alpha == 1], foreground[alpha == 1])


@settings(deadline=None)
@given(layers())
def test_over_stays_between_foreground_and_background(layer):
    foreground, alpha, background = layer
    result = over(foreground, alpha, background)
    assert (result >= np.minimum(foreground, background) - 1e-6).all()
    assert (result <= np.maximum(foreground, background) + 1e-6).all()


@settings(deadline=None)
@given(layers())
def test_over_commutes_with_a_mirror(layer):
    mirrored = over(*(np.flip(part, 1) for part in layer))
    assert np.array_equal(np.flip(over(*layer), 1), mirrored)


@settings(deadline=None)
@given(layers())
def test_unpremultiply_undoes_premultiply_where_alpha_is_above_0(layer):
    color, alpha, _ = layer
    again = unpremultiply(premultiply(color, alpha), alpha)
    assert np.allclose(again[alpha > 0], color[alpha > 0], atol=1e-6)
    assert not again[alpha == 0].any()


@settings(deadline=None)
@given(layers())
def test_bleed_keeps_visible_color_and_takes_the_rest_from_it(layer):
    color, alpha, _ = layer
    filled = bleed(color, alpha)
    visible = alpha > 0
    assert np.array_equal(filled[visible], color[visible])
    if visible.any():
        least, most = color[visible].min(0), color[visible].max(0)
        assert (filled >= least - 1e-5).all()
        assert (filled <= most + 1e-5).all()


def test_bleed_ignores_what_stands_under_alpha_0():
    alpha = np.zeros((16, 16), np.float32)
    alpha[5:9, 6:11] = 1
    color = np.full((16, 16, 3), 0.9, np.float32)
    dark = np.where(alpha[..., None] > 0, color, 0)
    assert np.allclose(bleed(dark, alpha), 0.9, atol=1e-6)


@settings(deadline=None)
@given(layers(), SIDES)
def test_resizing_leaves_premultiplied_data_valid(layer, sides):
    color, alpha, _ = layer
    data = np.dstack([premultiply(color, alpha), alpha])
    resized = resize_premultiplied(data, *sides)
    assert resized.shape == (sides[1], sides[0], 4)
    assert (resized >= -1e-6).all()
    assert (resized[..., 3] <= 1 + 1e-5).all()
    assert (resized[..., :3] <= resized[..., 3:] + 1e-5).all()


@pytest.mark.parametrize("edge", [40, 150])
def test_resizing_keeps_the_color_of_a_bright_object_on_black(edge):
    alpha = np.zeros((100, 100), np.float32)
    alpha[23:71, 31:67] = 1
    color = np.where(alpha[..., None] > 0, np.float32([0.9, 0.8, 0.7]), 0).astype(np.float32)
    resized = resize_premultiplied(np.dstack([premultiply(color, alpha), alpha]), edge, edge)
    straight = unpremultiply(resized[..., :3], resized[..., 3])
    seen = resized[..., 3] > 1e-4
    assert ((resized[..., 3] > 0.05) & (resized[..., 3] < 0.95)).any(), "an edge between pixels must be soft"
    assert np.allclose(straight[seen], [0.9, 0.8, 0.7], atol=1e-3)


def test_shrinking_keeps_the_covered_area():
    alpha = np.zeros((128, 128), np.float32)
    alpha[10:50, 20:81] = 1
    small = resize_premultiplied(np.dstack([alpha] * 4), 37, 37)[..., 3]
    assert small.mean() == pytest.approx(alpha.mean(), rel=1e-3)


@settings(deadline=None)
@given(layers())
def test_uint8_over_is_the_float_result_to_half_a_level(layer):
    stored = [to_levels(part, 8) for part in layer]
    exact = over(stored[0].astype(np.float64), stored[1] / 255, stored[2].astype(np.float64))
    assert np.abs(over_uint8(*stored) - exact).max() <= 0.5 + 1e-3


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (16, np.uint16)])
def test_levels_survive_the_way_through_float(bits, dtype):
    levels = np.arange(2**bits, dtype=np.int64).astype(dtype)
    assert np.array_equal(to_levels(to_float(levels), bits), levels)
