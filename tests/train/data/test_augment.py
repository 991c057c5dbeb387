"""Augmentation keeps the alpha soft, in [0, 1], and all pictures of a sample registered."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.random_streams import stream
from synthmat.recipe.train import Augment
from synthmat.train.data.augment import Planes, augment, unchanged
from synthmat.train.data.resizing import Pictures

OFF = {"flip": 0.0, "rotate": 0.0, "shift": 0.0, "scale": 0.0}
NO_COLOR = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}


def _soft_disc(size: int = 64) -> Pictures:
    """Return a disc off the center whose image is its alpha in all channels, with an edge ten pixels wide."""
    rows, columns = np.mgrid[0:size, 0:size]
    alpha = np.clip((22 - np.hypot(columns - 26, rows - 36)) / 10, 0, 1)
    image = np.repeat((alpha * 255).round().astype(np.uint8)[..., None], 3, 2)
    return {"image": image, "alpha": (alpha * 65535).round().astype(np.uint16)}


def _composite(size: int = 64) -> Pictures:
    """Return a soft disc of one texture over another, with all kinds of pictures."""
    rng = np.random.default_rng(0)
    fg, bg = (np.kron(rng.integers(60, 200, (size // 4, size // 4, 3)), np.ones((4, 4, 1))) for _ in range(2))
    alpha = _soft_disc(size)["alpha"]
    weight = alpha[..., None] / 65535
    image = np.rint(weight * fg + (1 - weight) * bg)
    trimap = np.where(alpha == 0, 0, np.where(alpha == 65535, 255, 128))
    colors = {"image": image, "fg": fg, "bg": bg, "captured_bg": bg, "trimap": trimap}
    return {"alpha": alpha, **{kind: pixels.astype(np.uint8) for kind, pixels in colors.items()}}


def test_alpha_goes_where_the_image_goes() -> None:
    disc = _soft_disc()
    settings = Augment(flip=0.5, rotate=45.0, shift=0.2, scale=0.3, **NO_COLOR)
    moved = 0.0
    for number in range(20):
        got = augment(disc, settings, stream(1, number))
        assert np.abs(got["image"][..., 1] - got["alpha"]).max() < 0.005
        moved = max(moved, float(np.abs(got["alpha"] - unchanged(disc)["alpha"]).max()))
    assert moved > 0.9


def _miss(planes: Planes) -> float:
    alpha = planes["alpha"][..., None]
    colors = [planes[kind] for kind in ("image", "fg", "bg")]
    whole = np.all([(color > 0) & (color < 1) for color in colors], axis=0)
    assert whole.mean() > 0.95
    return float(np.abs(colors[0] - alpha * colors[1] - (1 - alpha) * colors[2])[whole].max())


def test_the_image_stays_foreground_over_background() -> None:
    sample = _composite()
    gentle = Augment(rotate=40.0, shift=0.2, scale=0.3, brightness=0.1, contrast=0.1, saturation=0.2, hue=60.0)
    assert _miss(unchanged(sample)) < 0.6 / 255
    for number in range(10):
        got = augment(sample, gentle, stream(2, number))
        assert _miss(got) < 1.5 / 255
        # The captured background is no premultiplied picture, so it differs from bg where the disc hides bg.
        assert np.abs(got["captured_bg"] - got["bg"])[got["alpha"] == 0].max() < 0.02


def test_a_trimap_is_known_only_where_all_it_came_from_was() -> None:
    sample = _composite()
    for number in range(10):
        got = augment(sample, Augment(rotate=40.0, scale=0.3), stream(3, number))
        assert set(np.unique(got["trimap"])) <= {0.0, 0.5, 1.0}
        assert np.all(got["alpha"][got["trimap"] == 1] > 0.999)
        assert np.all(got["alpha"][got["trimap"] == 0] < 0.001)
        assert (got["trimap"] == 0.5).mean() < 0.5


def test_alpha_stays_soft() -> None:
    disc = _soft_disc()
    share = ((disc["alpha"] > 0) & (disc["alpha"] < 65535)).mean()
    for number in range(20):
        got = augment(disc, Augment(rotate=30.0, shift=0.1, scale=0.2), stream(2, number))["alpha"]
        assert got.dtype == np.float32
        assert got.min() >= 0
        assert got.max() <= 1
        assert ((got > 0.002) & (got < 0.998)).mean() > 0.5 * share
        assert len(np.unique(got)) > 100


def test_color_changes_leave_the_alpha_alone() -> None:
    disc = _soft_disc()
    got = augment(disc, Augment(**OFF, brightness=0.5), stream(3))
    assert np.array_equal(got["alpha"], unchanged(disc)["alpha"])
    assert np.abs(got["image"] - unchanged(disc)["image"]).max() > 0.02
    assert got["image"].min() >= 0
    assert got["image"].max() <= 1


def test_grey_stays_grey_under_hue_and_saturation() -> None:
    disc = _soft_disc()
    settings = Augment(**OFF, brightness=0.0, contrast=0.0, saturation=0.8, hue=180.0)
    assert augment(disc, settings, stream(4))["image"] == pytest.approx(unchanged(disc)["image"], abs=1e-3)


def test_nothing_asked_nothing_changed() -> None:
    sample = _composite()
    got = augment(sample, Augment(**OFF, **NO_COLOR), stream(5))
    for kind, plane in unchanged(sample).items():
        assert got[kind] == pytest.approx(plane, abs=1e-6), kind


def test_the_flip_is_a_mirror_image() -> None:
    sample = _composite()
    got = augment(sample, Augment(**{**OFF, "flip": 1.0}, **NO_COLOR), stream(6))
    for kind, plane in unchanged(sample).items():
        assert got[kind] == pytest.approx(plane[:, ::-1], abs=1e-4), kind


def test_one_setting_does_not_move_the_draws_of_another() -> None:
    disc = _soft_disc()
    plain = augment(disc, Augment(), stream(7))["alpha"]
    colored = augment(disc, Augment(hue=90.0, saturation=1.0), stream(7))["alpha"]
    assert np.array_equal(plain, colored)
