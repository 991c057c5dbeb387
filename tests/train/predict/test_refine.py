"""Bringing a small alpha to the size of its picture."""

import cv2
import numpy as np
import pytest

from synthmat.train.predict.refine import refined_upsample


@pytest.fixture
def red_on_blue():
    """A red shape with a ragged edge on blue, uint8 (240, 320, 3), and its alpha."""
    rng = np.random.default_rng(2)
    noise = cv2.GaussianBlur(rng.normal(size=(240, 320)), (0, 0), 4)
    rows, columns = np.mgrid[0:240, 0:320]
    distance = 70 - np.hypot(rows - 120, columns - 150) + 60 * noise
    alpha = np.clip(distance / 3 + 0.5, 0, 1).astype(np.float32)
    colors = alpha[..., None] * np.float32([200, 40, 30]) + (1 - alpha[..., None]) * np.float32([30, 60, 190])
    return (colors + rng.normal(0, 4, colors.shape)).clip(0, 255).astype(np.uint8), alpha


def small(alpha, times):
    return cv2.resize(alpha, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA)


def test_edges_come_from_the_picture(red_on_blue):
    image, alpha = red_on_blue
    low = small(alpha, 10)
    found = refined_upsample(low, image)
    cubic = cv2.resize(low, (320, 240), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    assert found.shape == alpha.shape
    assert found.dtype == np.float32
    assert np.abs(found - alpha).mean() < 0.4 * np.abs(cubic - alpha).mean()


def test_where_colors_do_not_differ_the_small_alpha_decides():
    alpha = small(np.pad(np.ones((60, 60), np.float32), 30), 10)
    gray = np.full((120, 120, 3), 128, np.uint8)
    cubic = cv2.resize(alpha, (120, 120), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    np.testing.assert_allclose(refined_upsample(alpha, gray), cubic, atol=1e-3)


def test_nothing_appears_where_nothing_was_found(red_on_blue):
    image, alpha = red_on_blue
    image = image.copy()
    image[200:230, 10:40] = [200, 40, 30]  # another red thing, which the network did not take for the object
    found = refined_upsample(small(alpha, 10), image)
    assert found[205:225, 15:35].max() < 1e-6


def test_strips_leave_no_seams():
    image = np.zeros((700, 40, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, 700)[:, None]
    alpha = np.repeat(np.linspace(0, 1, 70, dtype=np.float32)[:, None], 4, 1)
    steps = np.diff(refined_upsample(alpha, image)[:, 20])
    assert np.abs(steps[250:262]).max() < 2 * np.median(np.abs(steps)) + 5e-3
