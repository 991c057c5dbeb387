"""Perspective views of panoramas: photographs of places, as many as one wants."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError
from synthmat.images.alpha import UInt8
from synthmat.images.panorama_kind import panorama_kind
from synthmat.images.srgb import to_srgb
from synthmat.random_streams import stream

Floats = NDArray[np.float32]

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_MIDDLE_GRAY = 0.18
_DARKEST = 1e-4
_WHITE = 99.0
"""Of a view's pixels, so many percent are darker than what becomes white."""
_TILT, _TILT_SPREAD, _MOST_TILT = -4.0, 8.0, 25.0
_NARROWEST, _WIDEST = 42.0, 78.0
_MOST_PIXELS = 64 * 2**20


@dataclass(frozen=True)
class View:
    """Where a camera in the middle of a panorama looks, all in degrees.

    ``pan`` 0 is the middle of the picture and grows to the right, ``tilt`` grows upward, ``field_of_view`` is that of
    the longer side.
    """

    pan: float
    tilt: float
    field_of_view: float


def draw_views(seed: int, name: str, count: int) -> Iterator[View]:
    """Yield views all around, one in each of ``count`` equal sectors, most of them near the horizon.

    Args:
        seed: Any number; the same one gives the same views.
        name: The panorama's.
        count: How many.

    Example:
        >>> [round(view.pan) // 90 for view in draw_views(0, "city", 4)]
        [0, 1, 2, 3]
    """
    for number in range(count):
        rng = stream(seed, "views", name, count, number)
        pan = 360 * (number + float(rng.random())) / count
        tilt = float(np.clip(rng.normal(_TILT, _TILT_SPREAD), -_MOST_TILT, _MOST_TILT))
        yield View(pan, tilt, float(rng.uniform(_NARROWEST, _WIDEST)))


def read_panorama(path: Path) -> Floats:
    """Return an equirectangular panorama, linear RGB, float32 ``(H, W, 3)``, at least 0 and finite.

    Raises:
        AssetError: The file cannot be read, is no ``.hdr`` or ``.exr`` picture, or is not twice as wide as high.
        MissingDependencyError: It is an ``.exr`` file and OpenEXR is not installed.
    """
    pixels = _read_exr(path) if panorama_kind(path) == ".exr" else _read_hdr(path)
    height, width = pixels.shape[:2]
    if abs(width - 2 * height) > 2:
        raise AssetError(
            f"{path}: {width} x {height} pixels are no panorama of all directions, which is twice as wide as high"
        )
    if width * height > _MOST_PIXELS:
        raise AssetError(f"{path}: {width} x {height} pixels are more than views need; make it 8192 x 4096 at most")
    return np.maximum(np.nan_to_num(pixels, nan=0.0, posinf=65504.0, neginf=0.0), 0)


def _read_hdr(path: Path) -> Floats:
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if pixels is None:
        raise AssetError(f"{path}: the panorama is broken")
    return np.ascontiguousarray(pixels[..., ::-1], np.float32)


def _read_exr(path: Path) -> Floats:
    try:
        import OpenEXR
    except ImportError:
        raise MissingDependencyError(f"{path}: .exr files need OpenEXR: pip install 'synthmat[render]'") from None
    try:
        with OpenEXR.File(str(path), separate_channels=True) as opened:
            channels = {name: channel.pixels for name, channel in opened.channels().items()}
    except Exception as error:
        # OpenEXR answers broken files with many kinds of exception; each means that this one is no use.
        raise AssetError(f"{path}: the panorama is broken: {error}") from None
    names = [name for name in ("R", "G", "B") if name in channels] or ["Y"]
    if any(name not in channels for name in names) or len(names) == 2:
        raise AssetError(f"{path}: has the channels {', '.join(sorted(channels))}, and none of R, G, B")
    return np.stack([np.asarray(channels[name], np.float32) for name in (names * 3)[:3]], axis=-1)


def perspective_view(panorama: Floats, view: View, size: tuple[int, int]) -> Floats:
    """Return what a camera in the middle of a panorama sees, linear RGB, float32 ``(height, width, 3)``.

    Args:
        panorama: Equirectangular, linear RGB, float32 ``(H, W, 3)``.
        view: Where the camera looks.
        size: Height and width, pixels.
    """
    height, width = size
    focal = max(size) / (2 * math.tan(math.radians(view.field_of_view) / 2))
    right, up = np.meshgrid(
        (np.arange(width) + 0.5 - width / 2) / focal, (height / 2 - 0.5 - np.arange(height)) / focal
    )
    cosine, sine = math.cos(math.radians(view.tilt)), math.sin(math.radians(view.tilt))
    forward, upward = cosine - up * sine, up * cosine + sine
    longitude = np.arctan2(right, forward) + math.radians(view.pan)
    latitude = np.arctan2(upward, np.hypot(right, forward))
    rows, columns = panorama.shape[:2]
    # Bilinear sampling skips pixels where the view is much smaller than what it shows.
    shrink = max(1, int(view.field_of_view / 360 * columns / max(size)))
    source = panorama
    if shrink > 1:
        rows, columns = rows // shrink, columns // shrink
        source = np.asarray(cv2.resize(panorama, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    wrapped = np.concatenate([source[:, -1:], source, source[:, :1]], axis=1)
    x = ((longitude / (2 * math.pi) + 0.5) % 1) * columns + 0.5
    y = (0.5 - latitude / math.pi) * rows - 0.5
    seen = cv2.remap(
        wrapped, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen, np.float32)


def develop(view: Floats) -> UInt8:
    """Return a photograph of linear light, sRGB, uint8: exposed for its mean brightness, its highlights rolled off.

    The brightness is that of Reinhard's operator with a white point ("Photographic Tone Reproduction for Digital
    Images", 2002, equation 4); colors keep their ratios until they clip.
    """
    luminance = np.maximum(view @ _LUMINANCE, _DARKEST)
    scaled = luminance * (_MIDDLE_GRAY / math.exp(float(np.log(luminance).mean())))
    white = max(float(np.percentile(scaled, _WHITE)), 1.0)
    shown = scaled * (1 + scaled / white**2) / (1 + scaled)
    color = np.clip(view * (shown / luminance)[..., None], 0, 1)
    return np.asarray(np.rint(255 * to_srgb(color)), np.uint8)
