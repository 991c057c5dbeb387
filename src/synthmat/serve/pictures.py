"""Uploaded files as pictures: checked before they are decoded, then decoded as the project's own files are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from synthmat.images.alpha import Float, UInt8, to_float
from synthmat.images.photo_file import PhotoFile, decode_photo, pixel_limit
from synthmat.images.picture_file import decode_picture
from synthmat.images.picture_formats import passed_over, pillow_formats, remedy_for
from synthmat.serve.body import Upload
from synthmat.serve.refusal import RefusedError
from synthmat.train.data.resizing import three_levels

_SAME_ASPECT = 0.02
_DARKEST_UNKNOWN = 0.2


def photo_of(upload: Upload, max_megapixels: float) -> UInt8:
    """Return the pixels of a photo, uint8 ``(H, W, 3)`` sRGB, the right way up; raises as `photo_file_of` does."""
    return photo_file_of(upload, max_megapixels).pixels


def photo_file_of(upload: Upload, max_megapixels: float) -> PhotoFile:
    """Return a photo, and what else is in its file and does not count.

    Raises:
        RefusedError: It is no picture that is read here, or too large.
        AssetError: It is broken.
    """
    _check(upload, max_megapixels)
    return decode_photo(upload.data, upload.label, max_megapixels)


def captured_of(upload: Upload, shape: tuple[int, int], max_megapixels: float) -> UInt8:
    """Return a captured background at the size of its picture, ``shape``, uint8 ``(H, W, 3)``.

    Raises:
        RefusedError: See `photo_file_of`; or it has another aspect than the picture.
    """
    captured = photo_of(upload, max_megapixels)
    _check_aspect(upload, captured.shape, shape)
    if captured.shape[:2] == shape:
        return captured
    return np.asarray(cv2.resize(captured, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def trimap_of(upload: Upload, shape: tuple[int, int], max_megapixels: float) -> UInt8:
    """Return a trimap at the size of its picture, ``shape``: uint8 ``(H, W)`` of 0, 128 and 255.

    Raises:
        RefusedError: See `photo_file_of`; or it has another aspect than the picture, or its levels are labels.
    """
    levels = _gray(upload, max_megapixels)
    _check_aspect(upload, levels.shape, shape)
    if 0 < float(levels.max(initial=0)) < _DARKEST_UNKNOWN:
        raise RefusedError(
            422, f"{upload.label}: is dark all over; a trimap has 0 for background, 128 for unknown and 255 for "
            "foreground"
        )  # fmt: skip
    trimap = three_levels(levels)
    if trimap.shape == shape:
        return trimap
    return np.asarray(cv2.resize(trimap, shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def alpha_of(upload: Upload, max_megapixels: float) -> Float:
    """Return a matte made before, float32 ``(H, W)`` in [0, 1]: a gray picture, or the alpha of one that has some.

    Raises:
        RefusedError: See `photo_file_of`; or it is in color, without an alpha channel.
    """
    return _gray(upload, max_megapixels)


def _gray(upload: Upload, max_megapixels: float) -> Float:
    _check(upload, max_megapixels, whole=True)
    levels: NDArray[Any] = decode_picture(upload.data, Path(upload.label), srgb=False)
    if levels.ndim == 3 and levels.shape[2] == 4:
        # A gray picture that was saved with an opaque alpha channel is meant as it looks.
        levels = levels[..., :3] if np.ptp(levels[..., 3]) == 0 and np.ptp(levels[..., :3]) else levels[..., 3]
    if levels.ndim == 3:
        if np.ptp(levels, axis=2).any():
            raise RefusedError(422, f"{upload.label}: is in color; a matte or trimap is gray, or an alpha channel")
        levels = levels[..., 0]
    if levels.dtype.kind != "u":
        raise RefusedError(422, f"{upload.label}: holds {levels.dtype} numbers; store 8 or 16 bits")
    return to_float(np.ascontiguousarray(levels))


def _check(upload: Upload, max_megapixels: float, *, whole: bool = False) -> None:
    """Refuse what is no picture or too large, by its header; with ``whole``, also what ends too early."""
    try:
        with (
            pixel_limit(max_megapixels),
            Image.open(io.BytesIO(upload.data), formats=pillow_formats()) as picture,
        ):
            if picture.width * picture.height > max_megapixels * 1e6:
                raise Image.DecompressionBombError
            if whole:
                picture.load()
    except Image.DecompressionBombError:
        raise RefusedError(
            413, f"{upload.label}: more than {max_megapixels:g} megapixels; shrink it, or see --max-megapixels"
        ) from None
    except UnidentifiedImageError:
        what = "is empty" if not upload.data else "not a picture of a format that is read here (JPEG, PNG, WebP, ...)"
        if passed_over([Path(upload.name)]):
            what = f"{what}; {remedy_for(Path(upload.name).suffix.lower())}"
        raise RefusedError(415, f"{upload.label}: {what}") from None
    except Exception as error:  # Pillow's decoders answer broken files with many kinds of exception.
        raise RefusedError(422, f"{upload.label}: the picture is broken: {error}") from None


def _check_aspect(upload: Upload, found: tuple[int, ...], wanted: tuple[int, int]) -> None:
    if abs(found[1] / found[0] - wanted[1] / wanted[0]) > _SAME_ASPECT:
        raise RefusedError(
            422, f"{upload.label}: {found[1]}x{found[0]}, but the picture is {wanted[1]}x{wanted[0]}; they have to "
            "be of one shape"
        )  # fmt: skip
