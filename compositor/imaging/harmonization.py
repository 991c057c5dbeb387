"""Harmonizes the object with the photo: colors, sharpness, haze, exposure and grain, as the sample's draws require."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.imaging.placement import Placed
from synthmat.compositor.realism.color_transfer import color_map
from synthmat.compositor.realism.exposure import expose_float
from synthmat.compositor.realism.grain import match_grain, noise_sigma
from synthmat.compositor.realism.haze import airlight, haze_foreground
from synthmat.compositor.realism.sharpness import missing_blur
from synthmat.images.alpha import UInt8, premultiply, to_float, to_levels, unpremultiply
from synthmat.images.color_matrix import apply_matrix
from synthmat.random_streams import stream
from synthmat.sample_job import Realism

_MIN_BLUR_PX = 0.1


@dataclass(frozen=True)
class Harmonization:
    """What was measured to harmonize an object with its photo; effects that were not drawn are 0 or None.

    ``sharpness_sigma`` is the blur that the object got, pixels. ``colors`` (3, 4) takes its colors to the photo's.
    ``air`` is the haze's color, sRGB ``(3,)``. ``grain_sigma`` is the photo's grain and ``own_grain_sigma`` the
    object's, standard deviations as fractions of white.
    """

    sharpness_sigma: float = 0.0
    colors: NDArray[np.float64] | None = None
    air: NDArray[np.float64] | None = None
    grain_sigma: float = 0.0
    own_grain_sigma: float = 0.0


def harmonize_layer(
    placed: Placed, framed: UInt8, plate: UInt8, realism: Realism, harmonization: Harmonization | None = None
) -> tuple[Placed, Harmonization]:
    """Return the layer as the photo's camera would have seen it, and what was measured for that.

    Args:
        placed: The layer.
        framed: The photo before any defocus, uint8 ``(size, size, 3)``: its sharpness and grain are the camera's.
        plate: The background, whose colors the object moves towards.
        realism: The sample's drawn effects.
        harmonization: Earlier measurements to reuse, for example those of the first frame of a clip.
    """
    changes = (
        realism.color_transfer, realism.sharpness, realism.haze, realism.exposure, realism.temperature, realism.grain
    )  # fmt: skip
    if not any(changes):
        return placed, Harmonization()
    measured = harmonization or Harmonization(air=airlight(plate) if realism.haze else None)
    if realism.sharpness:
        if harmonization is None:
            measured = replace(measured, sharpness_sigma=_missing_blur(placed, framed, realism.sharpness))
        placed = _as_soft(placed, measured.sharpness_sigma, framed.shape[0])
    layer = to_float(placed.premultiplied)
    alpha = np.ascontiguousarray(layer[..., 3])
    rgb = unpremultiply(np.ascontiguousarray(layer[..., :3]), alpha)
    if realism.color_transfer:
        if harmonization is None:
            measured = replace(measured, colors=color_map(rgb, alpha, plate, realism.color_transfer))
        rgb = rgb if measured.colors is None else np.asarray(apply_matrix(rgb, measured.colors), np.float32)
    if measured.air is not None:
        rgb = haze_foreground(rgb, measured.air, realism.haze)
    rgb = expose_float(np.clip(rgb, 0, 1), realism.exposure, realism.temperature)
    if realism.grain:
        if harmonization is None:
            photo_value, ours = noise_sigma(framed), noise_sigma(to_levels(rgb, 8), alpha)
            measured = replace(measured, grain_sigma=round(photo_value, 5), own_grain_sigma=round(ours, 5))
        seeded = stream(realism.seed, "grain")
        rgb = match_grain(rgb, alpha, measured.own_grain_sigma, measured.grain_sigma, realism.grain, seeded)
    fitted = np.dstack([premultiply(np.clip(rgb, 0, 1), alpha), alpha])
    return replace(placed, premultiplied=np.asarray(to_levels(fitted, 16), np.uint16)), measured


def _missing_blur(placed: Placed, framed: UInt8, strength: float) -> float:
    """Return the blur that a layer lacks to be as soft as the photo, times ``strength``, pixels."""
    alpha = to_float(np.ascontiguousarray(placed.premultiplied[..., 3]))
    sigma = strength * missing_blur(alpha, framed)
    return 0.0 if sigma < _MIN_BLUR_PX else round(sigma, 4)


def _as_soft(placed: Placed, sigma: float, size: int) -> Placed:
    """Blur a layer, color and alpha together."""
    if sigma <= 0:
        return placed
    # Room for the blur to run into, as far as the sample goes.
    room = math.ceil(3 * sigma)
    rows, columns = placed.box
    top, left = max(0, rows.start - room), max(0, columns.start - room)
    bottom, right = min(size, rows.stop + room), min(size, columns.stop + room)
    canvas = np.zeros((bottom - top, right - left, 4), np.uint16)
    canvas[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = placed.premultiplied
    blurred = cv2.GaussianBlur(canvas, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return replace(placed, premultiplied=np.asarray(blurred), left=left, top=top)
