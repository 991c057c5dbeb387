"""From a photo file of any format to sRGB pixels that cover the sample."""

from __future__ import annotations

import hashlib
import io
import math
import re
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from synthmat.errors import AssetError, ChangedFileError
from synthmat.images.alpha import UInt8
from synthmat.images.photo_file import pixel_limit, plain, to_srgb
from synthmat.images.picture_formats import pillow_formats
from synthmat.storage import git_lfs

# A JPEG is decoded at a half, a quarter or an eighth of its size, but never below what is wanted.
_DRAFT = 1
# Below this, averaging over areas loses little sharpness and takes an eighth of Pillow's time.
_MUCH_SMALLER = 0.5
# Above this, interpolation skips hardly anything of what there is, and takes an eighth of that time too.
_HARDLY_SMALLER = 0.8
_NARROWEST = 20


def load_photo(path: Path, size: int, max_megapixels: float, *, sha256: str = "") -> UInt8:
    """Return a photo whose shorter side is ``size``, sRGB, uint8 ``(H, W, 3)``.

    Turned as its EXIF data say, converted by its color profile, 16 bit brought to 8, transparency put on white.

    Args:
        path: A JPEG, PNG, WebP, TIFF or BMP file, or AVIF or HEIC where they can be read; its name does not matter.
        size: Length of the shorter side, pixels.
        max_megapixels: Larger photos are refused before they are decoded.
        sha256: What the file has to be; empty accepts any.

    Raises:
        AssetError: The file cannot be read, has changed, is none of these formats, is broken, or is too large or too
            narrow.
    """
    try:
        data = path.read_bytes()
        if not data:
            raise AssetError(f"{path}: the file is empty")
        if git_lfs.is_pointer(data):
            raise AssetError(f"{path}: {git_lfs.REMEDY}")
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            words = "the photo has changed since it was planned; run `synthmat composite` again"
            raise ChangedFileError(f"{path}: {words}", str(path))
        with pixel_limit(max_megapixels), Image.open(io.BytesIO(data), formats=pillow_formats()) as photo:
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
            return np.asarray(to_srgb(_cover(plain(photo), size), profile))
    except AssetError:
        raise
    except FileNotFoundError:
        raise AssetError(f"{path}: the photo is not there") from None
    except PermissionError:
        raise AssetError(f"{path}: the photo cannot be read: permission denied") from None
    except UnidentifiedImageError:
        raise AssetError(f"{path}: not a JPEG, PNG, WebP or TIFF picture, nor of another format read here") from None
    except Image.DecompressionBombError as error:
        # Pillow measures before we can: "Image size (1600000000 pixels) exceeds limit".
        pixels = re.search(r"(\d+) pixels", str(error))
        raise AssetError(_too_large(path, int(pixels[1]) / 1e6 if pixels else math.inf, max_megapixels)) from None
    except Exception as error:
        # Pillow's decoders answer broken files with many kinds of exception; each means that this photo is no use.
        raise AssetError(f"{path}: the photo is broken: {error}") from None


def _too_large(path: Path, megapixels: float, limit: float) -> str:
    size = f"{megapixels:.4g} megapixels"
    return f"{path}: the photo has {size}, more than composite.max_photo_megapixels ({limit:g}) allows"


def _cover(photo: Image.Image, size: int) -> Image.Image:
    """Resize a photo such that its shorter side is ``size``."""
    factor = size / min(photo.size)
    width, height = (max(size, round(side * factor)) for side in photo.size)
    if (width, height) == photo.size:
        return photo
    if _MUCH_SMALLER < factor < _HARDLY_SMALLER:
        return photo.resize((width, height), Image.Resampling.BICUBIC)
    method = cv2.INTER_CUBIC if factor > _MUCH_SMALLER else cv2.INTER_AREA
    return Image.fromarray(cv2.resize(np.asarray(photo), (width, height), interpolation=method), photo.mode)
