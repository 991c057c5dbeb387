"""TIFF files of any channels, depth and extra samples, as no library here writes them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

_SHORT, _LONG = 3, 4


def write_tiff(
    path: Path, pixels: np.ndarray, *, extra: int | None = None, orientation: int = 1, white_is_zero: bool = False
) -> Path:
    """Write ``(H, W)`` or ``(H, W, N)`` as it is, uncompressed; ``extra`` is the tag ExtraSamples."""
    height, width = pixels.shape[:2]
    count = 1 if pixels.ndim == 2 else pixels.shape[2]
    photometric = 2 if count >= 3 else 0 if white_is_zero else 1
    tags: dict[int, tuple[int, list[int]]] = {
        256: (_LONG, [width]), 257: (_LONG, [height]), 258: (_SHORT, [pixels.dtype.itemsize * 8] * count),
        259: (_SHORT, [1]), 262: (_SHORT, [photometric]), 273: (_LONG, [0]), 274: (_SHORT, [orientation]),
        277: (_SHORT, [count]), 278: (_LONG, [height]), 279: (_LONG, [pixels.nbytes]), 284: (_SHORT, [1]),
        339: (_SHORT, [3 if pixels.dtype.kind == "f" else 1] * count),
    }  # fmt: skip
    if extra is not None:
        tags[338] = _SHORT, [extra]
    sizes = {tag: len(values) * (2 if kind == _SHORT else 4) for tag, (kind, values) in tags.items()}
    start = 8 + 2 + 12 * len(tags) + 4
    tags[273] = _LONG, [start + sum(size for size in sizes.values() if size > 4)]
    entries, more = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        packed: Any = struct.pack(f"<{len(values)}{'H' if kind == _SHORT else 'I'}", *values)
        if len(packed) > 4:
            packed, more = struct.pack("<I", start + len(more)), more + packed
        entries += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + more
    path.write_bytes(head + pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())
    return path
