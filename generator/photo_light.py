"""Light that fits a photo: its colors, its brightness, and where its bright side is."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from synthmat.errors import AssetError
from synthmat.images.photo_file import plain, to_srgb
from synthmat.images.picture_formats import pillow_formats
from synthmat.photos import Photo
from synthmat.render_job import AreaLamp, Color, PhotoLight
from synthmat.storage import git_lfs

Floats = npt.NDArray[np.float64]

_EDGE = 128
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_USUAL_LUMINANCE = 0.2
_DARKEST, _BRIGHTEST = 0.2, 1.8
_STRONGEST_CHANNEL = 1.6
_HIGHLIGHTS = 90
_WIDEST_AZIMUTH = 75.0
_ELEVATION, _ELEVATION_RANGE = 35.0, 30.0
_GRADIENT = 2.5


@dataclass(frozen=True)
class PhotoTone:
    """The light of a photo; colors are linear sRGB (3,).

    ``highlights`` is the mean of the brightest tenth. ``left_to_right`` and ``top_to_bottom`` compare the luminance of
    two halves, from 1 (all light in the left or top half) to -1.
    """

    mean: Floats
    highlights: Floats
    left_to_right: float
    top_to_bottom: float

    @cached_property
    def luminance(self) -> float:
        """Mean luminance, 0 to 1."""
        return float(self.mean @ _LUMINANCE)


def measure_tone(path: Path) -> PhotoTone:
    """Return the light of a photo; it is turned as its EXIF data say and converted to sRGB.

    Raises:
        AssetError: It cannot be read, or is of no format that can be read.
    """
    pixels = _linear(_small(path))
    luminance = pixels @ _LUMINANCE
    height, width = luminance.shape
    bright = luminance >= np.percentile(luminance, _HIGHLIGHTS)
    return PhotoTone(
        mean=pixels.mean(axis=(0, 1)),
        highlights=pixels[bright].mean(axis=0),
        left_to_right=_balance(luminance[:, : width // 2], luminance[:, (width + 1) // 2 :]),
        top_to_bottom=_balance(luminance[: height // 2], luminance[(height + 1) // 2 :]),
    )


def light_from_photo(
    photo: Photo, tone: PhotoTone, *, strength: float, color: float, brightness: float, azimuth: float, size: float
) -> PhotoLight:
    """Return a lamp on the photo's bright side and ambient light of the photo's mean color.

    The more even the photo, the more of the light is ambient.

    Args:
        photo: The photo.
        tone: Its light.
        strength: Factor on all light; 1 exposes a white object well in a photo of usual brightness.
        color: 0..1, how far the colors follow the photo.
        brightness: 0..1, how far the strength follows the photo.
        azimuth: Azimuth of a lamp straight in front of the photo, degrees.
        size: Edge of the lamp, object radii.
    """
    level = strength * float(np.clip(tone.luminance / _USUAL_LUMINANCE, _DARKEST, _BRIGHTEST)) ** brightness
    sideways, upward = (
        float(np.clip(_GRADIENT * balance, -1, 1)) for balance in (tone.left_to_right, tone.top_to_bottom)
    )
    directed = min(math.hypot(sideways, upward), 1.0)
    lamp = AreaLamp(
        azimuth=(azimuth - _WIDEST_AZIMUTH * sideways) % 360,
        elevation=_ELEVATION + _ELEVATION_RANGE * upward,
        radiance=level * (0.35 + 0.15 * directed),
        size=size,
        color=_light_color(tone.highlights, color),
    )
    red, green, blue = _light_color(tone.mean, color)
    ambient = level * (0.25 - 0.1 * directed)
    return PhotoLight(
        photo=photo.name,
        photo_sha256=photo.sha256,
        photo_color=_rounded(tone.mean),
        left_to_right=round(tone.left_to_right, 6),
        top_to_bottom=round(tone.top_to_bottom, 6),
        lamps=(lamp,),
        ambient=(ambient * red, ambient * green, ambient * blue),
    )


def _light_color(color: Floats, degree: float) -> Color:
    """Return a color of luminance 1 that follows ``color`` by degree, a little less where a channel would clip."""
    luminance = float(color @ _LUMINANCE)
    pure = color / luminance if luminance > 0 else np.ones(3)
    mixed = 1 + degree * (pure - 1)
    return _rounded(mixed / max(1.0, float(mixed.max()) / _STRONGEST_CHANNEL))


def _rounded(color: Floats) -> Color:
    """Round a color, so that two builds of a JPEG decoder give one frame key."""
    red, green, blue = (round(float(channel), 3) for channel in color)
    return red, green, blue


def _balance(one: Floats, other: Floats) -> float:
    total = float(one.mean() + other.mean())
    return float(one.mean() - other.mean()) / total if total > 0 else 0.0


def _linear(pixels: npt.NDArray[np.uint8]) -> Floats:
    srgb = pixels / 255
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))


def _small(path: Path) -> npt.NDArray[np.uint8]:
    """Return a photo at about 128 pixels, sRGB, uint8 (H, W, 3)."""
    try:
        data = path.read_bytes()
        if git_lfs.is_pointer(data):
            raise AssetError(f"{path}: {git_lfs.REMEDY}")
        # From memory: a TIFF that Pillow maps from disk loses its lines when it is turned.
        with Image.open(io.BytesIO(data), formats=pillow_formats()) as photo:
            photo.draft("RGB", (2 * _EDGE, 2 * _EDGE))
            profile = photo.info.get("icc_profile")
            small = plain(ImageOps.exif_transpose(photo))
            small.thumbnail((_EDGE, _EDGE), Image.Resampling.BOX, reducing_gap=None)
            return np.asarray(to_srgb(small, profile))
    except FileNotFoundError:
        raise AssetError(f"{path}: the photo is not there") from None
    except UnidentifiedImageError:
        raise AssetError(f"{path}: not a JPEG, PNG, WebP or TIFF picture, so no light can be made to fit it") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise AssetError(f"{path}: the photo is broken, so no light can be made to fit it: {error}") from None
