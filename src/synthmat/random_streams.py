"""Named random streams: every draw depends on the recipe's seed and on the name of what is drawn, on nothing else."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to ``seed`` and the given name.

    Two calls with equal arguments give equal generators, whatever was drawn before, so adding an object, a view or a
    worker changes no other draw.

    Args:
        seed: The recipe's seed, >= 0.
        names: What is drawn, from general to particular, for example ``"view", "fox", 3``.
    """
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(seed, *names)[:16], "little")))


def uniform(seed: int, *names: str | int) -> float:
    """Return the number, 0 or more and below 1, that belongs to ``seed`` and the given name: a cheap `stream`."""
    return int.from_bytes(_digest(seed, *names)[:7], "big") / 2**56


def ranked(seed: int, *names: str | int, choices: Sequence[str], weights: Sequence[float] | None = None) -> list[int]:
    """Return the places of all ``choices`` in a random order that each of them has a stake in.

    A further choice takes a place of its own among them and leaves the others in their order, so that whoever takes the
    first one, or the first few, takes the same as before unless it takes the new one. (An index drawn from 0 to their
    number would mean another choice for nearly everyone.)

    Args:
        seed: The recipe's seed, >= 0.
        names: What is drawn, as for `stream`.
        choices: Names of what there is to choose from; equal ones are told apart by their order.
        weights: How often each comes first, compared with the others; all equal if left out.
    """
    keys: list[float] = []
    for place, (choice, repeat) in enumerate(_with_repeats(choices)):
        # Exponential waiting times: the shortest of them belongs to each choice as often as its weight says.
        waiting = -math.log1p(-uniform(seed, *names, choice, repeat))
        keys.append(waiting / (1.0 if weights is None else weights[place]))
    return sorted(range(len(choices)), key=keys.__getitem__)


def _with_repeats(choices: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield each choice with the number of equal ones before it."""
    seen: Counter[str] = Counter()
    for choice in choices:
        yield choice, seen[choice]
        seen[choice] += 1


def _digest(seed: int, *names: str | int) -> bytes:
    return hashlib.sha256("\x1f".join([str(seed), *map(str, names)]).encode("utf-8", "surrogateescape")).digest()
