"""Several sources as one: how often each sample comes in an epoch, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthmat.random_streams import stream
from synthmat.render_job import content_key
from synthmat.sample_source import SampleSource


@dataclass(frozen=True)
class WeightedSource:
    """A source in a mixture: ``kinds`` are what it gives of every sample, ``remedy`` how it could give more."""

    samples: SampleSource
    weight: float = 1.0
    kinds: frozenset[str] = frozenset({"image", "alpha"})
    remedy: str = ""

    @property
    def per_epoch(self) -> int:
        """How many samples of it an epoch has."""
        return round(self.weight * len(self.samples))


@dataclass(frozen=True)
class Draw:
    """One sample of an epoch: its source, its index, and the ``draw`` by which sources that never repeat make it."""

    source: WeightedSource
    index: int
    draw: int

    @property
    def names(self) -> tuple[str, str, int]:
        """Names its random streams."""
        return self.source.samples.name, self.source.samples.label(self.index), self.draw


@dataclass(frozen=True)
class Mixture:
    """Sources with weights. In each epoch a sample comes ``weight`` times, on average where that is a fraction."""

    sources: tuple[WeightedSource, ...]

    def __len__(self) -> int:
        """Return the number of samples in an epoch."""
        return sum(source.per_epoch for source in self.sources)

    @property
    def digest(self) -> str:
        """A hash of what it consists of."""
        return content_key([(source.samples.name, source.samples.digest, source.weight) for source in self.sources])

    def epoch(self, number: int, seed: int) -> list[Draw]:
        """Return the samples of an epoch in their order, which depends on the seed and the epoch's number alone."""
        draws = []
        for place, source in enumerate(self.sources):
            count = len(source.samples)
            whole, rest = divmod(source.per_epoch, count) if count else (0, 0)
            # Every draw of a sample has a number of its own, over all epochs.
            first = number * (whole + 1)
            draws += [Draw(source, index, first + repeat) for repeat in range(whole) for index in range(count)]
            chosen = stream(seed, "mixture", place, number).permutation(count)[:rest] if rest else ()
            draws += [Draw(source, int(index), first + whole) for index in sorted(chosen)]
        order = stream(seed, "order", number).permutation(len(draws))
        return [draws[place] for place in order]


def in_order(source: WeightedSource) -> list[Draw]:
    """Return every sample of a source once, the same in every epoch."""
    return [Draw(source, index, 0) for index in range(len(source.samples))]


def lacking(sources: Sequence[WeightedSource], kinds: frozenset[str]) -> list[tuple[WeightedSource, list[str]]]:
    """Return the sources that lack some of ``kinds``, each with what it lacks."""
    return [(source, sorted(kinds - source.kinds)) for source in sources if kinds - source.kinds]
