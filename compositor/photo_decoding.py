"""From a photo file of any make to sRGB pixels that cover the sample."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from synthmat.alpha import UInt8
from synthmat.errors import AssetError

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
_SIXTEEN_BIT_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N")
# Decoded at this many times the wanted size at least, so that the resampling filter and not the JPEG decoder decides.
_DRAFT = 2
_NARROWEST = 20


def load_photo(path: Path, size: int, max_megapixels: float) -> UInt8:
    """Return a photo whose shorter side is ``size``, sRGB, uint8 ``(H, W, 3)``.

    Turned as its EXIF data say, converted by its colour profile, 16 bit brought to 8, transparency put on white.

    Args:
        path: A JPEG, PNG, WebP or TIFF file; what it is called does not matter.
        size: Length of the shorter side, pixels.
        max_megapixels: Larger photos are refused before they are decoded.

    Raises:
        AssetError: The file cannot be read, is none of these formats, is broken, or is too large or too narrow.
    """
    try:
        with _pixel_limit(max_megapixels), Image.open(path, formats=_FORMATS) as photo:
            width, height = photo.size
            if width * height > max_megapixels * 1e6:
                raise AssetError(_too_large(path, width * height / 1e6, max_megapixels))
            if max(width, height) > _NARROWEST * min(width, height):
                raise AssetError(f"{path}: {width} x {height} pixels are too narrow to cover a square")
            shrink = _DRAFT * size / min(width, height)
            photo.draft(None, (math.ceil(width * shrink), math.ceil(height * shrink)))
            photo.load()
            profile = photo.info.get("icc_profile")
            ImageOps.exif_transpose(photo, in_place=True)
            return np.asarray(_to_srgb(_cover(_plain(photo), size), profile))
    except AssetError:
        raise
    except FileNotFoundError:
        raise AssetError(f"{path}: the photo is not there") from None
    except PermissionError:
        raise AssetError(f"{path}: the photo cannot be read: permission denied") from None
    except UnidentifiedImageError:
        raise AssetError(f"{path}: not a JPEG, PNG, WebP or TIFF picture") from None
    except Image.DecompressionBombError:
        raise AssetError(_too_large(path, None, max_megapixels)) from None
    except Exception as error:
        # Pillow's decoders answer broken files with many kinds of exception; each means that this photo is no use.
        raise AssetError(f"{path}: the photo is broken: {error}") from None


def crop_square(photo: UInt8, x: float, y: float, zoom: float, size: int) -> UInt8:
    """Return a square part of a photo, uint8 ``(size, size, 3)``.

    Args:
        photo: uint8 ``(H, W, 3)``.
        x: 0..1, where the square lies between left and right.
        y: 0..1, where it lies between top and bottom.
        zoom: How many times smaller than the photo's shorter side the square's edge is, 1 or more.
        size: Edge of the result, pixels; shrinking averages areas.
    """
    height, width = photo.shape[:2]
    edge = max(1, round(min(height, width) / zoom))
    left, top = round(x * (width - edge)), round(y * (height - edge))
    square = photo[top : top + edge, left : left + edge]
    if edge == size:
        return square
    method = cv2.INTER_AREA if edge > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=method), np.uint8)


@contextmanager
def _pixel_limit(megapixels: float) -> Iterator[None]:
    """Let Pillow's own guard against decompression bombs follow the recipe's limit."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = max(1, math.ceil(megapixels * 1e6))
    try:
        with warnings.catch_warnings():
            # Up to twice its limit Pillow only warns; there our own check answers.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _too_large(path: Path, megapixels: float | None, limit: float) -> str:
    size = f"{megapixels:.4g} megapixels" if megapixels is not None else "far more megapixels"
    return f"{path}: the photo has {size}, more than composite.max_photo_megapixels ({limit:g}) allows"


def _plain(photo: Image.Image) -> Image.Image:
    """Bring a photo to mode L, RGB or CMYK, 8 bit, without transparency."""
    if photo.mode in _SIXTEEN_BIT_GREY:
        levels = np.asarray(photo).astype(np.float32)
        return Image.fromarray(np.rint(np.clip(levels / 257, 0, 255)).astype(np.uint8))
    if photo.mode == "F":
        raise ValueError("its numbers are floating-point, which no photo format for viewing uses")
    if photo.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in photo.info:
        layer = photo.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    if photo.mode in ("L", "RGB", "CMYK"):
        return photo
    return photo.convert("L" if photo.mode == "1" else "RGB")


def _cover(photo: Image.Image, size: int) -> Image.Image:
    """Resize a photo such that its shorter side is ``size``."""
    factor = size / min(photo.size)
    width, height = (max(size, round(side * factor)) for side in photo.size)
    if (width, height) == photo.size:
        return photo
    return photo.resize((width, height), Image.Resampling.LANCZOS)


def _to_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; without one, or with a broken one, the numbers are taken as sRGB."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" in ImageCms.getProfileDescription(source) and photo.mode == "RGB":
                return photo
            converted = ImageCms.profileToProfile(photo, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass
    return photo.convert("RGB")
