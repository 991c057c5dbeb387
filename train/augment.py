"""Random changes to a training pair: one warp for image and alpha together, one colour matrix for the image."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.recipe.train import Augment

Floats = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114])
_RGB_TO_YIQ = np.array([_LUMA, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_YIQ_TO_RGB = np.linalg.inv(_RGB_TO_YIQ)


def augment(
    image: NDArray[np.uint8], alpha: NDArray[np.uint16], settings: Augment, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return a changed copy of a pair; all of the change is drawn from ``rng``.

    Image and alpha go through the same warp in the same call, so they stay registered, and the alpha is interpolated
    as the image is, so it stays soft. What comes into the picture from outside is its mirror image. No pixel of the
    alpha depends on the colour changes.

    Args:
        image: (S, S, 3), sRGB.
        alpha: (S, S), 0 to 65535.
        settings: See the recipe's ``train.augment``.
        rng: Draws in a fixed order, whatever the settings, so that changing one of them leaves the others' draws.

    Returns:
        Image (S, S, 3) and alpha (S, S), both float32 in [0, 1].
    """
    flip = rng.random() < settings.flip
    angle, zoom, x, y, brightness, contrast, saturation, hue = rng.uniform(-1, 1, 8)
    size = alpha.shape[0]
    stacked: NDArray[Any] = np.empty((size, size, 4), np.float32)
    np.multiply(image, 1 / 255, out=stacked[..., :3], casting="unsafe")
    np.multiply(alpha, 1 / 65535, out=stacked[..., 3], casting="unsafe")
    warp = _warp(
        size,
        flip=flip,
        angle_deg=angle * settings.rotate,
        zoom=1 + zoom * settings.scale,
        shift=(x * settings.shift * size, y * settings.shift * size),
    )
    if not np.array_equal(warp, np.eye(2, 3)):
        stacked = cv2.warpAffine(stacked, warp, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    colours = _colour_change(
        brightness=brightness * settings.brightness,
        contrast=1 + contrast * settings.contrast,
        saturation=1 + saturation * settings.saturation,
        hue_deg=hue * settings.hue,
    )
    changed: NDArray[Any] = cv2.transform(np.ascontiguousarray(stacked[..., :3]), colours)
    return np.clip(changed, 0, 1, out=changed), stacked[..., 3].clip(0, 1)


def unchanged(image: NDArray[np.uint8], alpha: NDArray[np.uint16]) -> tuple[Floats, Floats]:
    """Return a pair as float32 in [0, 1], otherwise as it is."""
    return image.astype(np.float32) / 255, alpha.astype(np.float32) / 65535


def _warp(size: int, *, flip: bool, angle_deg: float, zoom: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """Return the 2x3 matrix from old to new pixel positions, about the picture's centre."""
    centre = (size - 1) / 2
    cos, sin = zoom * math.cos(math.radians(angle_deg)), zoom * math.sin(math.radians(angle_deg))
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([-1.0 if flip else 1.0, 1.0])
    offset = np.array([centre, centre]) + shift - linear @ [centre, centre]
    return np.column_stack([linear, offset])


def _colour_change(*, brightness: float, contrast: float, saturation: float, hue_deg: float) -> NDArray[np.float64]:
    """Return the 3x4 matrix on RGB in [0, 1] that changes hue, saturation, contrast and brightness, in this order.

    Hue turns the chroma plane of YIQ, saturation scales the distance from grey, contrast the distance from 0.5,
    brightness is added. Greys keep their lightness under the first two.
    """
    cos, sin = math.cos(math.radians(hue_deg)), math.sin(math.radians(hue_deg))
    turn = _YIQ_TO_RGB @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ _RGB_TO_YIQ
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(_LUMA, (3, 1))
    offset = np.full(3, 0.5 - 0.5 * contrast + brightness)
    return np.column_stack([contrast * saturate @ turn, offset])
