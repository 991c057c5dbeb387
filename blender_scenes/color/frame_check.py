"""Faults that show in the pixels of a finished frame and that no importer reported. Needs no Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

_INSIDE = 0.98
_SOME = 0.005
"""Fraction of an object's pixels from which a fault is reported."""
_DARK_ALBEDO = 0.02
_FULL, _NONE = 0.9, 0.1


@dataclass(frozen=True)
class ShadingFaults:
    """Fractions of an object's inner pixels, 0..1, that look like faults.

    ``magenta`` are of the color that Cycles paints textures with that it cannot read, ``unlit`` give back no light at
    all although their material would, as faces do whose normals point the other way.
    """

    magenta: float = 0.0
    unlit: float = 0.0


def shading_faults(premultiplied: Float, albedo: Float) -> ShadingFaults:
    """Return what looks wrong in linear color with alpha ``(H, W, 4)``, by the surfaces' albedo ``(H, W, 3)``."""
    inside = premultiplied[..., 3] > _INSIDE
    if not inside.any():
        return ShadingFaults()
    color, surface = premultiplied[..., :3][inside], albedo[inside]
    magenta = _is_magenta(surface) | _is_magenta(color)
    unlit = (color.max(axis=-1) <= 0) & (surface.max(axis=-1) > _DARK_ALBEDO)
    return ShadingFaults(float(magenta.mean()), float(unlit.mean()))


def fault_warnings(faults: ShadingFaults, *, lit_from_everywhere: bool) -> list[str]:
    """Return what a user should know of a frame's faults, in words; what no light reaches is black without a fault."""
    warnings = []
    if faults.magenta > _SOME:
        warnings.append(
            f"{faults.magenta:.0%} of the object is pure magenta, as Blender paints textures that it cannot read; "
            "if its material is not meant to be, check its textures"
        )
    if lit_from_everywhere and faults.unlit > _SOME:
        warnings.append(
            f"{faults.unlit:.0%} of the object gives back no light, as faces do whose normals point into it; "
            "recalculate its normals in Blender (Mesh > Normals > Recalculate Outside) and export it again"
        )
    return warnings


def _is_magenta(color: Float) -> npt.NDArray[np.bool_]:
    return np.asarray((color[..., 0] > _FULL) & (color[..., 1] < _NONE) & (color[..., 2] > _FULL))
