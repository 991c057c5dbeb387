"""Several sources as one: how often each sample comes in an epoch, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthmat.random_streams import stream
from synthmat.render_job import content_key
from synthmat.sample_source import SampleSource


@dataclass(frozen=True)
class Part:
    """A source in a mixture: ``kinds`` are what it gives of every sample, ``remedy`` how it could give more."""

    source: SampleSource
    weight: float = 1.0
    kinds: frozenset[str] = frozenset({"image", "alpha"})
    remedy: str = ""

    @property
    def per_epoch(self) -> int:
        """How many samples of it an epoch has."""
        return round(self.weight * len(self.source))


@dataclass(frozen=True)
class Draw:
    """One sample of an epoch: which of which part, and the ``draw`` by which sources that never repeat make it."""

    part: Part
    index: int
    draw: int

    @property
    def names(self) -> tuple[str, str, int]:
        """Names its random streams."""
        return self.part.source.name, self.part.source.label(self.index), self.draw


@dataclass(frozen=True)
class Mixture:
    """Sources with weights. In each epoch a sample comes ``weight`` times, on average where that is a fraction."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        """Return the number of samples in an epoch."""
        return sum(part.per_epoch for part in self.parts)

    @property
    def digest(self) -> str:
        """A hash of what it consists of."""
        return content_key([(part.source.name, part.source.digest, part.weight) for part in self.parts])

    def epoch(self, number: int, seed: int) -> list[Draw]:
        """Return the samples of an epoch in their order, which depends on the seed and the epoch's number alone."""
        draws = []
        for place, part in enumerate(self.parts):
            count = len(part.source)
            whole, rest = divmod(part.per_epoch, count) if count else (0, 0)
            # Every draw of a sample has a number of its own, over all epochs.
            first = number * (whole + 1)
            draws += [Draw(part, index, first + turn) for turn in range(whole) for index in range(count)]
            chosen = stream(seed, "mixture", place, number).permutation(count)[:rest] if rest else ()
            draws += [Draw(part, int(index), first + whole) for index in sorted(chosen)]
        order = stream(seed, "order", number).permutation(len(draws))
        return [draws[place] for place in order]


def in_order(part: Part) -> list[Draw]:
    """Return every sample of a part once, the same in every epoch."""
    return [Draw(part, index, 0) for index in range(len(part.source))]


def lacking(parts: Sequence[Part], kinds: frozenset[str]) -> list[tuple[Part, list[str]]]:
    """Return the parts that lack some of ``kinds``, each with what it lacks."""
    return [(part, sorted(kinds - part.kinds)) for part in parts if kinds - part.kinds]
