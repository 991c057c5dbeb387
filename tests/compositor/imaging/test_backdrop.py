"""The background shows what the draw says, all of it from within the photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthmat.compositor.imaging.backdrop import defocus, frame_photo
from synthmat.sample_job import Backdrop


def _draw(**changes: float) -> Backdrop:
    return Backdrop("", "photo", "", **changes)


def _noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def _smooth(height: int, width: int) -> np.ndarray:
    return cv2.resize(_noise(8, 12), (width, height), interpolation=cv2.INTER_CUBIC)


def _ramps(height: int, width: int) -> np.ndarray:
    """Return a photo whose red counts columns and whose green counts rows."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.dstack([columns, rows, np.full_like(rows, 9)]).astype(np.uint8)


def test_nothing_asked_returns_the_photo_as_it_is():
    photo = _noise(40, 40)
    assert np.array_equal(frame_photo(photo, _draw(), 40), photo)


def test_the_square_lies_where_the_draw_says():
    photo = _noise(40, 100)
    assert np.array_equal(frame_photo(photo, _draw(crop_x=0), 40), photo[:, :40])
    assert np.array_equal(frame_photo(photo, _draw(crop_x=1), 40), photo[:, 60:])
    assert np.array_equal(frame_photo(photo, _draw(crop_x=0, flip=True), 40), photo[:, 39::-1])
    tall = photo.transpose(1, 0, 2)
    assert np.array_equal(frame_photo(tall, _draw(crop_x=0.3, crop_y=0.5), 40), tall[30:70])


def test_zoom_shows_a_smaller_square_at_the_same_size():
    photo = _noise(80, 120)
    assert np.array_equal(frame_photo(photo, _draw(crop_x=0, crop_y=1, zoom=2), 40), photo[40:, :40])
    averaged = frame_photo(photo, _draw(crop_x=0, crop_y=0), 40).astype(float)
    assert np.abs(averaged - photo[:80, :80].reshape(40, 2, 40, 2, 3).mean(axis=(1, 3))).max() <= 0.5
    assert frame_photo(photo, _draw(zoom=8), 40).shape == (40, 40, 3)


@pytest.mark.parametrize(("angle", "turns"), [(90, -1), (180, 2), (-90, 1)])
def test_quarter_turns_are_exact_and_clockwise(angle, turns):
    photo = _smooth(64, 64)
    turned = frame_photo(photo, _draw(rotate=angle), 64)
    assert np.abs(turned.astype(int) - np.rot90(photo, turns)).max() <= 1


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-180, 180), st.floats(0, 1), st.floats(0, 1), st.floats(1, 4), st.sampled_from([(150, 230), (240, 160)])
)
def test_a_turned_square_lies_in_the_photo_and_has_no_mirrored_border(angle, x, y, zoom, shape):
    """In a photo that counts its rows and columns, the turned one has the slopes of a rigid turn everywhere."""
    shown = frame_photo(_ramps(*shape), _draw(rotate=angle, crop_x=x, crop_y=y, zoom=zoom), 48).astype(float)
    size = 48
    for channel in (0, 1):
        plane = shown[..., channel]
        rows, columns = np.mgrid[0:size, 0:size]
        design = np.column_stack([rows.ravel(), columns.ravel(), np.ones(size * size)])
        plane_fit = np.linalg.lstsq(design, plane.ravel(), rcond=None)[0]
        assert np.abs(design @ plane_fit - plane.ravel()).max() < 2
        corners = np.array([[-0.5, -0.5, 1], [-0.5, 47.5, 1], [47.5, -0.5, 1], [47.5, 47.5, 1]]) @ plane_fit
        assert corners.min() > -1.5
        assert corners.max() < shape[1 - channel] + 0.5


def test_shrinking_a_turned_photo_does_not_alias():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    shown = frame_photo(stripes, _draw(rotate=7), 50)
    assert shown.std() < 12  # 90 if pixels were picked
    assert shown.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize("sigma", [1.0, 2.9, 3.1, 8.0, 20.0])
def test_defocus_has_the_standard_deviation_asked_for(sigma):
    edge = np.zeros((200, 200, 3), np.uint8)
    edge[:, 100:] = 255
    slope = np.diff(defocus(edge, sigma)[100, :, 0].astype(float))
    places = np.arange(slope.size)
    center = (slope * places).sum() / slope.sum()
    measured = np.sqrt((slope * (places - center) ** 2).sum() / slope.sum())
    assert measured == pytest.approx(sigma, rel=0.06)
    assert center == pytest.approx(99, abs=0.2)


def test_colors_change():
    photo = _smooth(64, 64)
    brighter = frame_photo(photo, _draw(brightness=0.1), 64).astype(int)
    assert np.median(brighter - photo) in (25, 26)
