"""Mattes and pictures of data sets of any origin, as pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.alpha import Float, UInt8
from synthmat.images.picture_file import is_palette, read_picture
from synthmat.layouts.item import AlphaFrom, Item, MaskLevels

_JPEG_TINT = 8 / 255
_MOST_FLOAT = 2.0
"""Above this, floating-point levels are no alpha that a filter let overshoot."""


def read_alpha(
    path: Path, alpha_from: AlphaFrom = "gray", *, mask: MaskLevels | None = None, shape: tuple[int, ...] | None = None
) -> Float:
    """Return a matte, float32 ``(H, W)`` in 0..1.

    Gray mattes may be stored as 1, 8 or 16 bit gray, floating-point numbers of 0 to 1, palette, RGB or RGBA. In an
    RGBA file the gray of the color channels is the matte, and the alpha channel is only if the color channels are
    flat. It is turned as its own EXIF data say, unless only the unturned matte has ``shape`` (height, width).

    Args:
        path: A picture.
        alpha_from: ``gray``, or ``alpha_channel`` for cut-outs, whose color is the object's.
        mask: What its levels mean, if they are not alpha.
        shape: Of the picture that it belongs to, if it is known.

    Raises:
        AssetError: The file is missing or broken, has no alpha channel though it should, is a colored picture, or its
            floating-point numbers are no alpha.
    """
    alpha = _to_alpha(*alpha_levels(path, alpha_from, mask=mask), mask, path)
    if shape is not None and alpha.shape != shape:
        unturned = _to_alpha(*alpha_levels(path, alpha_from, mask=mask, turned=False), mask, path)
        return unturned if unturned.shape == shape else alpha
    return alpha


def alpha_levels(
    path: Path, alpha_from: AlphaFrom = "gray", *, mask: MaskLevels | None = None, turned: bool = True
) -> tuple[NDArray[Any], float]:
    """Return the stored levels of a matte, ``(H, W)``, and the level that is alpha 1; see `read_alpha`.

    Raises:
        AssetError: The file is missing or broken, has no alpha channel though it should, or is a colored picture.
    """
    pixels = read_picture(path, turned=turned, srgb=False, indices=mask is not None)
    if pixels.dtype.kind not in "uf":
        raise AssetError(f"{path}: levels of the type {pixels.dtype}, which no matte has; store 8 or 16 bits")
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    if alpha_from == "alpha_channel":
        if pixels.ndim != 3 or pixels.shape[2] != 4:
            raise AssetError(f"{path}: has no alpha channel, and should be an RGBA cut-out")
        return pixels[..., 3], top
    if pixels.ndim == 2:
        return pixels, top
    if pixels.shape[2] == 4 and np.ptp(pixels[..., :3]) == 0 and np.ptp(pixels[..., 3]) > 0:
        return pixels[..., 3], top
    gray = pixels[..., :3]
    tint = float((gray.max(axis=2) - gray.min(axis=2)).max(initial=0))
    if tint > _JPEG_TINT * top:
        raise AssetError(f"{path}: a colored picture and no matte, which would be gray{_if_palette(path)}")
    return (gray.mean(axis=2, dtype=np.float32), top) if tint else (gray[..., 0], top)


def read_image(path: Path, shape: tuple[int, ...] | None = None) -> UInt8:
    """Return a picture's color, uint8 ``(H, W, 3)``, converted to sRGB by its profile; alpha is left out, not applied.

    It is turned as its EXIF data say, unless only the unturned picture has ``shape`` (height, width).

    Raises:
        AssetError: The file is missing or broken, or its numbers are floating-point.
    """
    pixels = read_picture(path)
    if shape is not None and pixels.shape[:2] != shape:
        unturned = read_picture(path, turned=False)
        pixels = unturned if unturned.shape[:2] == shape else pixels
    if pixels.dtype not in (np.uint8, np.uint16):
        raise AssetError(f"{path}: its levels are of the type {pixels.dtype}; a picture has 8 or 16 bits")
    color = np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels[..., :3]
    levels = color if color.dtype == np.uint8 else np.rint(color / 257).astype(np.uint8)
    return np.ascontiguousarray(levels)


def read_color_and_alpha(
    color: Path, alpha: Path, alpha_from: AlphaFrom = "gray", mask: MaskLevels | None = None
) -> tuple[UInt8, Float]:
    """Return `read_image` and `read_alpha` of two files that belong together, turned alike.

    Each is turned as its own EXIF data say; where only one of them has such data, it stays as it is stored if that
    alone makes their sizes agree. Whether their sizes do agree is left to the caller.

    Raises:
        AssetError: See `read_image` and `read_alpha`.
    """
    matte = read_alpha(alpha, alpha_from, mask=mask)
    image = read_image(color, matte.shape)
    if image.shape[:2] != matte.shape:
        matte = read_alpha(alpha, alpha_from, mask=mask, shape=image.shape[:2])
    return image, matte


def read_pair(item: Item) -> tuple[UInt8, Float]:
    """Return an item's image (the foreground's color where there is no image) and its matte, see `read_alpha`.

    Raises:
        AssetError: A file is missing or broken, or the two differ in size.
    """
    path = item.image or item.fg
    if path is None or item.alpha is None:
        raise AssetError(f"{item.id}: has no {'matte' if path else 'image'}")
    image, alpha = read_color_and_alpha(path, item.alpha, item.alpha_from, item.mask)
    if image.shape[:2] != alpha.shape:
        raise AssetError(
            f"{item.alpha}: {alpha.shape[1]}x{alpha.shape[0]}, but {path} is {image.shape[1]}x{image.shape[0]}; "
            "image and matte have to be of one size"
        )
    return image, alpha


def float_fault(levels: NDArray[Any]) -> str:
    """Return what is wrong with a matte of floating-point numbers, or nothing."""
    if not np.isfinite(levels).all():
        return "holds numbers that are not finite (NaN or infinity)"
    most = float(levels.max(initial=0))
    return f"floating-point numbers up to {most:g}, and alpha ends at 1" if most > _MOST_FLOAT else ""


def _to_alpha(levels: NDArray[Any], top: float, mask: MaskLevels | None, path: Path) -> Float:
    if mask is not None:
        alpha = np.clip(np.nan_to_num(levels.astype(np.float32)) / np.float32(mask.opaque or top), 0, 1)
        return np.where(levels == mask.ignore, np.float32(0), alpha)
    if top == 1.0:
        fault = float_fault(levels)
        if fault:
            raise AssetError(f"{path}: {fault}; divide by the number that means opaque")
        return np.clip(levels, 0, 1).astype(np.float32)
    return levels.astype(np.float32) / np.float32(top)


def _if_palette(path: Path) -> str:
    if not is_palette(path):
        return ""
    return (
        "; it has a palette, so it may hold labels: write the object as 255 and the rest as 0, or say "
        "`mask: {opaque: 1}` beside the folder in the recipe, by which every label but 0 is opaque"
    )
