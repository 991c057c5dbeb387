"""From a rendered frame to the object's pixels at their place in the sample."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.alpha import Float, premultiply, resize_premultiplied, to_float, unpremultiply
from synthmat.errors import AssetError

Rgba = NDArray[Any]


@dataclass(frozen=True)
class Placed:
    """The part of the object inside the sample.

    ``rgb`` is straight colour, black under alpha 0, float32 ``(h, w, 3)``; ``alpha`` float32 ``(h, w)``; ``left`` and
    ``top`` say where its corner lies in the sample; ``zoom`` is by how much the render was enlarged.
    """

    rgb: Float
    alpha: Float
    left: int
    top: int
    zoom: float


def load_render(path: Path, sha256: str) -> Rgba:
    """Return a rendered frame cut to the box of its visible pixels: straight RGBA, uint8 or uint16 ``(h, w, 4)``.

    Raises:
        AssetError: The frame is missing, has changed since it was rendered, has no alpha, or shows nothing.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path}: the render cannot be read: {error.strerror}; run `synthmat render`") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise AssetError(f"{path}: the render has changed since it was made; run `synthmat render`")
    # OpenCV, since Pillow reads 16-bit RGBA as 8 bit without a word.
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.dtype not in (np.uint8, np.uint16):
        raise AssetError(f"{path}: the render is no RGBA picture of 8 or 16 bit")
    rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise AssetError(f"{path}: the matte is empty; the render shows nothing")
    box = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cv2.cvtColor(box, cv2.COLOR_BGRA2RGBA)


class RenderCache:
    """Keeps the frames read last, up to ``most_bytes``."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._frames: OrderedDict[tuple[str, str], Rgba] = OrderedDict()

    def load(self, path: str, sha256: str) -> Rgba:
        """Return `load_render` of a frame, from memory if it is there."""
        name = (path, sha256)
        if name in self._frames:
            self._frames.move_to_end(name)
            return self._frames[name]
        frame = load_render(Path(path), sha256)
        self._frames[name] = frame
        self._bytes += frame.nbytes
        while self._bytes > self._most_bytes and len(self._frames) > 1:
            self._bytes -= self._frames.popitem(last=False)[1].nbytes
        return frame


def place(render: Rgba, size: int, scale: float, x: float, y: float, *, flip: bool) -> Placed | None:
    """Scale an object and put it into a ``size`` x ``size`` sample; None if no part of it lies inside.

    Args:
        render: Straight RGBA cut to the object's box, uint8 or uint16 ``(h, w, 4)``.
        size: Edge of the sample, pixels.
        scale: Longer side of the box, share of ``size``.
        x: Centre of the box from the left, share of ``size``.
        y: Centre of the box from the top, share of ``size``.
        flip: Mirror the object left to right first.
    """
    if flip:
        render = render[:, ::-1]
    zoom = scale * size / max(render.shape[:2])
    rows = _Span.of(render.shape[0], zoom, y * size, size)
    columns = _Span.of(render.shape[1], zoom, x * size, size)
    if rows.length <= 0 or columns.length <= 0:
        return None
    straight = to_float(render[rows.source, columns.source])
    premultiplied = np.concatenate([premultiply(straight[..., :3], straight[..., 3]), straight[..., 3:]], axis=2)
    if premultiplied.shape[:2] != (rows.resized, columns.resized):
        premultiplied = resize_premultiplied(premultiplied, columns.resized, rows.resized)
    premultiplied = premultiplied[rows.inside, columns.inside]
    alpha = np.ascontiguousarray(premultiplied[..., 3])
    return Placed(unpremultiply(premultiplied[..., :3], alpha), alpha, columns.start, rows.start, zoom)


@dataclass(frozen=True)
class _Span:
    """One axis: which source pixels are needed, their length once resized, and which of those lie in the sample."""

    source: slice
    resized: int
    inside: slice
    start: int

    @property
    def length(self) -> int:
        """How many pixels lie in the sample."""
        return int(self.inside.stop - self.inside.start)

    @classmethod
    def of(cls, pixels: int, zoom: float, centre: float, size: int) -> _Span:
        """Place ``pixels`` times ``zoom`` around ``centre`` in a frame of ``size``."""
        whole = max(1, round(pixels * zoom))
        corner = round(centre - whole / 2)
        first, last = max(0, -corner), min(whole, size - corner)
        if first >= last:
            return cls(slice(0, 0), 0, slice(0, 0), 0)
        # Only the pixels that show, and a few more for the filter: a large scale would otherwise fill the memory.
        factor = whole / pixels
        begin = max(0, math.floor(first / factor) - 2)
        end = min(pixels, math.ceil(last / factor) + 2)
        offset = round(begin * factor)
        resized = round(end * factor) - offset
        return cls(slice(begin, end), resized, slice(first - offset, last - offset), corner + first)
