"""What frames of an object cost, and what larger ones of it will."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from synthmat.generator.planned_frames import Frame, frame_of
from synthmat.render_job import Asset, View
from synthmat.rows.row_types import FrameRow, SetupRow

_SPREAD = 0.4
"""Relative spread of objects of one kind where none was measured twice."""


@dataclass(frozen=True)
class Cost:
    """What one object takes: seconds and bytes a frame, and the seconds that each job with some of its frames adds.

    ``frame`` is of a sharp frame; one that is out of focus or moves takes ``blur`` times as long. That is None where no
    frame of either sort is known.
    """

    frame: float
    job: float
    bytes: float
    blur: float | None = None


@dataclass(frozen=True)
class Measured:
    """A calibrating job: the object, its pixels a frame, and its cost at that size."""

    name: str
    pixels: int
    cost: Cost


def is_blurred(view: View) -> bool:
    """Return whether a view is out of focus or moves, which takes several times the samples."""
    return view.defocus is not None or (view.motion is not None and view.motion.kind != "still")


def finished_costs(
    rows: Iterable[FrameRow], setups: Iterable[SetupRow], blurred: Container[Frame] = ()
) -> dict[str, Cost]:
    """Return the cost of each object that has finished frames, from their rows and those of the jobs' set-up.

    ``blurred`` are the frames that are out of focus or move.
    """
    frames: dict[str, list[FrameRow]] = defaultdict(list)
    for row in rows:
        if "seconds" in row and "bytes" in row:
            frames[row["object"]].append(row)
    seconds: dict[str, list[float]] = defaultdict(list)
    for setup in setups:
        seconds[setup["object"]].append(setup["seconds"])
    everywhere = [value for values in seconds.values() for value in values]
    usual = fmean(everywhere) if everywhere else 0.0
    costs = {}
    for name, its in frames.items():
        frame, blur = _sharp_and_blur([(row.get("seconds", 0.0), frame_of(row) in blurred) for row in its])
        job = fmean(seconds[name]) if name in seconds else usual
        costs[name] = Cost(frame, job, fmean(row.get("bytes", 0) for row in its), blur)
    return costs


def kind_of(asset: Asset) -> str:
    """Return what objects of about equal cost have in common: the built-in family, the model file, being a group."""
    return "group" if asset.members else f"built-in {asset.builtin}" if asset.builtin else f"model {asset.identity}"


def job_cost(rows: Sequence[FrameRow], seconds: float, blurred: Container[str] = ()) -> Cost:
    """Return the cost that a job's rows and its seconds in all tell; what its first frame takes longer is set-up.

    ``blurred`` are the names of the views that are out of focus or move.
    """
    known = [(float(row.get("seconds", 0.0)), row["view"] in blurred) for row in rows]
    later = known[1:]
    frame, blur = _sharp_and_blur(known if all(moved for _, moved in later) else later)
    usual = sum(frame * (blur or 1.0) if moved else frame for _, moved in known)
    return Cost(frame, max(0.0, seconds - usual), fmean(row.get("bytes", 0) for row in rows), blur)


def _sharp_and_blur(frames: Sequence[tuple[float, bool]]) -> tuple[float, float | None]:
    """Return the mean of sharp frames' seconds, and by how much blurred ones exceed it; of all where only one sort is.

    ``frames`` are seconds and whether the frame is blurred.
    """
    sharp, blurred = ([seconds for seconds, moved in frames if moved == wanted] for wanted in (False, True))
    if not sharp or not blurred or not sum(sharp):
        return fmean(sharp or blurred), None
    return fmean(sharp), fmean(blurred) / fmean(sharp)


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
        blur = next((each.cost.blur for each in reversed(several) if each.cost.blur), None)
        costs[name] = Cost(frame, several[0].cost.job, size, blur)
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
    """Return the mean of several costs; that of ``blur`` counts slow objects more, as they do in a total."""
    several = list(costs)
    known = [(cost.frame * cost.blur, cost.frame) for cost in several if cost.blur]
    blur = sum(blurred for blurred, _ in known) / sum(sharp for _, sharp in known) if known else None
    frame, job, size = (fmean(getattr(cost, key) for cost in several) for key in ("frame", "job", "bytes"))
    return Cost(frame, job, size, blur)


def spread_of(kinds: Iterable[Sequence[Cost]]) -> float:
    """Return the relative standard deviation of a frame's seconds among objects of one kind."""
    squares, freedom = 0.0, 0
    for costs in kinds:
        mean = fmean(cost.frame for cost in costs)
        if len(costs) > 1 and mean > 0:
            squares += sum((cost.frame / mean - 1) ** 2 for cost in costs)
            freedom += len(costs) - 1
    return math.sqrt(squares / freedom) if freedom > 1 else _SPREAD
