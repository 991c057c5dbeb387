"""Random changes to a training sample: one warp for all of its pictures, one color matrix for those with colors."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.color_matrix import apply_matrix, color_matrix
from synthmat.recipe.train import Augment
from synthmat.train.data.resizing import Pictures, color_weight

Floats = NDArray[np.float32]
Planes = dict[str, Floats]
"""Kinds and their pixels as float32 in [0, 1]: ``(S, S, 3)``, alpha and trimap ``(S, S)``."""

_KNOWN = 1 - 1e-3


def augment(pictures: Pictures, settings: Augment, rng: np.random.Generator) -> Planes:
    """Return a changed copy of a sample's pictures; all of the change is drawn from ``rng``.

    All go through the same warp, so they stay registered, and the alpha is interpolated as the image is, so it stays
    soft. What comes into the picture from outside is its mirror image. Foreground and background are interpolated
    premultiplied and their colors changed as the image's are, so that I = aF + (1-a)B holds afterwards as before, up
    to colors that are cut off at black and white. No pixel of the alpha depends on the color changes.

    Args:
        pictures: See `synthmat.sample_source.SampleSource.pictures`, all ``(S, S)``.
        settings: See the recipe's ``train.augment``.
        rng: Draws in a fixed order, whatever the settings, so that changing one of them leaves the others' draws.
    """
    flip = rng.random() < settings.flip
    angle, zoom, x, y, brightness, contrast, saturation, hue = rng.uniform(-1, 1, 8)
    planes = unchanged(pictures)
    size = planes["alpha"].shape[0]
    warp = _warp(
        size,
        flip=flip,
        angle_deg=angle * settings.rotate,
        zoom=1 + zoom * settings.scale,
        shift=(x * settings.shift * size, y * settings.shift * size),
    )
    if not np.array_equal(warp, np.eye(2, 3)):
        planes = _warped(planes, warp)
    colors = color_matrix(
        brightness=brightness * settings.brightness,
        contrast=1 + contrast * settings.contrast,
        saturation=1 + saturation * settings.saturation,
        hue_deg=hue * settings.hue,
    )
    return {
        kind: apply_matrix(np.ascontiguousarray(pixels), colors) if pixels.ndim == 3 else pixels.clip(0, 1)
        for kind, pixels in planes.items()
    }


def unchanged(pictures: Pictures) -> Planes:
    """Return a sample's pictures as float32 in [0, 1], otherwise as they are; 128 in a trimap is 0.5."""
    planes: Planes = {}
    for kind, pixels in pictures.items():
        if kind == "trimap":
            planes[kind] = np.choose(np.digitize(pixels, (64, 192)), (0.0, 0.5, 1.0)).astype(np.float32)
        else:
            planes[kind] = np.multiply(pixels, 1 / np.iinfo(pixels.dtype).max, dtype=np.float32)
    return planes


def _warped(planes: Planes, warp: NDArray[np.float64]) -> Planes:
    alpha = planes["alpha"]
    # Four channels are warped in the time of three: the image takes alpha along.
    stacked = _warp_affine(np.dstack([planes["image"], alpha]), warp)
    result = {"image": stacked[..., :3], "alpha": stacked[..., 3]}
    for kind, pixels in planes.items():
        if kind in result:
            continue
        if kind == "trimap":
            known = _warp_affine(np.dstack([pixels == 0, pixels == 1]).astype(np.float32), warp)
            result[kind] = np.where(known[..., 1] > _KNOWN, 1, np.where(known[..., 0] > _KNOWN, 0, 0.5))
            result[kind] = result[kind].astype(np.float32)
            continue
        weight = color_weight(kind, alpha)
        if weight is None:
            result[kind] = _warp_affine(pixels, warp)
            continue
        both = _warp_affine(np.dstack([pixels * weight[..., None], weight]), warp)
        result[kind] = both[..., :3] / both[..., 3:]
    return result


def _warp_affine(pixels: NDArray[Any], warp: NDArray[np.float64]) -> Floats:
    size = pixels.shape[1], pixels.shape[0]
    return np.asarray(
        cv2.warpAffine(pixels, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _warp(size: int, *, flip: bool, angle_deg: float, zoom: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """Return the 2x3 matrix from old to new pixel positions, about the picture's center."""
    center = (size - 1) / 2
    cos, sin = zoom * math.cos(math.radians(angle_deg)), zoom * math.sin(math.radians(angle_deg))
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([-1.0 if flip else 1.0, 1.0])
    offset = np.array([center, center]) + shift - linear @ [center, center]
    return np.asarray(np.column_stack([linear, offset]), np.float64)
