"""Windows over a picture, put together again."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthmat.train.predict.tiles import blended, windows


@given(st.integers(1, 90), st.integers(1, 90), st.integers(8, 40), st.integers(0, 7))
def test_windows_cover_every_pixel_stay_inside_and_overlap_enough(height, width, edge, overlap):
    count = np.zeros((height, width), int)
    found = list(windows(height, width, edge, overlap))
    for window in found:
        assert 0 <= window.top < window.bottom <= height
        assert 0 <= window.left < window.right <= width
        assert window.bottom - window.top == min(edge, height)
        count[window.rows, window.columns] += 1
    assert count.min() >= 1
    lefts = sorted({window.left for window in found})
    assert all(left + edge - right >= overlap for left, right in pairwise(lefts))


@pytest.mark.parametrize("shape", [(64, 64), (33, 70), (100, 41), (9, 130)])
def test_what_is_the_same_in_all_windows_comes_back_unchanged(shape):
    picture = np.random.default_rng(0).random((*shape, 2)).astype(np.float32)
    together = blended(shape, 24, 8, lambda window: picture[window.rows, window.columns], channels=2)
    np.testing.assert_allclose(together, picture, atol=1e-6)


def test_the_border_of_a_window_hardly_counts_where_another_one_sees_more():
    def found(window):
        part = np.zeros((window.bottom - window.top, window.right - window.left, 1), np.float32)
        part[:, :1], part[:, -1:] = 1, 1
        return part

    together = blended((24, 80), 24, 8, found)[..., 0]
    assert together[:, 1:-1].max() < 1e-3
    assert together[:, 0].min() == 1
