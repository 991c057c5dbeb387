"""Augmentation keeps the alpha soft, in [0, 1] and registered with the image."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.random_streams import stream
from synthmat.recipe.train import Augment
from synthmat.train.augment import augment, unchanged

OFF = {"flip": 0.0, "rotate": 0.0, "shift": 0.0, "scale": 0.0}
NO_COLOUR = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}


def _soft_disc(size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Return a disc off the centre whose image is its alpha in all channels, with an edge ten pixels wide."""
    rows, columns = np.mgrid[0:size, 0:size]
    alpha = np.clip((22 - np.hypot(columns - 26, rows - 36)) / 10, 0, 1)
    return np.repeat((alpha * 255).round().astype(np.uint8)[..., None], 3, 2), (alpha * 65535).round().astype(np.uint16)


def test_alpha_goes_where_the_image_goes() -> None:
    image, alpha = _soft_disc()
    settings = Augment(flip=0.5, rotate=45.0, shift=0.2, scale=0.3, **NO_COLOUR)
    moved = 0.0
    for number in range(20):
        got_image, got_alpha = augment(image, alpha, settings, stream(1, number))
        assert np.abs(got_image[..., 1] - got_alpha).max() < 0.005
        moved = max(moved, float(np.abs(got_alpha - unchanged(image, alpha)[1]).max()))
    assert moved > 0.9


def test_alpha_stays_soft() -> None:
    image, alpha = _soft_disc()
    share = ((alpha > 0) & (alpha < 65535)).mean()
    for number in range(20):
        _, got = augment(image, alpha, Augment(rotate=30.0, shift=0.1, scale=0.2), stream(2, number))
        assert got.dtype == np.float32
        assert got.min() >= 0
        assert got.max() <= 1
        assert ((got > 0.002) & (got < 0.998)).mean() > 0.5 * share
        assert len(np.unique(got)) > 100


def test_colour_changes_leave_the_alpha_alone() -> None:
    image, alpha = _soft_disc()
    got_image, got_alpha = augment(image, alpha, Augment(**OFF, brightness=0.5), stream(3))
    assert np.array_equal(got_alpha, unchanged(image, alpha)[1])
    assert np.abs(got_image - unchanged(image, alpha)[0]).max() > 0.02
    assert got_image.min() >= 0
    assert got_image.max() <= 1


def test_grey_stays_grey_under_hue_and_saturation() -> None:
    image, alpha = _soft_disc()
    settings = Augment(**OFF, brightness=0.0, contrast=0.0, saturation=0.8, hue=180.0)
    got, _ = augment(image, alpha, settings, stream(4))
    assert got == pytest.approx(unchanged(image, alpha)[0], abs=1e-3)


def test_nothing_asked_nothing_changed() -> None:
    image, alpha = _soft_disc()
    got_image, got_alpha = augment(image, alpha, Augment(**OFF, **NO_COLOUR), stream(5))
    assert got_image == pytest.approx(image / 255, abs=1e-6)
    assert got_alpha == pytest.approx(alpha / 65535, abs=1e-6)


def test_the_flip_is_a_mirror_image() -> None:
    image, alpha = _soft_disc()
    settings = Augment(**{**OFF, "flip": 1.0}, **NO_COLOUR)
    got_image, got_alpha = augment(image, alpha, settings, stream(6))
    assert got_alpha == pytest.approx(alpha[:, ::-1] / 65535, abs=1e-5)
    assert got_image == pytest.approx(image[:, ::-1] / 255, abs=1e-5)


def test_one_setting_does_not_move_the_draws_of_another() -> None:
    image, alpha = _soft_disc()
    _, plain = augment(image, alpha, Augment(), stream(7))
    _, coloured = augment(image, alpha, Augment(hue=90.0, saturation=1.0), stream(7))
    assert np.array_equal(plain, coloured)
