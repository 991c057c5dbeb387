"""Stored pictures: what their header says without decoding, and their levels."""

from __future__ import annotations

import io
import struct
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.errors import AssetError

_PNG = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


class Header(NamedTuple):
    """Format (``png`` or ``jpg``), edges in pixels, channels and bits of each."""

    format: str
    width: int
    height: int
    channels: int
    bits: int

    def __str__(self) -> str:
        return f"{self.format} {self.width} x {self.height}, {self.channels} x {self.bits} bit"


def read_header(data: bytes) -> Header:
    """Return the header of a file.

    Raises:
        AssetError: It is no PNG without palette, and no JPEG.
    """
    if data.startswith(_PNG) and len(data) > 26:
        width, height, bits, color = struct.unpack(">IIBB", data[16:26])
        if color in _CHANNELS:
            return Header("png", width, height, _CHANNELS[color], bits)
    if data.startswith(b"\xff\xd8"):
        try:
            with Image.open(io.BytesIO(data), formats=["JPEG"]) as file:
                return Header("jpg", *file.size, len(file.getbands()), 8)
        except (OSError, SyntaxError, ValueError):
            pass
    raise AssetError("is no picture" if data else "is empty")


def decode_levels(data: bytes, *, intact: bool) -> NDArray[Any]:
    """Return the levels of a PNG or JPEG, uint8 or uint16, ``(H, W)`` or ``(H, W, 3)`` in BGR order.

    Args:
        data: The file.
        intact: Its checksum is right; others are first decoded by Pillow, which accepts no file that ends early.

    Raises:
        AssetError: It cannot be decoded.
    """
    if not intact:
        try:
            with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as file:
                file.load()
        except (OSError, SyntaxError, ValueError) as error:
            raise AssetError(f"cannot be decoded: {error}") from None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise AssetError("cannot be decoded")
    return np.asarray(pixels)
