"""The photos of one split, drawn by weight."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from synthmat.photos import Photo

_MAX_TRIES = 8


class PhotoPool:
    """The photos of one split, drawn by weight and without repeats while they last.

    Args:
        numbers: Their places among ``photos``.
        photos: All photos of the recipe.
    """

    def __init__(self, numbers: Sequence[int], photos: Sequence[Photo]) -> None:
        self.numbers = tuple(numbers)
        self._by_sha256 = {photos[number].sha256: number for number in numbers if photos[number].sha256}
        weights = [photos[number].weight for number in numbers]
        self._sums = list(accumulate(weights)) if len(set(weights)) > 1 else None

    def drawn(self, count: int, rng: np.random.Generator) -> Iterator[int]:
        """Yield ``count`` photos; the first ones do not depend on ``count``."""
        if self._sums is None:
            return self._evenly(count, rng)
        return self._weighted(count, self._sums, rng)

    def matching_photo(self, sha256: str) -> int | None:
        """Return the photo with this checksum, which a foreground's light fits; None if the split does not have it."""
        return self._by_sha256.get(sha256)

    def _evenly(self, count: int, rng: np.random.Generator) -> Iterator[int]:
        swapped: dict[int, int] = {}
        for taken in range(count):
            place = taken % len(self.numbers)
            if place == 0:
                swapped.clear()
            other = int(rng.integers(place, len(self.numbers)))
            yield self.numbers[swapped.get(other, other)]
            swapped[other] = swapped.get(place, place)

    def _weighted(self, count: int, sums: list[float], rng: np.random.Generator) -> Iterator[int]:
        seen: set[int] = set()
        for _ in range(count):
            place = _weighted_place(sums, rng)
            for _ in range(_MAX_TRIES - 1):
                if place not in seen:
                    break
                place = _weighted_place(sums, rng)
            seen.add(place)
            yield self.numbers[place]
            if len(seen) == len(sums):
                seen.clear()


def _weighted_place(sums: list[float], rng: np.random.Generator) -> int:
    return min(bisect_right(sums, float(rng.random()) * sums[-1]), len(sums) - 1)
