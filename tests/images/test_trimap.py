"""A trimap never says that it knows what it does not know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synthmat.images.trimap import METHODS, make_trimap

PIXELS = st.floats(0, 60)


@st.composite
def alphas(draw):
    """Draw an alpha with areas of exact 0 and full, of any of the types that alpha comes in."""
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    levels = st.one_of(st.sampled_from([0, 65535]), st.sampled_from([0, 65535]), st.integers(0, 65535))
    alpha = np.repeat(np.repeat(draw(hnp.arrays(np.uint16, shape, elements=levels)), 3, axis=0), 2, axis=1)
    kind = draw(st.sampled_from(["uint8", "uint16", "float32"]))
    if kind == "float32":
        return (alpha / 65535).astype(np.float32)
    return alpha if kind == "uint16" else (alpha // 257).astype(np.uint8)


@settings(deadline=None, max_examples=200)
@given(alphas(), st.sampled_from(METHODS), PIXELS, PIXELS)
def test_what_is_fractional_is_unknown_and_what_is_known_is_right(alpha, method, erode, dilate):
    trimap = make_trimap(alpha, method, erode, dilate)
    full = 1 if alpha.dtype == np.float32 else np.iinfo(alpha.dtype).max
    assert trimap.dtype == np.uint8
    assert trimap.shape == alpha.shape
    assert set(np.unique(trimap)) <= {0, 128, 255}
    assert (trimap[(alpha > 0) & (alpha < full)] == 128).all()
    assert (alpha[trimap == 255] == full).all()
    assert (alpha[trimap == 0] == 0).all()


@settings(deadline=None, max_examples=200)
@given(alphas(), st.sampled_from(METHODS), st.tuples(PIXELS, PIXELS), st.tuples(PIXELS, PIXELS))
def test_larger_numbers_never_shrink_the_unknown_region(alpha, method, erode, dilate):
    less = make_trimap(alpha, method, min(erode), min(dilate)) == 128
    more = make_trimap(alpha, method, max(erode), max(dilate)) == 128
    assert not (less & ~more).any()


def _square(edge: int = 60) -> np.ndarray:
    alpha = np.zeros((120, 120), np.uint8)
    alpha[60 - edge // 2 : 60 + edge // 2, 60 - edge // 2 : 60 + edge // 2] = 255
    return alpha


@pytest.mark.parametrize(("method", "inside", "outside"), [("kernel", 3, 5), ("distance", 6, 10)])
def test_inside_and_outside_reach_as_far_as_asked(method, inside, outside):
    row = make_trimap(_square(), method, erode=7 if method == "kernel" else 6, dilate=11 if method == "kernel" else 10)[
        60
    ]
    assert (row[:60] == 255).sum() == 30 - inside
    assert (row[:60] == 0).sum() == 30 - outside


def test_without_margins_a_hard_edge_has_no_unknown_pixel():
    for method in METHODS:
        assert np.array_equal(make_trimap(_square(), method, 0, 0), _square())


def test_uncertainty_reaches_farther_at_hair_than_at_a_hard_edge():
    alpha = _square()
    alpha[20:30, 30:90] = np.random.default_rng(1).integers(1, 255, (10, 60), np.uint8)
    trimap = make_trimap(alpha, "uncertainty", 12, 12)
    above = (trimap[:20, 60] == 128).sum()
    below = (trimap[90:, 60] == 128).sum()
    assert above > 2 * below > 0
    assert (trimap[30:60, 60] == 128).sum() > 2 * (trimap[60:90, 60] == 128).sum()


def test_an_object_that_goes_on_beyond_the_frame_is_known_there():
    alpha = np.full((40, 40), 255, np.uint8)
    for method in METHODS:
        assert (make_trimap(alpha, method, 9, 9) == 255).all()
        assert (make_trimap(np.zeros_like(alpha), method, 9, 9) == 0).all()


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="'magic'; there are kernel, distance, uncertainty"):
        make_trimap(_square(), "magic", 3, 3)
