"""Color algebra of mattes: straight and premultiplied color, bleeding, resizing and `over`.

Arrays are float32 in 0..1 unless a function says otherwise: color ``(H, W, 3)`` in sRGB encoding, alpha ``(H, W)``.
Straight color is the object's own color; premultiplied color is straight color times alpha. Averaging, and so any
resizing, is right on premultiplied color only. Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.srgb import linear_levels, srgb_levels

Float = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


def premultiply(rgb: Float, alpha: Float) -> Float:
    """Return straight color ``(H, W, 3)`` times alpha ``(H, W)``."""
    return rgb * alpha[..., None]


def unpremultiply(premultiplied: Float, alpha: Float) -> Float:
    """Return straight color ``(H, W, 3)`` of premultiplied color; black where alpha is 0, clipped to 0..1."""
    positive = alpha[..., None] > 0
    straight = np.divide(premultiplied, alpha[..., None], out=np.zeros_like(premultiplied), where=positive)
    return np.clip(straight, 0, 1, out=straight)


def bleed(rgb: Float, alpha: Float) -> Float:
    """Return straight color that goes on smoothly where alpha is 0.

    Color under alpha 0 does not show, but resizing, blurring and JPEG mix it into the edge, where black turns into a
    dark fringe. Where alpha is above 0 the color stays as it is. Elsewhere it comes from the nearest level of an
    alpha-weighted pyramid that has any (push-pull, after Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4).

    Args:
        rgb: Straight color, float32 ``(H, W, 3)``; its values where alpha is 0 do not matter.
        alpha: float32 ``(H, W)``.
    """
    covered = alpha > 0
    if covered.all() or not covered.any():
        return rgb
    return np.where(covered[..., None], rgb, _pull(premultiply(rgb, alpha), alpha))


def _pull(premultiplied: Float, alpha: Float) -> Float:
    """Fill every pixel of one level of the pyramid from the next coarser one where alpha is 0."""
    straight = unpremultiply(premultiplied, alpha)
    height, width = alpha.shape
    if (height == 1 and width == 1) or (alpha > 0).all():
        return straight
    coarse = ((width + 1) // 2, (height + 1) // 2)
    half_color = cv2.resize(premultiplied, coarse, interpolation=cv2.INTER_AREA).reshape(coarse[1], coarse[0], 3)
    half_alpha = cv2.resize(alpha, coarse, interpolation=cv2.INTER_AREA).reshape(coarse[1], coarse[0])
    half = _pull(half_color.astype(np.float32, copy=False), half_alpha.astype(np.float32, copy=False))
    filled = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
    return np.where(alpha[..., None] > 0, straight, filled)


def resize_premultiplied(premultiplied: Float, width: int, height: int) -> Float:
    """Return premultiplied color and alpha ``(H, W, 4)`` at ``(height, width, 4)``.

    Shrinking averages areas, enlarging interpolates linearly: neither leaves the range of the input, so alpha stays
    in 0..1, no color exceeds alpha, and soft edges stay soft.
    """
    shrinks = width <= premultiplied.shape[1] and height <= premultiplied.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(premultiplied), (width, height), interpolation=method)
    return resized.reshape(height, width, 4).astype(np.float32, copy=False)


def over(foreground: Float, alpha: Float, background: Float) -> Float:
    """Return alpha F + (1 - alpha) B.

    Args:
        foreground: Straight color F, ``(H, W, 3)``.
        alpha: ``(H, W)``.
        background: Opaque color B, ``(H, W, 3)``.
    """
    weight = alpha[..., None]
    return np.asarray(foreground * weight + background * (1 - weight), np.float32)


def over_uint8(foreground: UInt8, alpha: NDArray[Any], background: UInt8, blend: str = "srgb") -> UInt8:
    """Return `over` of stored pixels, rounded to the nearest level: what a sample's image has to be.

    Args:
        foreground: Straight color, uint8 ``(H, W, 3)``, sRGB encoding.
        alpha: uint8 or uint16 ``(H, W)``.
        background: uint8 ``(H, W, 3)``, sRGB encoding.
        blend: ``srgb`` mixes the encoded values, ``linear`` the linear light that they encode.
    """
    weight = to_float(alpha)
    if blend == "linear":
        table = linear_levels().astype(np.float32)
        light = over(table[foreground], weight, table[background])
        return srgb_levels()[np.rint(light).astype(np.uint16)]
    exact = over(foreground.astype(np.float32), weight, background.astype(np.float32))
    return np.rint(exact).astype(np.uint8)


def apply_shadow(background: UInt8, shadow: UInt8) -> UInt8:
    """Return background * (255 - shadow) / 255, rounded to the nearest level; no result lies halfway between two.

    Args:
        background: sRGB, uint8 ``(H, W, 3)``.
        shadow: uint8 ``(H, W)``, 0 where there is none.
    """
    light = cv2.bitwise_not(shadow)
    return np.asarray(cv2.multiply(background, cv2.merge([light, light, light]), scale=1 / 255), np.uint8)


def to_float(levels: NDArray[Any]) -> Float:
    """Return uint8 or uint16 levels as float32 in 0..1."""
    return levels.astype(np.float32) / np.float32(np.iinfo(levels.dtype).max)


def to_levels(values: Float, bit_depth: int) -> NDArray[Any]:
    """Return 0..1 as the nearest of 2**bit_depth levels, uint8 or uint16; values outside are clipped."""
    dtype = np.uint8 if bit_depth == 8 else np.uint16
    scaled = np.clip(values, 0, 1)
    scaled *= np.float32(np.iinfo(dtype).max)
    return np.rint(scaled, out=scaled).astype(dtype)
