"""``summary.json`` of a training: written at its end, read by all that tell of it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from synthmat.errors import PassedOverWarning
from synthmat.storage.row_check import fault_of


class ScoresPart(TypedDict):
    """What was measured on one split."""

    dice: float
    mad: float
    mse: NotRequired[float]


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


def read_summary(path: Path) -> dict[str, Any]:
    """Return a summary, or nothing while there is none; one that cannot be used is passed over with a warning."""
    try:
        summary = json.loads(path.read_bytes())
        fault = fault_of(summary, TrainingSummary) if isinstance(summary, dict) else "it is no summary of a training"
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        fault = "it cannot be read"
    if fault:
        warnings.warn(f"{path}: it is passed over, since {fault}", PassedOverWarning, stacklevel=2)
        return {}
    return dict(summary)
