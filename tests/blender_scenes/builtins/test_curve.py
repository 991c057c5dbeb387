"""Vectors of curves: fast, and to the bit what NumPy gives, since the bytes of frames depend on it."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.blender_scenes.builtins._parts.curve import lengths, unit


@pytest.mark.parametrize("shape", [(2,), (3,), (9, 2), (9, 3), (4, 5, 3)])
def test_lengths_are_those_of_numpy_to_the_bit_in_the_plane_too(shape: tuple[int, ...]) -> None:
    vectors = np.random.default_rng(0).normal(size=shape)
    assert np.array_equal(lengths(vectors), np.linalg.norm(vectors, axis=-1))
    assert np.allclose(np.linalg.norm(unit(vectors), axis=-1), 1)
