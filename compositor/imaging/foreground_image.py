"""A foreground read from disk and cut to its visible pixels, premultiplied and ready to be placed."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.byte_cache import LRUCache
from synthmat.errors import AssetError, ChangedFileError, MissingDependencyError
from synthmat.images.alpha import to_float, to_levels
from synthmat.images.picture_file import decode_picture
from synthmat.images.picture_size import check_megapixels
from synthmat.layouts.item import MaskLevels
from synthmat.sample_job import Foreground
from synthmat.storage.atomic import write_bytes

UInt16 = NDArray[np.uint16]

# Larger pictures are shrunk when they are read, to this many times the sample's edge or down to half of that.
_LARGEST = 4
_STRIP = 256
_MIN_ALPHA = 1.5 / 255
_MAX_MEGAPIXELS = 100
# Of a kept foreground: left, top, width, height, and how many times smaller it is than the file.
_NUMBERS = struct.Struct("<5i")
# Part of the name of what is kept; raised when files are read in another way.
_DECODING = 2

KEPT = ".cut_outs"
"""The folder in a data set where `load_foreground` keeps what took long."""


@dataclass(frozen=True)
class ForegroundImage:
    """The visible pixels of a foreground.

    ``premultiplied`` is color times alpha, and alpha, sRGB encoding, uint16 ``(h, w, 4)``; ``left`` and ``top`` are
    its corner in the whole frame of ``width`` x ``height`` pixels. ``shrunk`` is how much smaller than the file all of
    this is.
    """

    premultiplied: UInt16
    left: int
    top: int
    width: int
    height: int
    shrunk: float = 1.0

    def untrimmed(self) -> ForegroundImage:
        """Return the same with the whole frame as its box."""
        whole = np.zeros((self.height, self.width, 4), np.uint16)
        height, width = self.premultiplied.shape[:2]
        whole[self.top : self.top + height, self.left : self.left + width] = self.premultiplied
        return ForegroundImage(whole, 0, 0, self.width, self.height, self.shrunk)


def load_foreground(
    foreground: Foreground, size: int, kept: Path, max_megapixels: float = _MAX_MEGAPIXELS
) -> ForegroundImage:
    """Return a foreground as its files describe it.

    What took long, since it was large or its color had to be estimated, is kept on disk for the next time.

    Args:
        foreground: Which one.
        size: Edge of the samples that it is for, pixels.
        kept: The folder for what is kept.
        max_megapixels: Larger files are refused before they are decoded.

    Raises:
        AssetError: A file is missing, has changed since the plan, is no such picture, is too large, or shows nothing.
        MissingDependencyError: Its color has to be estimated, and pymatting is not installed.
    """
    file = kept / f"{_kept_name(foreground)}-{size}.cut"
    fg_image = _read_kept(file)
    if fg_image is None:
        rgba = _joined(foreground, max_megapixels) if foreground.alpha_path else _rgba(foreground, max_megapixels)
        if foreground.color == "image":
            rgba = _estimated(rgba, size)
        fg_image = _trimmed(rgba, Path(foreground.alpha_path or foreground.path), size)
        if fg_image.shrunk < 1 or foreground.color == "image":
            _keep(fg_image, file)
    return fg_image


def _kept_name(foreground: Foreground) -> str:
    name = f"{_DECODING}-{foreground.sha256[:24]}{foreground.alpha_sha256[:24]}-{foreground.color}"
    return f"{name}-{foreground.mask_opaque:g}-{foreground.mask_ignore}" if _mask(foreground) else name


def _mask(foreground: Foreground) -> MaskLevels | None:
    mask = MaskLevels(foreground.mask_opaque, foreground.mask_ignore)
    return None if mask == MaskLevels() else mask


def _read(path: Path, sha256: str, source: str, max_megapixels: float) -> bytes:
    again = "run `synthmat render`" if source == "renders" else "run `synthmat composite` again"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path}: the foreground cannot be read: {error.strerror}; {again}") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ChangedFileError(f"{path}: the foreground has changed since it was planned; {again}", str(path))
    check_megapixels(path, max_megapixels, "composite.max_photo_megapixels", data=data, what="foreground")
    return data


def _rgba(foreground: Foreground, max_megapixels: float) -> NDArray[Any]:
    from synthmat.layouts import read_alpha

    data = _read(Path(foreground.path), foreground.sha256, foreground.source, max_megapixels)
    pixels = decode_picture(data, Path(foreground.path))
    if pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.dtype not in (np.uint8, np.uint16):
        raise AssetError(f"{foreground.path}: no RGBA picture of 8 or 16 bit")
    mask = _mask(foreground)
    if mask is None:
        return pixels
    alpha = to_levels(read_alpha(Path(foreground.path), "alpha_channel", mask=mask), 8 * pixels.dtype.itemsize)
    return np.dstack([pixels[..., :3], alpha])


def _joined(foreground: Foreground, max_megapixels: float) -> NDArray[Any]:
    """Join a file of color and a file of alpha to straight RGBA, uint16."""
    from synthmat.layouts import read_color_and_alpha

    for path, sha256 in ((foreground.path, foreground.sha256), (foreground.alpha_path, foreground.alpha_sha256)):
        _read(Path(path), sha256, foreground.source, max_megapixels)
    color, matte = read_color_and_alpha(Path(foreground.path), Path(foreground.alpha_path), mask=_mask(foreground))
    alpha = np.asarray(to_levels(matte, 16), np.uint16)
    if alpha.shape != color.shape[:2]:
        raise AssetError(
            f"{foreground.alpha_path}: the matte has {alpha.shape[1]} x {alpha.shape[0]} pixels, {foreground.path} "
            f"{color.shape[1]} x {color.shape[0]}"
        )
    return np.dstack([color.astype(np.uint16) * 257, alpha])


def _estimated(rgba: NDArray[Any], size: int) -> NDArray[Any]:
    """Return straight RGBA, uint16, of a photo with its matte: the color of the object alone is estimated."""
    check_matting()
    from pymatting import estimate_foreground_ml

    shrink = _LARGEST / 2 * size / max(rgba.shape[:2])
    if shrink < 1:
        edges = tuple(max(1, round(edge * shrink)) for edge in rgba.shape[1::-1])
        rgba = np.asarray(cv2.resize(rgba, edges, interpolation=cv2.INTER_AREA))
    straight = to_float(rgba)
    color = estimate_foreground_ml(straight[..., :3].astype(np.float64), straight[..., 3].astype(np.float64))
    return np.dstack([to_levels(np.asarray(color, np.float32), 16), to_levels(straight[..., 3], 16)])


def check_matting() -> None:
    """Make sure that foregrounds can be estimated.

    Raises:
        MissingDependencyError: pymatting is not installed.
    """
    if importlib.util.find_spec("pymatting") is None:
        raise MissingDependencyError(
            "foregrounds that are given as photo and matte need pymatting, which estimates their color: "
            "pip install 'synthmat[matting]'"
        )


def _keep(fg_image: ForegroundImage, file: Path) -> None:
    pixels = cv2.imencode(".png", fg_image.premultiplied, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    numbers = _NUMBERS.pack(fg_image.left, fg_image.top, fg_image.width, fg_image.height, round(1 / fg_image.shrunk))
    with contextlib.suppress(OSError):  # Keeping it saves time and nothing else.
        write_bytes(file, numbers + pixels.tobytes())


def _read_kept(file: Path) -> ForegroundImage | None:
    try:
        data = np.fromfile(file, np.uint8)
    except OSError:
        return None
    if data.size <= _NUMBERS.size:
        return None
    pixels = cv2.imdecode(data[_NUMBERS.size :], cv2.IMREAD_UNCHANGED)
    if pixels is None:
        return None
    left, top, width, height, step = _NUMBERS.unpack(data[: _NUMBERS.size].tobytes())
    return ForegroundImage(np.asarray(pixels, np.uint16), left, top, width, height, 1 / step)


def _trimmed(rgba: NDArray[Any], path: Path, size: int) -> ForegroundImage:
    rows, columns = (np.flatnonzero(rgba[..., 3].any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise AssetError(f"{path}: the matte is empty; there is nothing to see")
    fraction = float(rgba[..., 3].max()) / np.iinfo(rgba.dtype).max
    if fraction < _MIN_ALPHA:
        raise AssetError(
            f"{path}: alpha is at most {fraction:.2%}, so there is nothing to see; if its levels are those of a mask, "
            "or of fewer bits than the file has, multiply them, or say `mask: {opaque: LEVEL}` beside the folder"
        )
    # Shrunk by a whole number, and from the frame's corner on: the frames of a clip then stay in register.
    step = max(1, math.ceil(max(rgba.shape[:2]) / (_LARGEST * size)))
    top, left, bottom, right = (int(edge) // step for edge in (rows[0], columns[0], rows[-1], columns[-1]))
    premultiplied = np.empty((bottom + 1 - top, right + 1 - left, 4), np.uint16)
    # In strips, since the numbers between take three times the memory of the picture.
    height = max(1, _STRIP // step)
    for first in range(0, len(premultiplied), height):
        strip = premultiplied[first : first + height]
        start = (top + first) * step
        source = rgba[start : start + len(strip) * step, left * step : (right + 1) * step]
        strip[:] = _shrunk(_premultiplied(np.ascontiguousarray(source)), step)
    frame_height, frame_width = (math.ceil(edge / step) for edge in rgba.shape[:2])
    return ForegroundImage(premultiplied, left, top, frame_width, frame_height, 1 / step)


def _shrunk(pixels: UInt16, step: int) -> UInt16:
    """Return averages over squares of ``step`` pixels; what lacks at the lower and right edges is what is there."""
    if step == 1:
        return pixels
    height, width = (math.ceil(edge / step) for edge in pixels.shape[:2])
    down, across = height * step - pixels.shape[0], width * step - pixels.shape[1]
    if down or across:
        pixels = np.asarray(cv2.copyMakeBorder(pixels, 0, down, 0, across, cv2.BORDER_REPLICATE), np.uint16)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint16)


def _premultiplied(rgba: NDArray[Any]) -> UInt16:
    """Return straight RGBA of 8 or 16 bit as premultiplied RGBA of 16."""
    top = np.iinfo(rgba.dtype).max
    alpha = cv2.extractChannel(rgba, 3)
    weight = cv2.merge([alpha, alpha, alpha, np.full_like(alpha, top)])
    return np.asarray(cv2.multiply(rgba, weight, scale=65535 / top**2, dtype=cv2.CV_16U), np.uint16)


class ForegroundImageCache:
    """Keeps the foregrounds read last, up to ``max_bytes``; safe for threads."""

    def __init__(self, max_bytes: int) -> None:
        self._foregrounds: LRUCache[tuple[Foreground, int], ForegroundImage] = LRUCache(
            max_bytes, lambda fg_image: fg_image.premultiplied.nbytes
        )

    def load(
        self, foreground: Foreground, size: int, kept: Path, max_megapixels: float = _MAX_MEGAPIXELS
    ) -> ForegroundImage:
        """Return `load_foreground` of a foreground, from memory if it is there."""
        return self._foregrounds.get(
            (foreground, size), lambda: load_foreground(foreground, size, kept, max_megapixels)
        )
