"""The files of one predicted matte, and their content."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from synthmat.errors import OutputError
from synthmat.images.alpha import Float, UInt8, over_uint8, to_levels
from synthmat.images.photo_file import srgb_profile
from synthmat.images.png_file import encode_png
from synthmat.storage.atomic import write_bytes

FORMATS = ("png", "webp")

_STRIP = 256
_LONGEST_EXIF = 65_000
_QUALITY = 95


def write_alpha(path: Path, alpha: Float, bits: int) -> None:
    """Write `alpha_png`."""
    write_bytes(path, alpha_png(alpha, bits))


def write_cutout(path: Path, foreground: UInt8, alpha: Float, exif: bytes) -> None:
    """Write `cutout_picture`, as PNG or WebP by the suffix."""
    write_bytes(path, cutout_picture(foreground, alpha, path.suffix[1:], exif, str(path)))


def write_composite(path: Path, foreground: UInt8, alpha: Float, background: UInt8, exif: bytes) -> None:
    """Write `composite_jpeg`."""
    write_bytes(path, composite_jpeg(foreground, alpha, background, exif))


def alpha_png(alpha: Float, bits: int) -> bytes:
    """Return alpha as a gray PNG of 8 or 16 bit."""
    return encode_png(to_levels(alpha, bits))


def cutout_picture(foreground: UInt8, alpha: Float, format_: str, exif: bytes = b"", name: str = "cut-out") -> bytes:
    """Return straight color and alpha as RGBA, PNG or lossless WebP, with an sRGB profile and EXIF data.

    Raises:
        OutputError: The format cannot hold so large a picture.
    """
    rgba = np.dstack([foreground, to_levels(alpha, 8)])
    if format_ == "png":
        return encode_png(rgba, srgb_profile(), exif)
    buffer = io.BytesIO()
    try:
        Image.fromarray(rgba).save(
            buffer, "WEBP", lossless=True, exact=True, method=2, exif=exif, icc_profile=srgb_profile()
        )
    except (ValueError, OSError) as error:
        raise OutputError(f"{name}: cannot be written in this format: {error}; take --format png") from None
    return buffer.getvalue()


def composite_jpeg(foreground: UInt8, alpha: Float, background: UInt8, exif: bytes = b"") -> bytes:
    """Return the foreground over a background of the same size as a JPEG; EXIF data go with it unless too long."""
    result = np.empty_like(foreground)
    levels = to_levels(alpha, 16)
    for top in range(0, len(result), _STRIP):
        rows = slice(top, top + _STRIP)
        result[rows] = over_uint8(foreground[rows], levels[rows], background[rows])
    buffer = io.BytesIO()
    kept = exif if len(exif) < _LONGEST_EXIF else b""
    Image.fromarray(result).save(buffer, "JPEG", quality=_QUALITY, subsampling=0, exif=kept, icc_profile=srgb_profile())
    return buffer.getvalue()


def covering(photo: UInt8, height: int, width: int) -> UInt8:
    """Return the middle of a photo, scaled such that it just covers ``(height, width)``."""
    scale = max(height / photo.shape[0], width / photo.shape[1])
    size = max(width, round(photo.shape[1] * scale)), max(height, round(photo.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = photo if size == photo.shape[1::-1] else np.asarray(cv2.resize(photo, size, interpolation=method), np.uint8)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return large[top : top + height, left : left + width]
