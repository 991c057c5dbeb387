"""Color changes do what their names say, on bytes as on floats."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.images.color_matrix import LUMA, apply_matrix, color_matrix


def _colors() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.3, 0.7, (20, 30, 3)).astype(np.float32)


def test_nothing_asked_is_the_identity():
    assert color_matrix() == pytest.approx(np.eye(3, 4), abs=1e-9)
    picture = np.random.default_rng(2).integers(0, 256, (20, 30, 3), np.uint8)
    assert np.array_equal(apply_matrix(picture, np.eye(3, 4)), picture)


def test_hue_and_saturation_keep_grays_and_saturation_keeps_luma():
    gray = np.full((4, 4, 3), 0.4, np.float32)
    assert apply_matrix(gray, color_matrix(hue_deg=70, saturation=1.7)) == pytest.approx(gray, abs=1e-3)
    pale = apply_matrix(_colors(), color_matrix(saturation=0.3))
    assert pale @ LUMA == pytest.approx(_colors() @ LUMA, abs=1e-5)
    assert np.ptp(pale, axis=2).mean() == pytest.approx(0.3 * np.ptp(_colors(), axis=2).mean(), rel=1e-4)


def test_gain_contrast_and_brightness():
    assert apply_matrix(_colors(), color_matrix(gain=1.2)) == pytest.approx(1.2 * _colors(), abs=1e-6)
    assert apply_matrix(_colors(), color_matrix(brightness=0.1)) == pytest.approx(_colors() + 0.1, abs=1e-6)
    flat = apply_matrix(_colors(), color_matrix(contrast=0.5, pivot=0.6))
    assert flat == pytest.approx(0.6 + 0.5 * (_colors() - 0.6), abs=1e-6)


def test_bytes_and_floats_agree_to_a_level():
    matrix = color_matrix(gain=1.1, hue_deg=25, saturation=1.3, contrast=0.8, brightness=0.05)
    levels = np.rint(_colors() * 255).astype(np.uint8)
    exact = apply_matrix((levels / 255).astype(np.float32), matrix) * 255
    assert np.abs(apply_matrix(levels, matrix) - exact).max() <= 1
