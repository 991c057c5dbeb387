"""The two steps that ImageMagick does, through Wand, on pixels in memory; it never sees the name of a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import SynthmatError
from synthmat.images.alpha import UInt8
from synthmat.images.srgb import linear_levels, srgb_levels

_ROW = 256


def extract_and_over(
    foreground: UInt8, alpha: NDArray[Any], background: UInt8, blend: str = "srgb"
) -> tuple[NDArray[Any], UInt8]:
    """Join color and alpha to a layer; return the layer's mask and the layer over the background.

    Both steps treat each pixel by itself, so any list of pixels will do: a caller saves time by leaving out those
    that are plainly one or the other.

    Args:
        foreground: Straight color, sRGB encoding, uint8 ``(N, 3)``.
        alpha: uint8 or uint16 ``(N,)``.
        background: sRGB encoding, uint8 ``(N, 3)``.
        blend: ``srgb`` mixes the encoded values, ``linear`` the linear light that they encode.

    Returns:
        The mask, shape and dtype of ``alpha``, equal to it level for level; and the composite, uint8 ``(N, 3)``,
        within one level of `synthmat.images.alpha.over_uint8`.
    """
    from wand.image import Image

    count = alpha.size
    deep = alpha.dtype == np.uint16 or blend == "linear"
    kind = np.dtype("<u2") if deep else np.dtype(np.uint8)
    if blend == "linear":
        table = linear_levels()
        color: NDArray[Any] = table[foreground]
        below: NDArray[Any] = table[background]
    elif deep:
        color, below = foreground.astype(np.uint16) * 257, background.astype(np.uint16) * 257
    else:
        color, below = foreground, background
    weight = alpha.astype(np.uint16) * 257 if deep and alpha.dtype == np.uint8 else alpha
    rows = -(-count // _ROW)
    storage = "short" if deep else "char"
    with (
        Image.from_array(
            _picture(np.column_stack([color, weight]), rows), channel_map="RGBA", storage=storage
        ) as layer,
        Image.from_array(_picture(below, rows), channel_map="RGB", storage=storage) as canvas,
    ):
        with layer.clone() as mask:
            mask.alpha_channel = "extract"
            mask.depth = kind.itemsize * 8
            extracted = _pixels(mask.make_blob("gray"), kind, rows * _ROW)[:count]
        canvas.composite(layer, operator="over", left=0, top=0)
        canvas.depth = 16 if deep else 8
        composite = _pixels(canvas.make_blob("rgb"), kind, 3 * rows * _ROW).reshape(-1, 3)[:count]
    if alpha.dtype != kind:
        extracted = (extracted // 257).astype(alpha.dtype)
    if blend == "linear":
        return extracted, srgb_levels()[composite]
    return extracted, _to_8_bit(composite) if deep else composite


def _to_8_bit(levels: NDArray[Any]) -> UInt8:
    return np.asarray((levels.astype(np.uint32) + 128) // 257, np.uint8)


def _picture(pixels: NDArray[Any], rows: int) -> NDArray[Any]:
    """Return a list of pixels as a picture of ``rows`` rows, filled up with zeros."""
    picture = np.zeros((rows * _ROW, pixels.shape[1]), pixels.dtype)
    picture[: len(pixels)] = pixels
    return picture.reshape(rows, _ROW, -1)


def _pixels(blob: bytes | None, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    expected = count * dtype.itemsize
    if blob is None or len(blob) != expected:
        raise SynthmatError(f"ImageMagick gave {len(blob or b'')} bytes in place of {expected}; see `synthmat doctor`")
    return np.frombuffer(blob, dtype)
