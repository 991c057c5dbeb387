"""Color, sharpness, grain and haze bring a foreground nearer to its photo, and leave alone what fits already."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from synthmat.compositor.realism.color_transfer import transfer_color
from synthmat.compositor.realism.grain import match_grain, noise_sigma
from synthmat.compositor.realism.haze import airlight, haze_background, haze_foreground
from synthmat.compositor.realism.normal_noise import normal_noise
from synthmat.compositor.realism.sharpness import LARGEST_SIGMA_PX, edge_spread, missing_blur
from synthmat.random_streams import stream


def _flat(color: tuple[int, int, int], spread: int = 0) -> np.ndarray:
    noise = np.random.default_rng(5).integers(-spread, spread + 1, (64, 64, 1))
    return np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)


def _disc(sigma: float, size: int = 128) -> np.ndarray:
    """Return a bright disc, its edge averaged over pixels and blurred then, float32 ``(size, size)`` in 0..1."""
    big = np.zeros((size * 8, size * 8), np.float32)
    cv2.circle(big, (size * 4 + 3, size * 4 + 5), int(size * 2.5), 1.0, -1)
    small = cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), sigma) if sigma else small


def _rgb(gray: np.ndarray) -> np.ndarray:
    return np.repeat(np.rint(gray * 200 + 20).astype(np.uint8)[..., None], 3, axis=2)


def _noisy(level: float, sigma: float, size: int = 128) -> np.ndarray:
    noise = normal_noise((size, size), stream(1, "test"))[..., None]
    return np.clip(np.rint(level + 255 * sigma * noise), 0, 255).repeat(3, axis=2).astype(np.uint8)


def test_colors_move_towards_the_background_but_not_all_the_way():
    rgb, alpha = (_flat((110, 120, 130), 20) / 255).astype(np.float32), np.ones((64, 64), np.float32)
    sunset = _flat((220, 120, 40), 20)
    before, half, after = (transfer_color(rgb, alpha, sunset, s).mean(axis=(0, 1)) for s in (0.0, 0.5, 1.0))
    assert before == pytest.approx(rgb.mean(axis=(0, 1)))
    assert after[0] - after[2] > half[0] - half[2] > before[0] - before[2]
    assert after[0] - after[2] < 0.3
    assert half == pytest.approx((before + after) / 2, abs=0.01)


def test_colors_that_fit_stay():
    photo = _flat((90, 120, 60), 25)
    rgb = (photo / 255).astype(np.float32)
    assert transfer_color(rgb, np.ones((64, 64), np.float32), photo, 1.0) == pytest.approx(rgb, abs=0.01)


def test_a_gray_object_does_not_explode():
    rgb = np.full((64, 64, 3), 0.5, np.float32)
    rgb[::2] += 0.004
    changed = transfer_color(rgb, np.ones((64, 64), np.float32), _flat((128, 128, 128), 120), 1.0)
    assert changed.std() <= 1.5 * rgb.std()


def test_only_what_shows_decides_about_the_colors():
    rgb = np.full((64, 64, 3), 0.5, np.float32)
    alpha = np.zeros((64, 64), np.float32)
    alpha[20:40, 20:40] = 1
    hidden = rgb.copy()
    hidden[alpha == 0] = (1, 0, 1)
    args = (alpha, _flat((200, 160, 90), 30), 1.0)
    assert transfer_color(hidden, *args)[30, 30] == pytest.approx(transfer_color(rgb, *args)[30, 30], abs=1e-5)
    assert transfer_color(rgb, np.zeros_like(alpha), *args[1:]) is rgb


@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.5, 2.0, 3.0])
def test_the_softness_of_an_edge_is_measured(sigma):
    assert edge_spread(_rgb(_disc(sigma))[..., 0]) == pytest.approx(sigma, rel=0.15)


def test_the_missing_blur_makes_both_equally_soft():
    alpha = _disc(0.0)
    sigma = missing_blur(alpha, _rgb(_disc(2.0)))
    softer = cv2.GaussianBlur(alpha, (0, 0), sigma)
    assert edge_spread(_rgb(softer)[..., 0]) == pytest.approx(2.0, rel=0.1)
    levels = np.rint(alpha * 65535).astype(np.uint16)
    assert missing_blur(levels, _rgb(_disc(2.0))) == pytest.approx(sigma, abs=0.01)


def test_what_is_soft_already_is_not_blurred():
    assert missing_blur(_disc(2.0), _rgb(_disc(0.0))) == 0
    assert missing_blur(_disc(2.0), _rgb(_disc(2.0))) < 0.5


def test_a_featureless_sky_says_nothing_of_sharpness():
    sky = np.linspace(120, 200, 128).astype(np.uint8)[:, None, None].repeat(128, axis=1).repeat(3, axis=2)
    assert edge_spread(sky[..., 0]) is None
    assert missing_blur(_disc(0.0), sky) == 0
    assert missing_blur(_disc(0.0), _noisy(128, 0.02)) == 0


def test_the_blur_is_bounded():
    assert missing_blur(_disc(0.0), _rgb(_disc(7.0))) <= LARGEST_SIGMA_PX


@pytest.mark.parametrize("sigma", [0.006, 0.02, 0.06])
def test_noise_is_measured(sigma):
    assert noise_sigma(_noisy(128, sigma, 256)) == pytest.approx(sigma, rel=0.12)


def test_texture_is_no_noise():
    grains = np.random.default_rng(7).uniform(60, 200, (64, 64)).astype(np.float32)
    sand = _rgb(cv2.resize(grains, (256, 256), interpolation=cv2.INTER_CUBIC) / 255)
    assert sand.std() > 15
    assert noise_sigma(sand) < 0.003
    ramp = np.linspace(20, 230, 256).astype(np.uint8)[None, :, None].repeat(256, axis=0).repeat(3, axis=2)
    assert noise_sigma(ramp) < 0.003


def test_noise_under_transparent_pixels_does_not_count():
    picture, alpha = _noisy(128, 0.05), np.zeros((128, 128), np.float32)
    picture[:, :64] = 100
    alpha[:, :64] = 1
    assert noise_sigma(picture, alpha) == 0
    assert noise_sigma(picture, 1 - alpha) == pytest.approx(0.05, rel=0.25)
    assert noise_sigma(picture, np.zeros_like(alpha)) == 0
    assert noise_sigma(picture[:9, :9]) == 0


def test_the_foreground_gets_the_grain_that_it_lacks():
    alpha = np.ones((256, 256), np.float32)
    alpha[:16] = 0
    clean = np.full((256, 256, 3), 0.5, np.float32)
    grainy = match_grain(clean, alpha, 0.0, 0.03, 1.0, stream(2, "grain"))
    assert np.array_equal(grainy[:16], clean[:16])
    assert noise_sigma(np.rint(grainy * 255).astype(np.uint8), alpha) == pytest.approx(0.03, rel=0.12)
    more = match_grain(clean, alpha, 0.018, 0.03, 1.0, stream(2, "grain"))
    assert more[16:].std() == pytest.approx(0.024, rel=0.05)
    assert match_grain(clean, alpha, 0.05, 0.03, 1.0, stream(2, "grain")) is clean
    assert match_grain(clean, alpha, 0.0, 0.03, 0.0, stream(2, "grain")) is clean


def test_fast_noise_is_normal_and_repeats():
    noise = normal_noise((300, 300), stream(3, "noise"))
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert np.mean(np.abs(noise) < 1) == pytest.approx(0.6827, abs=0.005)
    assert np.mean(np.abs(noise) > 2) == pytest.approx(0.0455, abs=0.004)
    assert np.array_equal(noise, normal_noise((300, 300), stream(3, "noise")))


def test_haze_veils_the_background_more_than_the_foreground():
    photo = np.full((96, 96, 3), (20, 60, 30), np.uint8)
    photo[:30] = (180, 200, 230)
    air = airlight(photo)
    assert air == pytest.approx(np.array([180, 200, 230]) / 255, abs=0.06)
    assert np.ptp(air) < np.ptp([180, 200, 230]) / 255
    behind = haze_background(photo, air, 1.0)[90, 90] / 255
    before = haze_foreground((photo / 255).astype(np.float32), air, 1.0)[90, 90]
    clear = photo[90, 90] / 255
    assert np.all(clear < before)
    assert np.all(before < behind)
    assert np.all(behind < air)
    assert haze_background(photo, air, 0.0) is photo
