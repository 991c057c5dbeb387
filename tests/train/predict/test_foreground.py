"""Foreground colors without the background."""

import importlib.util

import cv2
import numpy as np
import pytest

from synthmat.train.predict import foreground
from synthmat.train.predict.foreground import blur_fusion, estimate_foreground

METHODS = ["blur_fusion", *(["multilevel"] if importlib.util.find_spec("pymatting") else [])]


@pytest.fixture
def soft_disc():
    """A green disc with an edge 24 pixels soft over magenta: image uint8, alpha."""
    rows, columns = np.mgrid[0:160, 0:200]
    alpha = np.clip((60 - np.hypot(rows - 80, columns - 100)) / 24 + 0.5, 0, 1).astype(np.float32)
    image = alpha[..., None] * [20, 180, 30] + (1 - alpha[..., None]) * [220, 10, 200]
    return image.round().astype(np.uint8), alpha


@pytest.mark.parametrize("method", METHODS)
def test_the_background_is_gone_from_soft_edges(soft_disc, method):
    image, alpha = soft_disc
    found = estimate_foreground(image, alpha, method).astype(int)
    edge = (alpha > 0.2) & (alpha < 1)
    green = np.abs(found[edge] - [20, 180, 30]).mean()
    before = np.abs(image[edge].astype(int) - [20, 180, 30]).mean()
    assert green < 0.25 * before
    np.testing.assert_array_equal(found[alpha == 1], image[alpha == 1])


@pytest.mark.parametrize("method", METHODS)
def test_color_goes_on_beside_the_object_and_is_black_far_away(soft_disc, method):
    image, alpha = soft_disc
    found = estimate_foreground(image, alpha, method)
    assert found[80, 100 + 72 + 4].astype(int) @ [0, 1, 0] > 60
    assert not found[:6, :6].any()


def test_windows_change_nothing(soft_disc, monkeypatch):
    image, alpha = soft_disc
    whole = estimate_foreground(image, alpha, "blur_fusion").astype(int)
    monkeypatch.setattr(foreground, "_EDGE", 50)
    parts = estimate_foreground(image, alpha, "blur_fusion").astype(int)
    assert np.abs(whole - parts)[alpha > 0.02].max() <= 1


def test_the_composite_over_its_own_background_is_the_image(soft_disc):
    image, alpha = soft_disc
    found = blur_fusion(image.astype(np.float32) / 255, alpha)
    again = cv2.convertScaleAbs(alpha[..., None] * found * 255 + (1 - alpha[..., None]) * [220, 10, 200])
    assert np.abs(again.astype(int) - image)[alpha > 0.3].mean() < 3
