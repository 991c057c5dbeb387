"""One sample: the object's pixels over the photo, and its files as bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.alpha import UInt8, bleed, to_levels
from synthmat.compositor.foreground import Placed
from synthmat.compositor.magick import extract_and_over
from synthmat.records import SampleSettings

FOLDERS = {"image": "images", "alpha": "alpha", "fg": "fg", "bg": "bg"}
"""The folder of each output inside its split."""


@dataclass(frozen=True)
class Sample:
    """The pixels of a sample, all ``(size, size)``.

    ``image`` and ``bg`` are uint8 RGB, ``alpha`` uint8 or uint16, ``fg`` straight uint8 RGB, or None where it is not
    asked for. The image is alpha fg + (1 - alpha) bg to one level.
    """

    image: UInt8
    alpha: NDArray[Any]
    fg: UInt8 | None
    bg: UInt8


def compose(placed: Placed, background: UInt8, settings: SampleSettings) -> Sample:
    """Round the object to stored levels first and blend then, so that the equation holds for what is stored.

    Args:
        placed: The object's pixels, see `synthmat.compositor.foreground.place`.
        background: uint8 ``(size, size, 3)``.
        settings: Bits of alpha, and whether the foreground is stored.
    """
    height, width = placed.alpha.shape
    box = slice(placed.top, placed.top + height), slice(placed.left, placed.left + width)
    # Outside of the object's box alpha is 0 and the photo shows as it is: ImageMagick only gets the box.
    mask, blended = extract_and_over(
        to_levels(placed.rgb, 8), to_levels(placed.alpha, settings.bit_depth), background[box]
    )
    alpha = np.zeros(background.shape[:2], mask.dtype)
    alpha[box] = mask
    image = background.copy()
    image[box] = blended
    return Sample(image, alpha, _bled(placed, box, settings.size) if "fg" in settings.outputs else None, background)


def _bled(placed: Placed, box: tuple[slice, slice], size: int) -> UInt8:
    rgb, alpha = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    rgb[box], alpha[box] = placed.rgb, placed.alpha
    foreground: UInt8 = to_levels(bleed(rgb, alpha), 8)
    return foreground


def file_names(sample_id: str, settings: SampleSettings) -> dict[str, str]:
    """Return the path of each output inside its split, in the order in which they are written: the image last."""
    names = {
        kind: f"{folder}/{sample_id}.{settings.image_format if kind in ('image', 'bg') else 'png'}"
        for kind, folder in FOLDERS.items()
        if kind in settings.outputs
    }
    return dict(sorted(names.items(), key=lambda item: item[0] == "image"))


def encode(sample: Sample, settings: SampleSettings) -> dict[str, bytes]:
    """Return the file of each output asked for."""
    return {kind: _encoded(getattr(sample, kind), kind, settings) for kind in file_names("", settings)}


def _encoded(pixels: NDArray[Any], kind: str, settings: SampleSettings) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)
    if kind in ("image", "bg") and settings.image_format == "jpg":
        picture.save(buffer, "JPEG", quality=settings.jpeg_quality, subsampling=0)
    else:
        picture.save(buffer, "PNG", compress_level=settings.png_level)
    return buffer.getvalue()
