"""``summary.json`` of a training: written at its end, read by all that tell of it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from synthmat.errors import PassedOverWarning
from synthmat.storage.row_check import fault_of


class ScoresPart(TypedDict):
    """What was measured on one split."""

    dice: float
    mad: float
    dice_mask: NotRequired[float]
    accuracy: NotRequired[float]
    mse: NotRequired[float]


class CountsPart(TypedDict, total=False):
    """How many samples there were."""

    train: int
    val: int
    left_out: int
    test: int


class TrainingSummary(TypedDict):
    """The columns that other code reads."""

    model: str
    size: int
    epochs: int
    best_epoch: int
    stopped: str
    val: ScoresPart
    test: NotRequired[ScoresPart]
    adapted: NotRequired[dict[str, object]]
    key: NotRequired[str]
    parameters: NotRequired[int]
    device: NotRequired[str]
    split: NotRequired[str]
    samples: NotRequired[CountsPart]
    seconds_per_epoch: NotRequired[float]


def read_summary(path: Path) -> TrainingSummary | None:
    """Return a summary, or None while there is none; one that cannot be used is passed over with a warning.

    The file that compares several trainings, each with a summary of its own, is no summary.
    """
    summary: object = None
    try:
        summary = json.loads(path.read_bytes())
        if isinstance(summary, dict) and "trainings" in summary:
            return None
        fault = fault_of(summary, TrainingSummary) if isinstance(summary, dict) else "it is no summary of a training"
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        fault = "it cannot be read"
    if fault:
        warnings.warn(f"{path}: it is passed over, since {fault}", PassedOverWarning, stacklevel=2)
        return None
    return cast("TrainingSummary", summary)
