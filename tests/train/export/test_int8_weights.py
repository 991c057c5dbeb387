"""Weights in 8 bit: near to what they were, channel by channel."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.train.export.int8_weights import quantized


@pytest.mark.parametrize("axis", [0, 1])
def test_a_weight_is_off_by_half_a_level_of_its_own_channel(axis: int) -> None:
    values = np.random.default_rng(0).normal(size=(4, 5, 3, 3)).astype(np.float32)
    channels = np.moveaxis(values, axis, 0)
    channels *= np.geomspace(1e-4, 1, len(channels), dtype=np.float32).reshape(-1, 1, 1, 1)
    channels[1] = 0
    levels, scales = quantized(values, axis)
    assert levels.dtype == np.int8
    assert scales.size == values.shape[axis]
    error = np.abs(levels * scales - values)
    assert (error <= scales / 2 * 1.001).all()
    relative = np.moveaxis(error, axis, 0).reshape(len(channels), -1).max(1)
    largest = np.abs(channels).reshape(len(channels), -1).max(1)
    assert (relative <= largest / 250).all()
