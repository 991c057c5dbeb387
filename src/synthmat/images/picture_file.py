"""A picture file of any format as its levels: in full depth, with straight color, the right way up, in sRGB."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from synthmat.errors import AssetError
from synthmat.images.photo_file import plain, to_srgb
from synthmat.images.picture_formats import pillow_formats
from synthmat.storage import git_lfs

_ORIENTATION, _PHOTOMETRIC, _EXTRA_SAMPLES, _BITS, _CHANNELS, _PROFILE = 0x0112, 262, 338, 258, 277, 34675
_WHITE_IS_ZERO, _ASSOCIATED, _UNASSOCIATED = 0, 1, 2
_TIFF = (b"II*\0", b"MM\0*")
_WITH_ALPHA = ("LA", "La", "PA", "RGBa")
_PNG = b"\x89PNG\r\n\x1a\n"
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""EXIF orientations: by how many quarters counter-clockwise a picture is turned, and whether it is mirrored then."""


@dataclass(frozen=True)
class _Head:
    """The header of a file, read before it is decoded."""

    format: str = ""
    mode: str = ""
    orientation: int = 1
    profile: bytes | None = None
    palette: bool = False
    alpha: bool = False
    extra_samples: tuple[int, ...] = ()
    white_is_zero: bool = False
    bits: int = 8
    channels: int = 0


def read_picture(path: Path, **how: Any) -> NDArray[Any]:
    """Return `decode_picture` of a file.

    Raises:
        AssetError: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror}") from None
    return decode_picture(data, path, **how)


def is_palette(path: Path) -> bool:
    """Return whether a picture's levels are indices of a palette; False for a file that cannot be read."""
    try:
        return _head(path.read_bytes(), path).palette
    except (OSError, AssetError):
        return False


def has_alpha(path: Path) -> bool:
    """Return whether a picture has an alpha channel or a transparent color; False for one that cannot be read."""
    try:
        return _head(path.read_bytes(), path).alpha
    except (OSError, AssetError):
        return False


def decode_picture(
    data: bytes, path: Path, *, turned: bool = True, srgb: bool = True, indices: bool = False
) -> NDArray[Any]:
    """Return levels ``(H, W)``, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA, uint8, uint16 or float32.

    Color is straight: that of a TIFF with associated alpha is divided by it. 16-bit color with a profile of another
    space than sRGB is converted in 8 bits.

    Args:
        data: The file.
        path: For errors.
        turned: Turn it as its EXIF data, or the tag of a TIFF, say.
        srgb: Convert color to sRGB by its profile; mattes must not be.
        indices: Return the indices of a palette instead of its colors.

    Raises:
        AssetError: The file is broken, far too large, or no such picture.
    """
    head = _head(data, path)
    if indices and head.palette:
        with Image.open(io.BytesIO(data), formats=pillow_formats()) as picture:
            pixels = np.asarray(picture)
        return _turned(pixels, head.orientation) if turned else pixels
    pixels = _tiff(data, path, head) if head.format == "TIFF" else _decoded(data, path, head)
    # TIFFs come turned from every decoder.
    if head.format == "TIFF" and not turned:
        pixels = _unturned(pixels, head.orientation)
    elif head.format != "TIFF" and turned:
        pixels = _turned(pixels, head.orientation)
    return _in_srgb(pixels, head.profile) if srgb and head.profile and head.mode != "CMYK" else pixels


def _head(data: bytes, path: Path) -> _Head:
    if not data:
        raise AssetError(f"{path}: not a readable picture; the file is empty")
    if git_lfs.is_pointer(data):
        raise AssetError(f"{path}: {git_lfs.REMEDY}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=pillow_formats()) as picture:
                return _described(picture, data)
    except Image.DecompressionBombError as error:
        raise AssetError(f"{path}: far too large: {error}; make it smaller") from None
    except Exception:
        # What Pillow does not know OpenCV may, such as a TIFF of floating-point color; of broken files it says so.
        return _of_tiff(_tiff_tags(data)) if data[:4] in _TIFF else _Head()


def _described(picture: Image.Image, data: bytes) -> _Head:
    if "exif" not in picture.info and (late := _late_exif(data)):
        picture.info["exif"] = b"Exif\0\0" + late
    # Pillow's own method for PNG would decode the whole file first.
    orientation = Image.Image.getexif(picture).get(_ORIENTATION, 1)
    head = _of_tiff(_tiff_tags(data)) if picture.format == "TIFF" else _Head(picture.format or "")
    return replace(
        head,
        mode=picture.mode,
        orientation=head.orientation if picture.format == "TIFF" else _known(orientation),
        profile=picture.info.get("icc_profile"),
        palette=picture.mode == "P",
        alpha=head.alpha or "A" in picture.getbands() or "transparency" in picture.info,
    )


def _tiff_tags(data: bytes) -> dict[int, Any]:
    tags = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    file = io.BytesIO(data)
    file.seek(tags.next)
    try:
        tags.load(file)
        return dict(tags)
    except Exception:
        return {}


def _of_tiff(tags: dict[int, Any]) -> _Head:
    extra = tuple(tags.get(_EXTRA_SAMPLES, ()))
    return _Head(
        format="TIFF",
        orientation=_known(tags.get(_ORIENTATION, 1)),
        profile=tags.get(_PROFILE),
        alpha=bool(extra),
        extra_samples=extra,
        white_is_zero=tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        bits=max(tags.get(_BITS, (8,))),
        channels=tags.get(_CHANNELS, 0),
    )


def _known(orientation: Any) -> int:
    return orientation if orientation in _TURNS else 1


def _late_exif(data: bytes) -> bytes:
    """Return the EXIF data of a PNG, which may follow its pixels."""
    return next((body for kind, body in _chunks(data) if kind == b"eXIf"), b"") if data.startswith(_PNG) else b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        yield kind, data[place + 8 : place + 8 + length]
        place += 12 + length


def _decoded(data: bytes, path: Path, head: _Head) -> NDArray[Any]:
    if head.format in ("AVIF", "HEIF") or head.mode == "CMYK":
        return _by_pillow(data, path, head)
    return _by_opencv(data, path)


def _by_opencv(data: bytes, path: Path) -> NDArray[Any]:
    """Return the levels as OpenCV reads them, since Pillow reads 16-bit color as 8 bit without a word."""
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise AssetError(f"{path}: cannot be read: {error}") from None
    if pixels is None:
        raise AssetError(f"{path}: not a readable picture")
    if pixels.ndim == 2:
        return np.asarray(pixels)
    return np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])


def _by_pillow(data: bytes, path: Path, head: _Head) -> NDArray[Any]:
    try:
        # From memory: a TIFF that Pillow maps from disk loses its lines when it is turned.
        with Image.open(io.BytesIO(data), formats=pillow_formats()) as picture:
            picture.load()
            if picture.mode == "CMYK":
                return np.asarray(to_srgb(plain(picture), head.profile))
            return np.asarray(picture.convert("RGBA") if picture.mode in _WITH_ALPHA else picture)
    except Exception as error:
        # Pillow's decoders answer broken files with many kinds of exception; each means that this one is no use.
        raise AssetError(f"{path}: the picture is broken: {error}") from None


def _tiff(data: bytes, path: Path, head: _Head) -> NDArray[Any]:
    """Return the levels of a TIFF, turned, its color divided by an associated alpha.

    OpenCV multiplies 8-bit color by an alpha that is not associated, loses the alpha of gray pictures, and takes the
    white of 16-bit gray for black where the file counts from there.
    """
    if head.channels == 2 and head.extra_samples and head.bits > 8:
        raise AssetError(f"{path}: gray with an alpha channel, {head.bits} bits; such a TIFF is read as RGBA only")
    unassociated = head.extra_samples[:1] == (_UNASSOCIATED,) and head.bits == 8
    if unassociated or head.mode in ("LA", "La", "CMYK"):
        return _by_pillow(data, path, head)
    pixels = _by_opencv(data, path)
    if head.white_is_zero and pixels.ndim == 2 and pixels.dtype == np.uint16:
        return np.asarray(65535 - pixels)
    if head.extra_samples[:1] == (_ASSOCIATED,) and pixels.ndim == 3 and pixels.shape[2] == 4:
        return _divided(pixels)
    return pixels


def _divided(rgba: NDArray[Any]) -> NDArray[Any]:
    """Return premultiplied RGBA as straight RGBA of the same depth, black where alpha is 0."""
    top = 1.0 if rgba.dtype.kind == "f" else float(np.iinfo(rgba.dtype).max)
    alpha = rgba[..., 3:].astype(np.float64)
    color = np.divide(rgba[..., :3] * top, alpha, out=np.zeros(rgba[..., :3].shape), where=alpha > 0)
    color = color if rgba.dtype.kind == "f" else np.rint(np.minimum(color, top))
    return np.dstack([color.astype(rgba.dtype), rgba[..., 3]])


def _turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    if orientation not in _TURNS:
        return pixels
    quarters, mirrored = _TURNS[orientation]
    pixels = np.rot90(pixels, quarters)
    return np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)


def _unturned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    if orientation not in _TURNS:
        return pixels
    quarters, mirrored = _TURNS[orientation]
    pixels = pixels[:, ::-1] if mirrored else pixels
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


def _in_srgb(pixels: NDArray[Any], profile: bytes) -> NDArray[Any]:
    """Return levels with their color in sRGB; gray becomes color, floating-point numbers stay as they are."""
    if pixels.dtype not in (np.uint8, np.uint16):
        return pixels
    wide = pixels.dtype == np.uint16
    color = pixels if pixels.ndim == 2 else pixels[..., :3]
    narrow = np.rint(color / 257).astype(np.uint8) if wide else np.ascontiguousarray(color)
    converted = np.asarray(to_srgb(Image.fromarray(narrow), profile))
    same = np.array_equal(converted, narrow if narrow.ndim == 3 else np.dstack([narrow] * 3))
    if same:
        return pixels
    result = converted.astype(np.uint16) * 257 if wide else converted
    return result if pixels.ndim == 2 or pixels.shape[2] == 3 else np.dstack([result, pixels[..., 3]])
