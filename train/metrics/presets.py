"""Presets: whose definition of SAD, MSE, MAD, Grad and Conn is meant. Figures of different presets do not compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from synthmat.registry import check_name

_SCALES = {
    "sum": 1.0,
    "sum / 10": 1 / 10,
    "sum / 1000": 1 / 1000,
    "mean": 1.0,
    "mean x 1000": 1000.0,
}


@dataclass(frozen=True)
class MetricPreset:
    """One definition of the five metrics.

    Args:
        description: Whose it is.
        region: Where is measured: ``unknown``, the trimap's pixels that are neither 0 nor 255, or ``whole``.
        units: For each metric what is summed up over the region: ``sum``, ``sum / 1000``, ``mean`` and so on.
        overlay: Whether the prediction first gets the trimap's known pixels, and SAD, MSE and MAD are then summed over
            the whole image, the latter two still divided by the number of unknown pixels.
        gradient: ``normalized``: 9x9 derivatives of a Gaussian (sigma 1.4) of L2 norm 1, edges repeated; ``plain``:
            13x13, not normalized, edges mirrored.
        stretch: Whether Grad stretches both mattes to 0..1 first, which hides errors of scale.
        empty_leaves: Whether in Conn all pixels leave the component at a threshold that no pixel reaches.
    """

    description: str
    region: Literal["unknown", "whole"]
    units: Mapping[str, str]
    overlay: bool = False
    gradient: Literal["normalized", "plain"] = "normalized"
    stretch: bool = True
    empty_leaves: bool = True

    def scale(self, metric: str) -> float:
        """Return the factor on the sum or mean of ``metric``."""
        return _SCALES[self.units[metric]]


def _units(*, sad: str, mse: str, mad: str, grad: str, conn: str) -> Mapping[str, str]:
    return MappingProxyType({"sad": sad, "mse": mse, "mad": mad, "grad": grad, "conn": conn})


# Their thresholds are those of numpy.arange, whose 0.6 is a little more than 153 / 255.
_CONN = "Conn as in MATLAB's reference code, from which theirs in Python differs by up to 0.7 %, by how 0.6 is rounded"

_PER_THOUSAND = _units(sad="sum / 1000", mse="mean", mad="mean", grad="sum / 1000", conn="sum / 1000")

_DIM = MetricPreset("Deep Image Matting's reference code (N. Xu, MATLAB, 2018)", "unknown", _PER_THOUSAND)
_RVM = MetricPreset(
    "Robust Video Matting's evaluation at low resolution",
    "whole",
    _units(sad="sum / 1000", mse="mean x 1000", mad="mean x 1000", grad="sum / 1000", conn="sum / 1000"),
)

PRESETS: Mapping[str, MetricPreset] = MappingProxyType(
    {
        "dim": _DIM,
        "mmagic": replace(
            _DIM, description=f"mmagic, which asks for predictions masked by the trimap; {_CONN}", overlay=True
        ),
        "whole": replace(_DIM, description="Deep Image Matting's definitions, over the whole image", region="whole"),
        "gfm": MetricPreset(
            f"GFM, P3M and AIM, over the whole image; {_CONN}",
            "whole",
            _units(sad="sum / 1000", mse="mean", mad="mean", grad="sum / 10", conn="sum / 1000"),
            gradient="plain",
            stretch=False,
            empty_leaves=False,
        ),
        "rvm": _RVM,
        "rvm_hr": replace(_RVM, description="Robust Video Matting's evaluation at high resolution", stretch=False),
        "bgmv2": replace(
            _DIM,
            description="Background Matting V2's evaluation: Deep Image Matting's, Grad and Conn not over 1000",
            units=_units(sad="sum / 1000", mse="mean", mad="mean", grad="sum", conn="sum"),
        ),
    }
)
"""Every preset by its name."""


def check_preset(name: str) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is a preset."""
    check_name("metric preset", name, PRESETS)
