"""Other colors for a foreground: a photo's in place of its own, under its own light and shade, and any hue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from synthmat.compositor.imaging.backdrop import frame_photo
from synthmat.compositor.imaging.placement import Placed
from synthmat.images.alpha import Float, UInt8, premultiply, to_float, to_levels, unpremultiply
from synthmat.images.color_matrix import apply_matrix, color_matrix
from synthmat.sample_job import Backdrop, Recolor

LoadTexture = Callable[[Backdrop], UInt8]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# How dark a shade may make a photo, and how bright a highlight.
_DARKEST, _BRIGHTEST = 0.25, 2.0
_MIN_LUMA = 0.02


def recolored(placed: Placed, recolor: Recolor, load_texture: LoadTexture) -> Placed:
    """Return a placed foreground with other colors; its alpha is as it was.

    Args:
        placed: The foreground in its sample.
        recolor: What becomes of its colors.
        load_texture: Gives the photo of a backdrop, sRGB uint8 ``(H, W, 3)``.
    """
    layer = to_float(placed.premultiplied)
    alpha = np.ascontiguousarray(layer[..., 3])
    rgb = unpremultiply(np.ascontiguousarray(layer[..., :3]), alpha)
    if recolor.texture is not None:
        rgb = _textured(
            rgb, alpha, frame_photo(load_texture(recolor.texture), recolor.texture, max(alpha.shape)), recolor.share
        )
    colors = color_matrix(
        hue_deg=recolor.hue, saturation=recolor.saturation, contrast=recolor.contrast, brightness=recolor.brightness
    )
    rgb = np.clip(apply_matrix(np.clip(rgb, 0, 1).astype(np.float32), colors), 0, 1)
    changed = np.dstack([premultiply(np.asarray(rgb, np.float32), alpha), alpha])
    return replace(placed, premultiplied=np.asarray(to_levels(changed, 16), np.uint16))


def _textured(rgb: Float, alpha: Float, texture: UInt8, fraction: float) -> Float:
    """Lay a picture over straight color ``(h, w, 3)``, as bright at each pixel as the object is for its mean."""
    luma = rgb @ _LUMA
    mean = max(float((luma * alpha).sum() / max(alpha.sum(), 1e-6)), _MIN_LUMA)
    shade = np.clip(luma / mean, _DARKEST, _BRIGHTEST)[..., None]
    height, width = alpha.shape
    painted = texture[:height, :width].astype(np.float32) / 255 * shade
    return np.asarray(rgb + np.float32(fraction) * (painted - rgb), np.float32)
