"""The error of a matte, estimated from two independent renders of it."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.blender_scenes.matte.alpha_estimate import AlphaEstimate, first_samples, is_edge


def noisy(truth: np.ndarray, error: float, rng: np.random.Generator) -> np.ndarray:
    return (truth + rng.normal(0, error, truth.shape)).astype(np.float32)


def test_the_estimate_is_the_true_error_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.1, 0.9, (200, 200))
    estimate = AlphaEstimate()
    estimate.add(noisy(truth, 0.02, rng), noisy(truth, 0.02, rng), 100)
    true = np.sqrt(((estimate.alpha - truth) ** 2).mean())
    assert estimate.error == pytest.approx(true, rel=0.03)
    estimate.add(noisy(truth, 0.005, rng), noisy(truth, 0.005, rng), 635)
    true = np.sqrt(((estimate.alpha - truth) ** 2).mean())
    assert true < 0.005 / np.sqrt(2)
    assert estimate.error == pytest.approx(true, rel=0.03)


def test_pixels_inside_and_outside_do_not_count() -> None:
    first = np.zeros((10, 10), np.float32)
    first[5:] = 1
    estimate = AlphaEstimate()
    estimate.add(first, first, 64)
    assert (estimate.error, estimate.edge_pixels) == (0.0, 0)
    assert estimate.more_samples(0.004, 8192) == 0
    second = first.copy()
    second[5, 5] = 0.98
    estimate = AlphaEstimate()
    estimate.add(first, second, 64)
    assert estimate.edge_pixels == 1
    assert estimate.error == pytest.approx(0.01)


def test_more_samples_are_asked_for_until_the_error_is_reached() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(0.1, 0.9, (100, 100))
    wanted, power, estimate, rounds = 0.005, 0.5, AlphaEstimate(), 0
    samples = 128
    while samples:
        error = 0.5 * samples**-power
        estimate.add(noisy(truth, error, rng), noisy(truth, error, rng), samples)
        samples = estimate.more_samples(wanted, 10**6)
        rounds += 1
    assert estimate.error <= wanted
    assert rounds <= 4


def test_the_limit_holds() -> None:
    rng = np.random.default_rng(3)
    truth = np.full((20, 20), 0.5)
    estimate = AlphaEstimate()
    estimate.add(noisy(truth, 0.1, rng), noisy(truth, 0.1, rng), 200)
    assert estimate.more_samples(0.001, 1000) == 300
    assert estimate.more_samples(0.001, 400) == 0


def test_finer_edges_get_more_samples_at_first() -> None:
    solid = np.zeros((64, 64), np.float32)
    solid[16:48, 16:48] = 1
    solid[16, 16:48] = 0.5
    hair = np.where(np.arange(64) % 2, np.float32(0.5), np.float32(0)) * np.ones((64, 1), np.float32)
    assert first_samples(solid, 0.004, 8192) < first_samples(hair, 0.004, 8192)
    assert first_samples(solid, 0.001, 8192) > 4 * first_samples(solid, 0.004, 8192)
    assert first_samples(hair, 0.0001, 1000) == 500
    assert first_samples(np.zeros((8, 8), np.float32), 0.004, 8192) >= 64


def test_an_edge_is_where_alpha_is_fractional() -> None:
    assert is_edge(np.array([0, 0.001, 0.01, 0.5, 0.99, 0.9999, 1], np.float32)).tolist() == [0, 0, 1, 1, 1, 0, 0]
