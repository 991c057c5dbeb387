"""Lengths of many vectors, and which strand leads a lock: as fast as they have to be, and the same to the bit."""

import numpy as np
import pytest

from synthmat.blender_scenes.builtins._parts.curve import lengths, unit


def leaders(roots: np.ndarray, count: int) -> np.ndarray:
    """Return what `locks` finds, in Blender."""
    from synthmat.blender_scenes.builtins._parts.strands import locks

    return locks(roots, count, np.random.default_rng(5))


@pytest.mark.parametrize("shape", [(2,), (3,), (1000, 2), (1000, 3), (7, 11, 13, 3)])
def test_lengths_are_those_of_numpy_to_the_bit(shape):
    vectors = np.random.default_rng(1).normal(0, 2, shape)
    assert (lengths(vectors) == np.linalg.norm(vectors, axis=-1)).all()
    assert np.allclose(np.linalg.norm(unit(vectors), axis=-1), 1)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 1100])
def test_each_strand_follows_the_nearest_of_those_that_lead(blender, count):
    roots = np.random.default_rng(2).normal(size=(count, 3))
    found = blender(leaders, roots, 40)
    lead = np.unique(found)
    assert len(lead) == min(count, 40)
    nearest = lead[np.linalg.norm(roots[:, None] - roots[None, lead], axis=-1).argmin(axis=1)]
    assert (found == nearest).all()
