"""New divisions of a data set, in which training and validation have no value of the named columns in common."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from synthmat.errors import OutputError
from synthmat.random_streams import stream
from synthmat.recipe.train import Resplit
from synthmat.train.data.dataset import Sample


@dataclass(frozen=True)
class Division:
    """Samples to learn from, samples to validate on, how many belong to neither, and the rule in words."""

    train: list[Sample]
    val: list[Sample]
    left_out: int
    rule: str

    def shared(self) -> dict[str, str]:
        """Return for each column how many of validation's values are also in training, such as ``3 of 12``."""
        result = {}
        for column in ("object", "view", "background"):
            seen = {_value(sample, column) for sample in self.train}
            used = {_value(sample, column) for sample in self.val}
            result[column] = f"{len(seen & used)} of {len(used)}"
        return result


def resplit(samples: Sequence[Sample], rule: Resplit, seed: int, name: str) -> Division:
    """Divide ``samples`` such that train and validation have no value of the columns ``rule.by`` in common.

    ``rule.val`` of the values of each column is kept for validation, at least one. Which ones depends on the seed and
    the value's name alone, except for views: of each object one block of neighboring ones is kept, since neighbors
    on a turntable look nearly alike. A sample with one value of either side is left out.

    Raises:
        OutputError: Nothing is left for training or for validation.
    """
    kept = {column: _kept_values(samples, column, rule.val, seed) for column in rule.by}
    train, val = [], []
    for sample in samples:
        sides = {_value(sample, column) in values for column, values in kept.items()}
        if sides == {True}:
            val.append(sample)
        elif sides == {False}:
            train.append(sample)
    columns = " and ".join(rule.by)
    if not train or not val:
        raise OutputError(
            f"train.splits.{name}: dividing {len(samples)} samples by {columns} leaves none for "
            f"{'validation' if train else 'training'}; make more of what it divides by, or change val ({rule.val})"
        )
    return Division(train, val, len(samples) - len(train) - len(val), f"by {columns}, {rule.val:g} for validation")


def _value(sample: Sample, column: str) -> str:
    """Return the value that must not be shared; a view is one of its object's, and variants are one object."""
    if column == "view":
        return f"{sample.identity}/{sample.view}"
    if column == "object":
        return sample.identity
    return sample.id if column == "sample" else str(getattr(sample, column))


def _kept_values(samples: Sequence[Sample], column: str, fraction: float, seed: int) -> set[str]:
    if column == "view":
        return _kept_views(samples, fraction, seed)
    values = {_value(sample, column) for sample in samples}
    ranked = sorted(values, key=lambda value: stream(seed, "resplit", column, value).random())
    return set(ranked[: _count(len(ranked), fraction)])


def _kept_views(samples: Sequence[Sample], fraction: float, seed: int) -> set[str]:
    views: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        views[sample.identity].add(sample.view)
    kept = set()
    for name, names in views.items():
        ordered = sorted(names)
        rng = stream(seed, "resplit", "view", name)
        start = int(rng.integers(len(ordered)))
        count = _count(len(ordered), fraction) if len(ordered) > 1 else int(rng.random() < fraction)
        kept |= {f"{name}/{ordered[(start + step) % len(ordered)]}" for step in range(count)}
    return kept


def _count(values: int, fraction: float) -> int:
    """Return how many of ``values`` are kept for validation: at least one, and not all of several."""
    return min(max(1, math.floor(values * fraction + 0.5)), max(1, values - 1))
