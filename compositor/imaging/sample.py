"""One sample: its layers over its photo, and its files as bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.compositor.imaging.magick import extract_and_over
from synthmat.compositor.imaging.placement import Placed, straight_levels
from synthmat.images.alpha import UInt8, bleed
from synthmat.images.png_file import encode_png
from synthmat.rows.kinds import FOLDERS, PHOTOS, Kind
from synthmat.sample_job import SampleSettings

Mix = Callable[[UInt8, NDArray[Any], UInt8, str], tuple[NDArray[Any], UInt8]]


@dataclass(frozen=True)
class Blended:
    """A layer over a picture, all ``(size, size)``: the mix, its alpha, and the layer's straight color in its box.

    ``image`` and ``fg`` are uint8 RGB, ``alpha`` uint8 or uint16; ``box`` is where alpha can be above 0 and ``fg`` the
    color there. The image is alpha fg + (1 - alpha) background to one level.
    """

    image: UInt8
    alpha: NDArray[Any]
    fg: UInt8
    box: tuple[slice, slice]

    def bled(self) -> UInt8:
        """Return the straight color of the whole sample, continued where alpha is 0."""
        rgb = np.zeros(self.image.shape, np.float32)
        rgb[self.box] = self.fg
        weight = self.alpha.astype(np.float32) / np.iinfo(self.alpha.dtype).max
        return np.asarray(np.rint(bleed(rgb / 255, weight) * 255), np.uint8)


def blend_layer(placed: Placed, background: UInt8, settings: SampleSettings, mix: Mix = extract_and_over) -> Blended:
    """Round the object to stored levels first and blend then, so that the equation holds for what is stored.

    Args:
        placed: The object's pixels, see `synthmat.compositor.imaging.placement`.
        background: uint8 ``(size, size, 3)``.
        settings: Bits of alpha, and how to blend.
        mix: Mixes the pixels that are neither; `extract_and_over` has ImageMagick do it.
    """
    color, levels = straight_levels(placed.premultiplied, settings.bit_depth)
    top = int(np.iinfo(levels.dtype).max)
    image, alpha = background.copy(), np.zeros(background.shape[:2], levels.dtype)
    cv2.copyTo(color, (levels == top).astype(np.uint8), image[placed.box])  # into the view
    # Elsewhere object or photo show as they are, so only the pixels that mix are handed on.
    soft = np.flatnonzero((levels > 0) & (levels < top))
    if soft.size:
        rows, columns = np.divmod(soft, levels.shape[1])
        there = (rows + placed.top) * background.shape[1] + columns + placed.left
        levels.reshape(-1)[soft], image.reshape(-1, 3)[there] = mix(
            color.reshape(-1, 3)[soft], levels.reshape(-1)[soft], image.reshape(-1, 3)[there], settings.blend
        )
    alpha[placed.box] = levels
    return Blended(image, alpha, color, placed.box)


def file_names(sample_id: str, settings: SampleSettings, clip: str = "", frame: int = 0) -> dict[Kind, str]:
    """Return the path of each output inside its split, in the order in which they are written: the image last.

    The frames of a clip lie in a folder of its name.
    """
    name = f"{clip}/{frame:05d}" if clip else sample_id
    names: dict[Kind, str] = {
        kind: f"{folder}/{name}.{settings.image_format if kind in PHOTOS else 'png'}"
        for kind, folder in FOLDERS.items()
        if kind in settings.outputs
    }
    return dict(sorted(names.items(), key=lambda item: item[0] == "image"))


def encode(kind: str, pixels: NDArray[Any], settings: SampleSettings) -> bytes:
    """Return the file of one output: RGB uint8 ``(H, W, 3)``, or gray uint8 or uint16 ``(H, W)``."""
    if kind in PHOTOS and settings.image_format == "jpg":
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=settings.jpeg_quality, subsampling=0)
        return buffer.getvalue()
    if settings.png_level == 1:
        return encode_png(pixels)
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return bytes(cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, settings.png_level])[1])
