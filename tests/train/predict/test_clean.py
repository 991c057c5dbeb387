"""Clean-up of a predicted alpha."""

import numpy as np
import pytest

from synthmat.train.predict.clean import Cleaning, cleaned


@pytest.fixture
def alpha():
    """A soft-edged object with a hole, an opening at its side, a second object, a stray part and a speck."""
    picture = np.zeros((120, 160), np.float32)
    picture[20:90, 20:80] = 1
    picture[19, 20:80] = 0.4
    picture[50:54, 50:54] = 0.1
    picture[60:64, 76:80] = 0
    picture[30:70, 110:140] = 0.8
    picture[100:105, 10:15] = 0.9
    picture[5, 150] = 1
    return picture


def test_stray_parts_go_and_holes_are_filled_soft_edges_stay(alpha):
    found = cleaned(alpha, Cleaning())
    assert not found[100:105, 10:15].any()
    assert found[5, 150] == 0
    assert (found[50:54, 50:54] == 1).all()
    assert (found[60:64, 76:80] == 0).all()
    np.testing.assert_array_equal(found[19, 20:80], alpha[19, 20:80])
    np.testing.assert_array_equal(found[30:70, 110:140], alpha[30:70, 110:140])


def test_only_the_largest_parts_are_kept(alpha):
    found = cleaned(alpha, Cleaning(parts=1, least_part=0, holes=0))
    assert not found[:, 100:].any()
    np.testing.assert_array_equal(found[19:90, 20:80], alpha[19:90, 20:80])


def test_everything_off_changes_nothing(alpha):
    np.testing.assert_array_equal(cleaned(alpha, Cleaning(least_part=0, holes=0)), alpha)


def test_opening_closing_and_smoothing(alpha):
    assert cleaned(alpha, Cleaning(opening=2, least_part=0, holes=0))[5, 150] == 0
    assert cleaned(alpha, Cleaning(closing=3, least_part=0, holes=0))[50:54, 50:54].min() == 1
    smooth = cleaned(alpha, Cleaning(smooth=2, least_part=0, holes=0))
    assert 0 < smooth[50, 81] < 1


def test_an_empty_alpha_stays_empty():
    assert not cleaned(np.zeros((20, 30), np.float32), Cleaning(parts=2)).any()
