"""PNG files whose bytes depend on their pixels only: Blender writes dates and timings beside them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"})


def without_metadata(data: bytes) -> bytes:
    """Return the PNG file ``data`` without its text, time and EXIF chunks; pixels and colour space stay as they are.

    Raises:
        ValueError: ``data`` is not a PNG file, or is cut off.
    """
    return _SIGNATURE + b"".join(chunk for kind, chunk in _chunks(data) if kind not in _TEXT_CHUNKS)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the whole bytes of each chunk."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("not a PNG file")
    place = len(_SIGNATURE)
    kind = b""
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            break
        yield kind, data[place:end]
        place = end
    if kind != b"IEND" or place != len(data):
        raise ValueError("the PNG file is cut off")
