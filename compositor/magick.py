"""The two steps that ImageMagick does, through Wand, on pixels in memory; it never sees the name of a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.alpha import UInt8
from synthmat.errors import SynthmatError


def extract_and_over(foreground: UInt8, alpha: NDArray[Any], background: UInt8) -> tuple[NDArray[Any], UInt8]:
    """Join colour and alpha to a layer; return the layer's mask and the layer over the background.

    Args:
        foreground: Straight colour, uint8 ``(H, W, 3)``.
        alpha: uint8 or uint16 ``(H, W)``.
        background: uint8 ``(H, W, 3)``.

    Returns:
        The mask, shape and dtype of ``alpha``, equal to it level for level; and the composite, uint8 ``(H, W, 3)``,
        within one level of `synthmat.alpha.over_uint8`.
    """
    from wand.image import Image

    deep = alpha.dtype == np.uint16
    colour = foreground.astype(np.uint16) * 257 if deep else foreground
    rgba = np.ascontiguousarray(np.dstack([colour, alpha]))
    with (
        Image.from_array(rgba, channel_map="RGBA", storage="short" if deep else "char") as layer,
        Image.from_array(np.ascontiguousarray(background), channel_map="RGB", storage="char") as canvas,
    ):
        with layer.clone() as mask:
            mask.alpha_channel = "extract"
            mask.depth = 16 if deep else 8
            extracted = _pixels(mask.make_blob("gray"), np.dtype("<u2") if deep else np.dtype(np.uint8), alpha.shape)
        canvas.composite(layer, operator="over", left=0, top=0)
        canvas.depth = 8
        composite = _pixels(canvas.make_blob("rgb"), np.dtype(np.uint8), background.shape)
    return extracted.astype(alpha.dtype, copy=False), composite


def _pixels(blob: bytes | None, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    expected = int(np.prod(shape)) * dtype.itemsize
    if blob is None or len(blob) != expected:
        raise SynthmatError(f"ImageMagick gave {len(blob or b'')} bytes in place of {expected}; see `synthmat doctor`")
    return np.frombuffer(blob, dtype).reshape(shape)
