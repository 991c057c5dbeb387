"""Straight color from premultiplied color: exact where it can be, calm where it cannot."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synthmat.blender_scenes.color.straight_color import straight_color

Float = np.ndarray


def samples_of(alpha: Float, count: int, rng: np.random.Generator) -> Float:
    """Return the share of ``count`` samples that hit, as a renderer would find it."""
    return (rng.binomial(count, alpha) / count).astype(np.float32)


@given(seed=st.integers(0, 10**6), count=st.sampled_from([1, 4, 16, 64]), red=st.floats(0, 20))
def test_one_color_stays_that_color_at_every_alpha(seed: int, count: int, red: float) -> None:
    rng = np.random.default_rng(seed)
    alpha = np.clip(rng.uniform(-0.5, 1.5, (24, 24)), 0, 1).astype(np.float32)
    rough = samples_of(alpha, count, rng)
    color = np.array([red, 0.5, 0.01], np.float32)
    found = straight_color(rough[..., None] * color, rough, alpha, count)
    assert np.isfinite(found).all()
    if rough.any():
        assert np.allclose(found[alpha > 0], color, rtol=1e-3, atol=1e-4)
    assert (found[alpha == 0] == 0).all()


def test_opaque_pixels_keep_what_was_rendered() -> None:
    rng = np.random.default_rng(1)
    color = rng.uniform(0, 2, (16, 16, 3)).astype(np.float32)
    opaque = np.ones((16, 16), np.float32)
    assert np.array_equal(straight_color(color, opaque, opaque, 8), color)


def test_noise_is_not_blown_up_where_few_samples_hit() -> None:
    rng = np.random.default_rng(2)
    count, truth = 32, 0.3
    alpha = np.full((64, 64), 0.03, np.float32)
    hits = rng.binomial(count, 0.03, (64, 64))
    noise = truth + 0.2 * rng.normal(size=(64, 64)) / np.sqrt(np.maximum(hits, 1))
    rough = (hits / count).astype(np.float32)
    premultiplied = (rough * noise)[..., None].repeat(3, -1).astype(np.float32)
    found = straight_color(premultiplied, rough, alpha, count)
    plain = premultiplied[rough > 0] / rough[rough > 0][:, None]
    assert found.std() < plain.std() / 2
    assert abs(found.mean() - truth) < 0.02


def test_colors_do_not_run_into_each_other_over_opaque_pixels() -> None:
    color = np.zeros((20, 20, 3), np.float32)
    color[:, :10, 0], color[:, 10:, 2] = 1, 1
    alpha = np.ones((20, 20), np.float32)
    alpha[0] = 0.5
    found = straight_color(color * alpha[..., None], alpha, alpha, 64)
    assert np.allclose(found, color)
