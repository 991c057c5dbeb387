"""What frames of an object cost, and what larger ones of it will."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from synthmat.render_job import Asset
from synthmat.rows.row_types import FrameRow, SetupRow

_SPREAD = 0.4
"""Relative spread of objects of one kind where none was measured twice."""


@dataclass(frozen=True)
class Cost:
    """What one object takes: seconds and bytes a frame, and the seconds that each job with some of its frames adds."""

    frame: float
    job: float
    bytes: float


@dataclass(frozen=True)
class Measured:
    """A calibrating job: the object, its pixels a frame, and its cost at that size."""

    name: str
    pixels: int
    cost: Cost


def finished_costs(rows: Iterable[FrameRow], setups: Iterable[SetupRow]) -> dict[str, Cost]:
    """Return the cost of each object that has finished frames, from their rows and those of the jobs' set-up."""
    frames: dict[str, list[FrameRow]] = defaultdict(list)
    for row in rows:
        if "seconds" in row and "bytes" in row:
            frames[row["object"]].append(row)
    seconds: dict[str, list[float]] = defaultdict(list)
    for setup in setups:
        seconds[setup["object"]].append(setup["seconds"])
    everywhere = [value for values in seconds.values() for value in values]
    usual = fmean(everywhere) if everywhere else 0.0
    return {
        name: Cost(
            fmean(row["seconds"] for row in its),
            fmean(seconds[name]) if name in seconds else usual,
            fmean(row["bytes"] for row in its),
        )
        for name, its in frames.items()
    }


def kind_of(asset: Asset) -> str:
    """Return what objects of about equal cost have in common: the built-in family, the model file, being a group."""
    return "group" if asset.members else f"built-in {asset.builtin}" if asset.builtin else f"model {asset.identity}"


def job_cost(rows: Sequence[FrameRow], seconds: float) -> Cost:
    """Return the cost that a job's rows and its seconds in all tell; what its first frame takes longer is set-up."""
    last = float(rows[-1]["seconds"])
    return Cost(last, max(0.0, seconds - last * len(rows)), fmean(row["bytes"] for row in rows))


def scaled_costs(measured: Sequence[Measured], pixels: int) -> dict[str, Cost]:
    """Return the cost of each measured object at full size, ``pixels`` a frame.

    Seconds and bytes are taken as ``fixed + slope * pixels``, with the share of what is fixed from all objects that
    were measured at two sizes; set-up does not grow.
    """
    sizes: dict[str, list[Measured]] = defaultdict(list)
    for each in measured:
        sizes[each.name].append(each)
    pairs = []
    for several in sizes.values():
        several.sort(key=lambda each: each.pixels)
        if several[0].pixels < several[-1].pixels:
            pairs.append((several[0], several[-1]))
    shares = {key: _fixed([(s.pixels, getattr(s.cost, key), b.pixels, getattr(b.cost, key)) for s, b in pairs])
              for key in ("frame", "bytes")}  # fmt: skip
    costs = {}
    for name, several in sizes.items():
        largest = several[-1]
        frame, size = (
            getattr(largest.cost, key) * _growth(shares[key], largest.pixels, pixels) for key in ("frame", "bytes")
        )
        costs[name] = Cost(frame, several[0].cost.job, size)
    return costs


def _fixed(pairs: Sequence[tuple[int, float, int, float]]) -> float:
    """Return how many pixels cost as much as what is fixed, from (pixels, cost, more pixels, cost) of some objects."""
    if not pairs:
        return 0.0
    slope = sum(more - less for _, less, _, more in pairs) / sum(large - small for small, _, large, _ in pairs)
    fixed = fmean(less - slope * small for small, less, _, _ in pairs)
    # What grows faster than its pixels has no fixed part; what does not grow at all is taken to be mostly fixed.
    least = fmean(less / small for small, less, _, _ in pairs) / 20
    return max(0.0, fixed / max(slope, least)) if slope > 0 or fixed > 0 else 0.0


def _growth(fixed: float, pixels: int, wanted: int) -> float:
    return (fixed + wanted) / (fixed + pixels)


def mean_cost(costs: Iterable[Cost]) -> Cost:
    several = list(costs)
    return Cost(*(fmean(getattr(cost, field.name) for cost in several) for field in dataclasses.fields(Cost)))


def spread_of(kinds: Iterable[Sequence[Cost]]) -> float:
    """Return the relative standard deviation of a frame's seconds among objects of one kind."""
    squares, freedom = 0.0, 0
    for costs in kinds:
        mean = fmean(cost.frame for cost in costs)
        if len(costs) > 1 and mean > 0:
            squares += sum((cost.frame / mean - 1) ** 2 for cost in costs)
            freedom += len(costs) - 1
    return math.sqrt(squares / freedom) if freedom > 1 else _SPREAD
