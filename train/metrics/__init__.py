"""Metrics: `matte_metrics` as the field publishes them, in presets, and the soft metrics of validation batches.

Nothing is imported before it is asked for: `PRESETS` can be had without torch or OpenCV.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthmat.train.metrics.batch import METRICS, image_metrics, mean_metrics
    from synthmat.train.metrics.matte import MatteScores, matte_metrics, trimap_from_alpha
    from synthmat.train.metrics.overlap import overlap_metrics
    from synthmat.train.metrics.presets import PRESETS, MetricPreset, check_preset
    from synthmat.train.metrics.sequence import dtssd
    from synthmat.train.metrics.straight_color import foreground_mse

__all__ = [
    "METRICS",
    "PRESETS",
    "MatteScores",
    "MetricPreset",
    "check_preset",
    "dtssd",
    "foreground_mse",
    "image_metrics",
    "matte_metrics",
    "mean_metrics",
    "overlap_metrics",
    "trimap_from_alpha",
]

_FILES = {
    "batch": ("METRICS", "image_metrics", "mean_metrics"),
    "matte": ("MatteScores", "matte_metrics", "trimap_from_alpha"),
    "overlap": ("overlap_metrics",),
    "presets": ("PRESETS", "MetricPreset", "check_preset"),
    "sequence": ("dtssd",),
    "straight_color": ("foreground_mse",),
}


def __getattr__(name: str) -> Any:
    """Import the file that defines ``name``."""
    for file, names in _FILES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{file}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
