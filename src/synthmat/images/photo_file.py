"""A photo file of any format at its full size: sRGB pixels, and its metadata."""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from synthmat.errors import AssetError
from synthmat.images.alpha import UInt8
from synthmat.images.picture_formats import passed_over, pillow_formats, remedy_for
from synthmat.storage import git_lfs

MAX_MEGAPIXELS = 400.0

_MADE, _MADE_IN_2000 = slice(24, 36), struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
"""Where an ICC profile says when it was made."""
_SIXTEEN_BIT_GRAY = ("I", "I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True)
class PhotoFile:
    """A photo: ``pixels`` uint8 ``(H, W, 3)`` sRGB, the right way up; ``exif`` without orientation, or empty.

    ``left_out`` says what else is in the file and does not count: further pictures, transparency; empty as a rule.
    """

    pixels: UInt8
    exif: bytes = b""
    left_out: str = ""


def read_photo(path: Path, max_megapixels: float = MAX_MEGAPIXELS) -> PhotoFile:
    """Return a photo turned as its EXIF data say, converted to sRGB by its color profile, transparency put on white.

    Args:
        path: A JPEG, PNG, WebP, TIFF or BMP file, or AVIF or HEIC where they can be read; its name does not matter.
        max_megapixels: Larger photos are refused before they are decoded.

    Raises:
        AssetError: The file cannot be read, is none of these formats, is broken, or too large.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise AssetError(f"{path}: no such file") from None
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror or error}") from None
    return decode_photo(data, str(path), max_megapixels)


def decode_photo(data: bytes, name: str, max_megapixels: float = MAX_MEGAPIXELS) -> PhotoFile:
    """Return `read_photo` of a file's content; ``name`` is for errors.

    Raises:
        AssetError: It is none of these formats, is broken, or too large.
    """
    try:
        if git_lfs.is_pointer(data):
            raise AssetError(f"{name}: {git_lfs.REMEDY}")
        # From memory: a TIFF that Pillow maps from disk loses its lines when it is turned.
        with pixel_limit(max_megapixels), Image.open(io.BytesIO(data), formats=pillow_formats()) as photo:
            if photo.width * photo.height > max_megapixels * 1e6:
                raise Image.DecompressionBombError
            # A phone's second picture in a JPEG says how bright the first one is.
            count = 1 if photo.format == "MPO" else getattr(photo, "n_frames", 1)
            photo.load()
            profile = photo.info.get("icc_profile")
            ImageOps.exif_transpose(photo, in_place=True)
            exif, left_out = _exif(photo), _left_out(photo, count)
            return PhotoFile(np.asarray(to_srgb(plain(photo), profile)), exif, left_out)
    except AssetError:
        raise
    except UnidentifiedImageError:
        suffix = Path(name).suffix.lower()
        remedy = f"; {remedy_for(suffix)}" if passed_over([Path(name)]) else ""
        raise AssetError(
            f"{name}: not a JPEG, PNG, WebP, TIFF or BMP picture, nor of another format read here{remedy}"
        ) from None
    except Image.DecompressionBombError:
        raise AssetError(f"{name}: more than {max_megapixels:g} megapixels; shrink it first") from None
    except OSError as error:
        raise AssetError(f"{name}: cannot be read: {error.strerror or error}") from None
    except Exception as error:
        # Pillow's decoders answer broken files with many kinds of exception; each means that this photo is no use.
        raise AssetError(f"{name}: the picture is broken: {error}") from None


def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, to be written into files; the same bytes at any time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[: _MADE.start] + _MADE_IN_2000 + profile[_MADE.stop :]


def plain(photo: Image.Image) -> Image.Image:
    """Return a photo in mode L, RGB or CMYK, 8 bit, without transparency.

    Raises:
        ValueError: Its pixels are floating-point numbers.
    """
    if photo.mode in _SIXTEEN_BIT_GRAY:
        levels = np.asarray(photo).astype(np.float32)
        return Image.fromarray(np.rint(np.clip(levels / 257, 0, 255)).astype(np.uint8))
    if photo.mode == "F":
        raise ValueError("its numbers are floating-point, which no photo format for viewing uses")
    if _has_alpha(photo):
        layer = photo.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    if photo.mode in ("L", "RGB", "CMYK"):
        return photo
    return photo.convert("L" if photo.mode == "1" else "RGB")


def _has_alpha(photo: Image.Image) -> bool:
    return photo.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in photo.info


def _left_out(photo: Image.Image, count: int) -> str:
    """Return in words what a file of ``count`` pictures, of which this is the first, has besides a photo's colors."""
    found = [f"the first of {count} pictures in the file is used"] if count > 1 else []
    if _has_alpha(photo) and photo.convert("RGBA").getchannel("A").histogram()[255] < photo.width * photo.height:
        found.append("what is transparent in it is put on white")
    return ", and ".join(found)


def to_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a photo of mode L, RGB or CMYK as RGB in sRGB; without a profile, or with a broken one, it is taken so."""
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


def _exif(photo: Image.Image) -> bytes:
    """Return the EXIF data, empty if there are none or they are broken: the pixels are what counts."""
    try:
        exif = photo.getexif()
        return exif.tobytes() if len(exif) else b""
    except Exception:
        return b""


@contextmanager
def pixel_limit(megapixels: float) -> Iterator[None]:
    """Let Pillow's own guard against decompression bombs follow our limit.

    Pillow has one guard for all threads. Where several read with limits of their own it follows the largest, so who
    reads also checks the size itself before decoding.
    """
    pixels = max(1, math.ceil(min(megapixels * 1e6, 1e15)))
    _LIMITS.enter(pixels)
    try:
        yield
    finally:
        _LIMITS.leave(pixels)


class _Limits:
    """The limits of all threads that are reading; what Pillow had before comes back with the last of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._active: list[int] = []
        self._before: int | None = None
        self._warnings = warnings.catch_warnings()

    def enter(self, pixels: int) -> None:
        with self._lock:
            if not self._active:
                self._before = Image.MAX_IMAGE_PIXELS
                self._warnings = warnings.catch_warnings()
                self._warnings.__enter__()
                # Up to twice its limit Pillow only warns; there our own check answers.
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                # Broken EXIF data are left out, and the pixels are what counts.
                warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
            self._active.append(pixels)
            Image.MAX_IMAGE_PIXELS = max(self._active)

    def leave(self, pixels: int) -> None:
        with self._lock:
            self._active.remove(pixels)
            if self._active:
                Image.MAX_IMAGE_PIXELS = max(self._active)
                return
            Image.MAX_IMAGE_PIXELS = self._before
            self._warnings.__exit__(None, None, None)


_LIMITS = _Limits()
