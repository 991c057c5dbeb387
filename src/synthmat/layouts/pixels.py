"""Mattes and pictures of data sets of any origin, as pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.alpha import Float, UInt8, to_float
from synthmat.errors import AssetError
from synthmat.layouts.item import AlphaFrom, Item

_JPEG_TINT = 8 / 255


def read_alpha(path: Path, alpha_from: AlphaFrom = "gray") -> Float:
    """Return a matte, float32 ``(H, W)`` in 0..1.

    Grey mattes may be stored as 1, 8 or 16 bit grey, palette, RGB or RGBA. In an RGBA file the grey of the colour
    channels is the matte, and the alpha channel is only if the colour channels are flat.

    Args:
        path: A picture.
        alpha_from: ``gray``, or ``alpha_channel`` for cut-outs, whose colour is the object's.

    Raises:
        AssetError: The file is missing or broken, has no alpha channel though it should, or is a coloured picture.
    """
    pixels = _levels(path, cv2.IMREAD_UNCHANGED)
    if alpha_from == "alpha_channel":
        if pixels.ndim != 3 or pixels.shape[2] != 4:
            raise AssetError(f"{path}: has no alpha channel, and should be an RGBA cut-out")
        return _unit(pixels[..., 3])
    if pixels.ndim == 2:
        return _unit(pixels)
    if pixels.shape[2] == 4 and np.ptp(pixels[..., :3]) == 0 and np.ptp(pixels[..., 3]) > 0:
        return _unit(pixels[..., 3])
    color = _unit(pixels[..., :3])
    tint = float(np.ptp(color, axis=2).max(initial=0))
    if tint > _JPEG_TINT:
        raise AssetError(f"{path}: a coloured picture and no matte, which would be grey")
    return np.asarray(color.mean(axis=2) if tint else color[..., 0], np.float32)


def read_image(path: Path, shape: tuple[int, ...] | None = None) -> UInt8:
    """Return a picture's colour, uint8 ``(H, W, 3)``, sRGB as stored; an alpha channel is left out, not applied.

    It is turned as its EXIF data say, unless only the unturned picture has ``shape`` (height, width).

    Raises:
        AssetError: The file is missing or broken.
    """
    pixels = _levels(path, cv2.IMREAD_COLOR)
    if shape is not None and pixels.shape[:2] != shape:
        unturned = _levels(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        pixels = unturned if unturned.shape[:2] == shape else pixels
    return np.ascontiguousarray(pixels[..., ::-1])


def read_pair(item: Item) -> tuple[UInt8, Float]:
    """Return an item's image (the foreground's colour where there is no image) and its matte, see `read_alpha`.

    Raises:
        AssetError: A file is missing or broken, or the two differ in size.
    """
    path = item.image or item.fg
    if path is None or item.alpha is None:
        raise AssetError(f"{item.id}: has no {'matte' if path else 'image'}")
    alpha = read_alpha(item.alpha, item.alpha_from)
    image = read_image(path, alpha.shape)
    if image.shape[:2] != alpha.shape:
        raise AssetError(
            f"{item.alpha}: {alpha.shape[1]}x{alpha.shape[0]}, but {path} is {image.shape[1]}x{image.shape[0]}; "
            "image and matte have to be of one size"
        )
    return image, alpha


def _levels(path: Path, flags: int) -> NDArray[Any]:
    pixels: NDArray[Any] | None = None
    try:
        data = np.fromfile(path, np.uint8)
        pixels = cv2.imdecode(data, flags) if data.size else None
    except (OSError, cv2.error) as error:
        raise AssetError(f"{path}: cannot be read: {error}") from None
    if pixels is None:
        raise AssetError(f"{path}: not a readable picture")
    return pixels


def _unit(levels: NDArray[Any]) -> Float:
    return to_float(levels) if levels.dtype.kind == "u" else np.clip(levels, 0, 1).astype(np.float32)
