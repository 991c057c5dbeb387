"""Stated errors of color, on pictures whose truth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from synthmat.blender_scenes.blender.pictures import srgb
from synthmat.blender_scenes.color.color_estimate import ColorErrors, ColorEstimate, Float, Half

SIZE, SAMPLES = 96, 8


def disc() -> tuple[Float, Float]:
    """Return straight linear color with a smooth course, and the soft alpha of a disc."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32) / SIZE
    color = np.stack([0.2 + 0.5 * x, 0.3 + 0.2 * np.sin(9 * y), 0.6 - 0.4 * y * x], axis=-1)
    alpha = np.clip((0.4 - np.hypot(x - 0.5, y - 0.5)) * 12, 0, 1)
    return color.astype(np.float32), alpha.astype(np.float32)


def rendered(seed: int, *, noise: float, samples: int = SAMPLES) -> Half:
    """Return a render: each sample hits or not, and each hit gives back a color by chance."""
    color, alpha = disc()
    generator = np.random.default_rng(seed)
    hits = (generator.random((samples, SIZE, SIZE)) < alpha).astype(np.float32)
    light = generator.gamma(noise**-2, noise**2, (samples, SIZE, SIZE, 1)) if noise else 1.0  # 1 in the mean
    premultiplied = (hits[..., None] * color * light).mean(axis=0)
    rough = hits.mean(axis=0)
    guides = np.repeat(rough[..., None], 3, axis=-1)
    return Half(np.dstack([premultiplied, rough]).astype(np.float32), guides * 0.5, guides)


def estimate(noise: float, samples: int = SAMPLES) -> ColorEstimate:
    found = ColorEstimate()
    found.add(rendered(1, noise=noise, samples=samples), rendered(2, noise=noise, samples=samples), samples)
    return found


def smoothing(color: Float, albedo: Float, normal: Float) -> Float:
    """Take noise out in a way that errs itself: color is smeared and made darker."""
    assert color.shape == albedo.shape == normal.shape
    return np.asarray(cv2.GaussianBlur(color, (0, 0), 2) * np.float32(0.97))


def true_errors(color: Float) -> ColorErrors:
    straight, alpha = disc()
    squared = np.square(srgb(color) - srgb(straight)).mean(axis=-1)
    interior, edge = alpha > 0.98, (alpha >= 0.02) & (alpha <= 0.98)
    return ColorErrors(*(float(np.sqrt(np.average(squared, weights=alpha * part))) for part in (1, interior, edge)))


@pytest.mark.parametrize("noise", [0.1, 0.4])
@pytest.mark.parametrize("denoise", [None, smoothing])
def test_stated_errors_are_the_true_ones(noise: float, denoise: object) -> None:
    solved = estimate(noise).solved(denoise)
    truth = true_errors(solved.color)
    assert solved.errors.whole == pytest.approx(truth.whole, rel=0.3)
    assert solved.errors.interior == pytest.approx(truth.interior, rel=0.3)
    assert 0.5 < solved.errors.edge / truth.edge < 2
    assert solved.raw_errors.whole == pytest.approx(true_errors(solved.raw).whole, rel=0.15)


def test_an_error_that_both_halves_share_is_seen() -> None:
    solved = estimate(2.0).solved(lambda color, *_: np.full_like(color, 0.4))
    assert solved.denoised
    assert solved.errors.whole == pytest.approx(true_errors(solved.color).whole, rel=0.2)


def test_what_a_denoiser_spoils_is_left_raw() -> None:
    solved = estimate(0.05).solved(lambda color, *_: color * np.float32(0.5))
    assert not solved.denoised
    assert np.array_equal(solved.color, solved.raw)
    assert solved.errors == solved.raw_errors


def test_the_denoiser_sees_no_black_around_the_object() -> None:
    seen: list[Float] = []

    def look(color: Float, *_: Float) -> Float:
        seen.append(color)
        return color

    estimate(0.0).solved(look)
    assert len(seen) == 2
    assert all(color.min() > 0.05 for color in seen)  # the darkest of the disc is 0.1


def test_more_renders_make_it_better_and_are_counted() -> None:
    found = estimate(0.4)
    before = found.solved(None)
    more = found.more_samples(before, before.errors.whole / 2, 1000)
    assert more % 4 == 0
    assert 20 <= more <= 32
    found.add(rendered(3, noise=0.4, samples=more), rendered(4, noise=0.4, samples=more), more)
    after = found.solved(None)
    assert found.samples == SAMPLES + more
    assert after.errors.whole == pytest.approx(before.errors.whole / 2, rel=0.15)
    assert true_errors(after.color).whole == pytest.approx(after.errors.whole, rel=0.15)


def test_a_limit_and_a_good_frame_end_it() -> None:
    found = estimate(0.4)
    solved = found.solved(None)
    assert found.more_samples(solved, 1e-4, 2 * SAMPLES + 8) == 4
    assert found.more_samples(solved, 1e-4, 2 * SAMPLES) == 0
    assert found.more_samples(solved, 1.0, 1000) == 0


def test_an_empty_frame_has_no_error() -> None:
    found = ColorEstimate()
    nothing = Half(np.zeros((8, 8, 4), np.float32), np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32))
    found.add(nothing, nothing, 4)
    solved = found.solved(smoothing)
    assert solved.errors == ColorErrors(0, 0, 0)
    assert not solved.denoised
