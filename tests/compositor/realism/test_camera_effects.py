"""Exposure, sensor noise, JPEG and the captured background: what a camera does to all that it sees."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from synthmat.compositor.imaging.captured_background import capture_background
from synthmat.compositor.realism.exposure import expose, expose_float
from synthmat.compositor.realism.jpeg_artifacts import add_jpeg_artifacts
from synthmat.compositor.realism.sensor_noise import add_sensor_noise
from synthmat.images.srgb import to_linear
from synthmat.sample_job import CapturedBackground


def _levels() -> np.ndarray:
    """Return a picture in which every level of every channel occurs."""
    return np.arange(256, dtype=np.uint8).reshape(16, 16)[..., None].repeat(3, axis=2)


def _photo(size: int = 96) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(40, 220, (8, 8, 3), np.uint8)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def test_a_stop_doubles_the_light():
    dark = _levels()[:8]
    brighter = expose(dark, 1.0, 0.0)
    assert to_linear(brighter / 255) == pytest.approx(2 * to_linear(dark / 255), abs=0.005)
    assert expose(np.full((1, 1, 3), 250, np.uint8), 2.0, 0.0).max() == 255


def test_temperature_keeps_the_luminance_of_gray():
    gray = np.full((2, 2, 3), 120, np.uint8)
    for temperature in (-1.0, 1.0):
        red, green, blue = to_linear(expose(gray, 0.0, temperature)[0, 0] / 255)
        assert (red > green > blue) == (temperature > 0)
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue == pytest.approx(to_linear(np.array(120 / 255)), rel=0.01)


@pytest.mark.parametrize(("exposure", "temperature"), [(0.7, 0.4), (-2.0, -1.0), (1.5, 0.0)])
def test_foreground_and_background_get_the_same_curve(exposure, temperature):
    floats = expose_float((_levels() / 255).astype(np.float32), exposure, temperature)
    assert floats.dtype == np.float32
    assert np.abs(floats * 255 - expose(_levels(), exposure, temperature)).max() <= 0.75


def test_nothing_asked_is_the_very_same_picture():
    picture = _levels()
    floats = picture.astype(np.float32)
    assert expose(picture, 0, 0) is picture
    assert expose_float(floats, 0, 0) is floats
    assert add_sensor_noise(picture, 0, 3) is picture
    assert add_jpeg_artifacts(picture, 0) is picture
    assert capture_background(picture, CapturedBackground()) is picture


def test_sensor_noise_has_the_deviation_asked_for_and_depends_on_the_light():
    def deviation(level: int) -> float:
        plain = np.full((200, 200, 3), level, np.uint8)
        return float((add_sensor_noise(plain, 0.02, 7).astype(float) - level).std() / 255)

    assert deviation(128) == pytest.approx(0.02, rel=0.05)
    assert deviation(30) > 1.2 * deviation(128) > 1.2 * deviation(220)


def test_sensor_noise_repeats_and_differs_between_pixels_channels_and_seeds():
    plain = np.full((100, 100, 3), 128, np.uint8)
    noisy = add_sensor_noise(plain, 0.05, 1)
    assert np.array_equal(noisy, add_sensor_noise(plain, 0.05, 1))
    other = add_sensor_noise(plain, 0.05, 2)
    pairs = [(noisy, other), (noisy[..., 0], noisy[..., 1]), (noisy[1:], noisy[:-1])]
    for one, two in pairs:
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05


def test_sensor_noise_does_not_wrap():
    for level in (0, 255):
        noisy = add_sensor_noise(np.full((50, 50, 3), level, np.uint8), 0.1, 1)
        assert np.abs(noisy.astype(int) - level).max() < 128


def test_jpeg_harms_more_at_lower_quality_and_keeps_the_colors():
    errors = [np.abs(add_jpeg_artifacts(_photo(), quality).astype(int) - _photo()).mean() for quality in (95, 50, 5)]
    assert 0 < errors[0] < errors[1] < errors[2]
    red = np.full((32, 32, 3), (200, 40, 30), np.uint8)
    assert np.abs(add_jpeg_artifacts(red, 90).astype(int) - red).max() <= 4


def test_the_captured_background_is_brighter_noisier_or_moved():
    plate = _photo()
    brighter = capture_background(plate, CapturedBackground(brightness=1.1))
    assert np.abs(brighter - np.minimum(1.1 * plate, 255)).max() <= 1
    flat = capture_background(plate, CapturedBackground(contrast=0.8))
    assert flat.mean() == pytest.approx(plate.mean(), abs=1.5)
    assert flat.std() == pytest.approx(0.8 * plate.std(), rel=0.05)
    noisy = capture_background(plate, CapturedBackground(noise=0.02, seed=4))
    assert (noisy.astype(float) - plate).std() == pytest.approx(5.1, rel=0.05)
    assert not np.array_equal(noisy, capture_background(plate, CapturedBackground(noise=0.02, seed=5)))


def test_the_captured_background_is_shifted_and_turned_clockwise():
    plate = _photo(100)
    moved = capture_background(plate, CapturedBackground(shift_x=0.05, shift_y=-0.02))
    assert np.array_equal(moved[10:80, 20:80], plate[12:82, 15:75])
    turned = capture_background(plate, CapturedBackground(rotate=90))
    assert np.abs(turned.astype(int) - np.rot90(plate, -1)).max() <= 1
    assert moved.min() > 0  # mirrored, not black, where there was nothing
