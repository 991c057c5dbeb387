"""Foreground colors without the background."""

import cv2
import numpy as np
import pytest

from synthmat.train.predict import foreground
from synthmat.train.predict.foreground import estimate_foreground


@pytest.fixture
def soft_disc():
    """A green disc with an edge 24 pixels soft over magenta: image uint8, alpha."""
    rows, columns = np.mgrid[0:160, 0:200]
    alpha = np.clip((60 - np.hypot(rows - 80, columns - 100)) / 24 + 0.5, 0, 1).astype(np.float32)
    image = alpha[..., None] * [20, 180, 30] + (1 - alpha[..., None]) * [220, 10, 200]
    return image.round().astype(np.uint8), alpha


@pytest.fixture
def hairs():
    """Strands of changing color over a changing background: image uint8, alpha, their color 0 to 255."""
    rng = np.random.default_rng(0)
    alpha = np.zeros((300, 400), np.float32)
    for x in rng.uniform(60, 340, 120):
        end = (int(16 * rng.uniform(20, 380)), int(16 * rng.uniform(20, 60)))
        cv2.line(alpha, (int(16 * x), 16 * 290), end, float(rng.uniform(0.3, 1)), 1, cv2.LINE_AA, 4)
    cv2.ellipse(alpha, (200, 280), (150, 90), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.8)
    waves = np.linspace(0, 3, 400)[None, :, None] + np.linspace(0, 2, 300)[:, None, None]
    color = 160 + 80 * np.sin(waves + [0, 1, 2])
    behind = 80 + 70 * np.sin(2 * waves + [2, 0, 1])
    image = alpha[..., None] * color + (1 - alpha[..., None]) * behind
    return image.round().astype(np.uint8), alpha, color


def _error(found, color, alpha) -> float:
    return float(np.average(np.abs(found - color).mean(2), weights=alpha * (alpha < 0.98)))


def test_the_background_is_gone_from_soft_edges(soft_disc):
    image, alpha = soft_disc
    found = estimate_foreground(image, alpha).astype(int)
    edge = (alpha > 0.2) & (alpha < 1)
    green = np.abs(found[edge] - [20, 180, 30]).mean()
    before = np.abs(image[edge].astype(int) - [20, 180, 30]).mean()
    assert green < 0.05 * before
    np.testing.assert_array_equal(found[alpha == 1], image[alpha == 1])


def test_strands_get_their_own_color_at_least_as_well_as_by_pymatting(hairs):
    image, alpha, color = (pixels[80:200, 120:280] for pixels in hairs)
    error = _error(estimate_foreground(image, alpha), color, alpha)
    assert error < 0.25 * _error(image, color, alpha)
    estimate = pytest.importorskip("pymatting").estimate_foreground_ml
    assert error < 1.1 * _error(255 * estimate(image / 255, alpha.astype(float)), color, alpha)


def test_color_goes_on_beside_the_object_and_is_black_far_away(soft_disc):
    image, alpha = soft_disc
    found = estimate_foreground(image, alpha)
    assert found[80, 100 + 72 + 4].astype(int) @ [0, 1, 0] > 60
    assert not found[:6, :6].any()


def test_without_soft_edges_the_colors_are_the_pictures():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    np.testing.assert_array_equal(estimate_foreground(image, np.ones((20, 30), np.float32)), image)
    assert not estimate_foreground(image, np.zeros((20, 30), np.float32)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 1)])
def test_pictures_of_one_line(shape):
    image = np.full((*shape, 3), 100, np.uint8)
    found = estimate_foreground(image, np.full(shape, 0.5, np.float32))
    assert np.abs(found.astype(int) - 100).max() <= 1


@pytest.mark.parametrize("cut", [0, 3])
def test_windows_change_nothing(hairs, monkeypatch, cut):
    image, alpha, color = hairs
    image, alpha, color = image[cut:, cut:], alpha[cut:, cut:], color[cut:, cut:]
    monkeypatch.setattr(foreground, "_WHOLE_MOST", 64)
    whole = estimate_foreground(image, alpha).astype(int)
    monkeypatch.setattr(foreground, "_EDGE", 64)
    parts = estimate_foreground(image, alpha).astype(int)
    assert np.abs(whole - parts).max() <= 2
    assert _error(parts, color, alpha) < 0.3 * _error(image, color, alpha)


def test_the_composite_over_its_own_background_is_the_image(soft_disc):
    image, alpha = soft_disc
    found = estimate_foreground(image, alpha)
    again = cv2.convertScaleAbs(alpha[..., None] * found + (1 - alpha[..., None]) * [220, 10, 200])
    assert np.abs(again.astype(int) - image)[alpha > 0.3].mean() < 3


def test_what_is_less_than_half_a_level_from_nothing_or_all_counts_as_that():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    alpha = np.full((60, 80), 0.0015, np.float32)
    alpha[:, 40:] = 0.9985
    found = estimate_foreground(image, alpha)
    np.testing.assert_array_equal(found[:, 40:], image[:, 40:])
    assert not found[:, : 40 - 17].any()
