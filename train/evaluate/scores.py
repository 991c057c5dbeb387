"""All figures of a prediction, and what many of them come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import UInt8, to_levels
from synthmat.train.metrics import PRESETS, foreground_mse, matte_metrics, overlap_metrics
from synthmat.train.predict.predictor import Matte

FIELD = ("sad", "mse", "mad", "grad", "conn")
HIGHER_IS_BETTER = ("iou", "dice", "dice_mask", "dice_2018", "accuracy")
FOREGROUND, FLICKER = "fg_mse", "dtssd"


@dataclass(frozen=True)
class Truth:
    """What is true of an image: ``alpha`` uint16 ``(H, W)``; a trimap, and how it was made where it was."""

    alpha: NDArray[Any]
    trimap: UInt8 | None = None
    trimap_made: str = ""
    fg: UInt8 | None = None


def scores_of(matte: Matte, truth: Truth, presets: Sequence[str]) -> tuple[dict[str, float], dict[str, str]]:
    """Return every figure, ``<preset>.sad`` and so on, and the region that each preset measures.

    ``iou``, ``dice``, ``dice_mask``, ``dice_2018`` and ``accuracy`` are over the whole image; ``fg_mse`` is there if
    the foreground's color is known and was predicted, and is over the pixels where the true alpha is above 0.
    """
    found: dict[str, float] = {}
    regions = {}
    for preset in presets:
        measured = matte_metrics(matte.alpha, truth.alpha, truth.trimap, preset, truth.trimap_made)
        found |= {f"{preset}.{name}": value for name, value in measured.values.items()}
        regions[preset] = measured.region
    found |= overlap_metrics(matte.alpha, truth.alpha)
    if truth.fg is not None and matte.foreground is not None:
        found[FOREGROUND] = foreground_mse(matte.foreground, truth.fg, np.asarray(to_8_bit(truth.alpha)))
    return found, regions


def to_8_bit(alpha: NDArray[Any]) -> UInt8:
    """Return an alpha, uint16 or float in [0, 1], as 8-bit levels."""
    return np.asarray(to_levels(alpha / np.float32(65535) if alpha.dtype == np.uint16 else alpha, 8), np.uint8)


def summary_of(rows: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float | int | None]]:
    """Return mean, median, number of images and number of those left out (not a number) of each figure."""
    result: dict[str, dict[str, float | int | None]] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        finite = [value for value in values if math.isfinite(value)]
        result[name] = {
            "mean": float(np.mean(finite)) if finite else None,
            "median": float(np.median(finite)) if finite else None,
            "images": len(finite),
            "left_out": len(values) - len(finite),
        }
    return result


def title_of(name: str) -> str:
    """Return a figure's name for a table, for example ``SAD (dim)``."""
    preset, dot, metric = name.rpartition(".")
    words = {"iou": "IoU", "dice": "Dice", "dice_mask": "Dice of masks", FOREGROUND: "FG MSE", FLICKER: "dtSSD"}
    words |= {"grad": "Grad", "conn": "Conn", "dice_2018": "Dice of 2018"}
    word = words.get(metric) or (metric.upper() if metric in FIELD else metric)
    return f"{word} ({preset})" if dot else word


def region_of(name: str, measured: Mapping[str, Sequence[str]]) -> str:
    """Return where a figure is measured; ``measured`` are the regions by preset."""
    preset = name.rpartition(".")[0]
    if preset:
        return "; ".join(measured.get(preset, ()))
    return "where the true alpha is above 0" if name == FOREGROUND else "whole"


def unit_of(name: str) -> str:
    """Return a figure's unit, for example ``sum / 1000``; empty for those without a preset."""
    preset, dot, metric = name.rpartition(".")
    return PRESETS[preset].units[metric] if dot else ""
