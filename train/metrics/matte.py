"""The field's five metrics of a matte: SAD, MSE, MAD, Grad and Conn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.images.trimap import make_trimap
from synthmat.train.metrics.connectivity import connectivity_error
from synthmat.train.metrics.gradient import gradient_error
from synthmat.train.metrics.levels import UInt8, as_saved, check_same_size
from synthmat.train.metrics.presets import PRESETS, MetricPreset, check_preset


@dataclass(frozen=True)
class MatteScores:
    """The metrics of one matte, with what they mean: ``values`` in the units of ``PRESETS[preset].units``."""

    preset: str
    region: str
    values: dict[str, float]

    def row(self) -> dict[str, str | float]:
        """Return all of it as one flat row of a table."""
        return {"preset": self.preset, "region": self.region, **self.values}


def matte_metrics(
    prediction: NDArray[Any],
    alpha: NDArray[Any],
    trimap: NDArray[Any] | None = None,
    preset: str = "dim",
    trimap_made: str = "",
) -> MatteScores:
    """Return ``sad``, ``mse``, ``mad``, ``grad`` and ``conn`` by the definitions of a preset.

    All are measured on 8-bit levels, as saved; 16 bits and floats are rounded first. Over an empty unknown region the
    sums are 0 and the means, which do not exist, not a number.

    Args:
        prediction: (H, W), uint8, uint16 or float in [0, 1].
        alpha: The true one, likewise.
        trimap: (H, W), likewise; 0 is background, 255 foreground, all between unknown. Presets that measure the whole
            image do not look at it.
        preset: A name in `PRESETS`.
        trimap_made: How the trimap was made, where it did not come with the image; goes into the region's name.

    Raises:
        ValueError: There is no such preset, it needs a trimap, or shapes or dtypes are wrong.
    """
    check_preset(preset)
    rules = PRESETS[preset]
    p, a = as_saved("the prediction", prediction), as_saved("the true alpha", alpha)
    check_same_size(prediction=p, alpha=a)
    if rules.region == "whole":
        return MatteScores(preset, "whole", _values(rules, p, a, np.ones(a.shape, np.bool_)))
    if trimap is None:
        raise ValueError(
            f"metric preset {preset} measures a trimap's unknown region and there is no trimap; make one with "
            "trimap_from_alpha, or take preset whole"
        )
    t = as_saved("the trimap", trimap)
    check_same_size(alpha=a, trimap=t)
    unknown = (t > 0) & (t < 255)
    if rules.overlay:
        p = np.where(unknown, p, t)
    region = "unknown, SAD/MSE/MAD summed over the whole image" if rules.overlay else "unknown"
    return MatteScores(preset, f"{region} ({trimap_made})" if trimap_made else region, _values(rules, p, a, unknown))


def trimap_from_alpha(
    alpha: NDArray[Any], method: str = "kernel", erode: float = 10, dilate: float = 10
) -> tuple[UInt8, str]:
    """Return a trimap for an image without one, and how it was made: both are for `matte_metrics`.

    Its unknown region depends on these numbers, and so does every figure measured in it; see
    `synthmat.images.trimap.make_trimap` for them.

    Args:
        alpha: The true alpha (H, W), uint8, uint16 or float in [0, 1].
        method: ``kernel``, ``distance`` or ``uncertainty``.
        erode: Pixels towards the foreground.
        dilate: Pixels towards the background.
    """
    trimap = make_trimap(as_saved("the true alpha", alpha), method, erode, dilate)
    return trimap, f"trimap made from the true alpha, {method}, erode {erode:g}, dilate {dilate:g}"


def _values(rules: MetricPreset, prediction: UInt8, alpha: UInt8, region: NDArray[np.bool_]) -> dict[str, float]:
    difference = np.abs(prediction.astype(np.int32) - alpha)
    counted = difference if rules.overlay else difference[region]
    absolute = int(counted.sum(dtype=np.int64)) / 255
    squared = int(np.square(counted).sum(dtype=np.int64)) / 255**2
    pixels = int(region.sum()) or float("nan")
    measured = {
        "sad": absolute,
        "mse": squared / pixels,
        "mad": absolute / pixels,
        "grad": gradient_error(prediction, alpha, region, kind=rules.gradient, stretch=rules.stretch),
        "conn": connectivity_error(prediction, alpha, region, empty_leaves=rules.empty_leaves),
    }
    return {name: value * rules.scale(name) for name, value in measured.items()}
