"""Reading the pictures of a data set for show: straight RGBA, mattes, and cut-outs over a checkerboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.errors import AssetError
from synthmat.images.alpha import Float, over, premultiply, resize_premultiplied, to_float, to_levels, unpremultiply

CHECKER_LIGHT, CHECKER_DARK = 0.80, 0.62
"""The grays of the checkerboard, sRGB: a white fringe shows on them, a black one too."""


def read_rgba(path: Path) -> Float:
    """Return a picture as straight RGBA, float32 ``(H, W, 4)`` in 0..1; alpha is 1 where the file has none.

    Raises:
        AssetError: The file is absent or no picture.
    """
    pixels = _read(path)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    values = to_float(pixels[..., [2, 1, 0, 3] if pixels.shape[2] == 4 else [2, 1, 0]])
    if values.shape[2] == 4:
        return values
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2)


def read_matte(path: Path) -> Float:
    """Return a gray 8- or 16-bit matte as float32 ``(H, W)`` in 0..1; of an RGBA picture its alpha.

    Raises:
        AssetError: The file is absent or no picture.
    """
    pixels = _read(path)
    if pixels.ndim == 3:
        pixels = pixels[..., 3] if pixels.shape[2] == 4 else pixels[..., 1]
    return to_float(pixels)


def checkerboard(height: int, width: int, square: int = 8) -> Float:
    """Return a gray checkerboard, float32 ``(H, W, 3)`` in 0..1."""
    rows, columns = np.indices((height, width)) // square
    gray = np.where((rows + columns) % 2, CHECKER_DARK, CHECKER_LIGHT).astype(np.float32)
    return np.repeat(gray[..., None], 3, axis=2)


def fitted(rgba: Float, width: int, height: int) -> Float:
    """Return straight RGBA scaled to fit into ``width`` x ``height``, averaged premultiplied."""
    factor = min(width / rgba.shape[1], height / rgba.shape[0])
    size = max(1, round(rgba.shape[1] * factor)), max(1, round(rgba.shape[0] * factor))
    alpha = rgba[..., 3]
    scaled = resize_premultiplied(np.dstack([premultiply(rgba[..., :3], alpha), alpha]), *size)
    return np.dstack([unpremultiply(scaled[..., :3], scaled[..., 3]), scaled[..., 3]])


def over_checker(rgba: Float, square: int = 8) -> Image.Image:
    """Return straight RGBA ``(H, W, 4)`` over a checkerboard, as an 8-bit RGB picture."""
    height, width = rgba.shape[:2]
    return to_picture(over(rgba[..., :3], rgba[..., 3], checkerboard(height, width, square)))


def to_picture(values: Float) -> Image.Image:
    """Return ``(H, W)`` or ``(H, W, 3)`` in 0..1 as an 8-bit picture."""
    return Image.fromarray(to_levels(values, 8))


def _read(path: Path) -> NDArray[Any]:
    """Return the stored levels, ``(H, W)``, ``(H, W, 3)`` BGR or ``(H, W, 4)`` BGRA, uint8 or uint16."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise AssetError(f"{path}: {error.strerror}") from None
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        raise AssetError(f"{path}: not an 8- or 16-bit picture")
    return np.asarray(pixels)
