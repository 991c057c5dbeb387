"""Named random streams: every draw depends on the recipe's seed and on the name of what is drawn, on nothing else."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to ``seed`` and the given name.

    Two calls with equal arguments give equal generators, whatever was drawn before, so adding an object, a view or a
    worker changes no other draw.

    Args:
        seed: The recipe's seed, >= 0.
        names: What is drawn, from general to particular, for example ``"view", "fox", 3``.
    """
    digest = hashlib.sha256("\x1f".join([str(seed), *map(str, names)]).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
