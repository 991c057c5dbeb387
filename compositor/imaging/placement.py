"""From foregrounds to the object's pixels at their place in the sample; several are joined to one exact layer.

Everything here is premultiplied, so resizing, turning and blurring average the color that shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.imaging.foreground_image import ForegroundImage, UInt16
from synthmat.images.alpha import UInt8
from synthmat.sample_job import Layer

_TOP = 65535


@dataclass(frozen=True)
class Placed:
    """The part of a layer inside the sample.

    ``premultiplied`` is color times alpha, and alpha, sRGB encoding, uint16 ``(h, w, 4)``; ``left`` and ``top`` say
    where its corner lies in the sample. ``zoom`` is by how much the foreground was enlarged. ``matrix`` (2, 3) takes
    pixel centers of the foreground's whole frame to those of the sample.
    """

    premultiplied: UInt16
    left: int
    top: int
    zoom: float
    matrix: NDArray[np.float64]

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the sample that it covers."""
        height, width = self.premultiplied.shape[:2]
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def place(fg_image: ForegroundImage, layer: Layer, size: int) -> Placed | None:
    """Scale, mirror, rotate and blur a foreground into a ``size`` x ``size`` sample; None if no part lies inside."""
    if layer.whole:
        # All of the frame, so that rounding to whole pixels is the same for all frames of a clip.
        fg_image = fg_image.untrimmed()
    down, across = fg_image.premultiplied.shape[:2]
    middle = (fg_image.left + across / 2, fg_image.top + down / 2)
    zoom = layer.scale * size / max(across, down)
    # A hair of difference between asked and exact zoom would resample a render that is to be shown as it is.
    if math.isclose(zoom, 1.0, rel_tol=1e-6):
        zoom = 1.0
    placed = (
        _upright(fg_image, layer, zoom, size) if layer.rotate == 0 else _rotated(fg_image, layer, middle, zoom, size)
    )
    return _blurred(placed, layer.blur * size, size) if placed is not None and layer.blur > 0 else placed


def stacked(layers: Sequence[Placed], size: int) -> Placed:
    """Join layers, the nearest first, to one: the exact alpha and color of their stack.

    Porter and Duff's `over` on premultiplied color: P = P1 + (1 - a1) P2, a = a1 + (1 - a1) a2. The result keeps the
    zoom and the matrix of the first.
    """
    if len(layers) == 1:
        return layers[0]
    canvas = np.zeros((size, size, 4), np.float32)
    for layer in reversed(layers):
        near = layer.premultiplied.astype(np.float32)
        canvas[layer.box] *= 1 - near[..., 3:] / _TOP
        canvas[layer.box] += near
    top, left = (min(layer.box[axis].start for layer in layers) for axis in (0, 1))
    bottom, right = (max(layer.box[axis].stop for layer in layers) for axis in (0, 1))
    joined = np.rint(canvas[top:bottom, left:right]).clip(0, _TOP).astype(np.uint16)
    return Placed(joined, left, top, layers[0].zoom, layers[0].matrix)


def over_canvas(layer: Placed, canvas: UInt8) -> UInt8:
    """Return a layer over an opaque picture, uint8 ``(size, size, 3)``; for what belongs to the background."""
    result = canvas.copy()
    below = canvas[layer.box].astype(np.float32)
    near = layer.premultiplied.astype(np.float32) / 257
    result[layer.box] = np.rint(near[..., :3] + below * (1 - near[..., 3:] / 255)).clip(0, 255).astype(np.uint8)
    return result


def straight_levels(premultiplied: NDArray[Any], bit_depth: int) -> tuple[UInt8, NDArray[Any]]:
    """Return straight color, uint8 ``(h, w, 3)``, and alpha of ``bit_depth`` bits ``(h, w)``, of a layer.

    Args:
        premultiplied: uint16 ``(h, w, 4)``.
        bit_depth: 8 or 16.
    """
    pixels = np.ascontiguousarray(premultiplied)
    levels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    color = np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGBA2RGB), np.uint8)
    alpha16 = np.asarray(cv2.extractChannel(pixels, 3))
    soft = np.flatnonzero((alpha16 > 0) & (alpha16 < _TOP))
    if soft.size:
        mixed = pixels.reshape(-1, 4)[soft].astype(np.float32)
        straight = np.rint(mixed[:, :3] * (255 / mixed[:, 3:])).clip(0, 255)
        color.reshape(-1, 3)[soft] = straight.astype(np.uint8)
    if bit_depth == 16:
        return color, alpha16
    return color, np.asarray(cv2.extractChannel(levels, 3), np.uint8)


def _matrix(layer: Layer, middle: tuple[float, float], zoom: float, size: int) -> NDArray[np.float64]:
    """Return the way from pixel centers of the frame to those of the sample."""
    angle = math.radians(layer.rotate)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * zoom
    linear = turn @ np.diag([-1.0 if layer.flip else 1.0, 1.0])
    # Positions count from the corner of the first pixel, centers lie half a pixel further.
    offset = np.array([layer.x * size, layer.y * size]) - linear @ np.array(middle)
    offset += linear @ np.array([0.5, 0.5]) - 0.5
    return np.column_stack([linear, offset])


def _upright(fg_image: ForegroundImage, layer: Layer, zoom: float, size: int) -> Placed | None:
    """Place without rotation: a plain resize of no more than the pixels that show."""
    pixels = fg_image.premultiplied[:, ::-1] if layer.flip else fg_image.premultiplied
    height, width = pixels.shape[:2]
    columns = _Span.of(width, zoom, layer.x * size, size)
    rows = _Span.of(height, zoom, layer.y * size, size)
    if rows.length <= 0 or columns.length <= 0:
        return None
    part = np.ascontiguousarray(pixels[rows.source, columns.source])
    if part.shape[:2] != (rows.resized, columns.resized):
        part = _resized(part, columns.resized, rows.resized)
    part = part[rows.inside, columns.inside]
    # Corners lie on whole pixels, so the matrix is that of the pixels as they were put, not as requested.
    scale_x, scale_y = columns.whole / width, rows.whole / height
    mirrored = -scale_x if layer.flip else scale_x
    first = columns.corner + (columns.whole if layer.flip else 0)
    matrix = np.array(
        [
            [mirrored, 0, first + mirrored * (0.5 - fg_image.left) - 0.5],
            [0, scale_y, rows.corner + scale_y * (0.5 - fg_image.top) - 0.5],
        ]
    )
    return Placed(np.ascontiguousarray(part), columns.start, rows.start, zoom, _of_file(matrix, fg_image))


def _rotated(
    fg_image: ForegroundImage, layer: Layer, middle: tuple[float, float], zoom: float, size: int
) -> Placed | None:
    """Place with a rotation: shrunk by areas first, since a warp alone would skip pixels, then warped."""
    pixels, matrix = fg_image.premultiplied, _matrix(layer, middle, zoom, size)
    inner = matrix @ np.array([[1, 0, fg_image.left], [0, 1, fg_image.top], [0, 0, 1]])
    if zoom < 1:
        height, width = pixels.shape[:2]
        edges = max(1, round(width * zoom)), max(1, round(height * zoom))
        pixels = _resized(pixels, *edges)
        back = np.diag([width / edges[0], height / edges[1], 1.0])
        back[:2, 2] = (back[0, 0] - 1) / 2, (back[1, 1] - 1) / 2
        inner = inner @ back
    height, width = pixels.shape[:2]
    corners = inner @ np.array([[-1, width, -1, width], [-1, -1, height, height], [1, 1, 1, 1]], np.float64)
    left, top = (max(0, math.floor(values.min())) for values in corners)
    right, bottom = (min(size, math.ceil(values.max()) + 1) for values in corners)
    if right <= left or bottom <= top:
        return None
    inner[:, 2] -= left, top
    part = cv2.warpAffine(pixels, inner, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    return Placed(np.asarray(part, np.uint16), left, top, zoom, _of_file(matrix, fg_image))


def _of_file(matrix: NDArray[np.float64], fg_image: ForegroundImage) -> NDArray[np.float64]:
    """Return a matrix from the file's own pixels, of one from those of a cut that may be shrunk."""
    shrink = np.diag([fg_image.shrunk, fg_image.shrunk, 1.0])
    shrink[:2, 2] = (fg_image.shrunk - 1) / 2
    return np.asarray(matrix @ shrink)


def _blurred(placed: Placed, sigma: float, size: int) -> Placed:
    canvas = np.zeros((size, size, 4), np.uint16)
    canvas[placed.box] = placed.premultiplied
    blurred = np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.uint16)
    return Placed(blurred, 0, 0, placed.zoom, placed.matrix)


def _resized(pixels: UInt16, width: int, height: int) -> UInt16:
    """Shrinking averages areas, enlarging interpolates linearly: neither makes color exceed alpha."""
    shrinks = width <= pixels.shape[1] and height <= pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(pixels, (width, height), interpolation=method), np.uint16)
    return resized.reshape(height, width, 4)


@dataclass(frozen=True)
class _Span:
    """One axis: which source pixels are needed, their length once resized, and which of those lie in the sample.

    ``corner`` is where the whole of it begins in the sample and ``whole`` how long it is, seen or not.
    """

    source: slice
    resized: int
    inside: slice
    start: int
    corner: int
    whole: int

    @property
    def length(self) -> int:
        """How many pixels lie in the sample."""
        return int(self.inside.stop - self.inside.start)

    @classmethod
    def of(cls, pixels: int, zoom: float, center: float, size: int) -> _Span:
        """Place ``pixels`` times ``zoom`` around ``center`` in a frame of ``size``."""
        whole = max(1, round(pixels * zoom))
        corner = round(center - whole / 2)
        first, last = max(0, -corner), min(whole, size - corner)
        if first >= last:
            return cls(slice(0, 0), 0, slice(0, 0), 0, corner, whole)
        # Only the pixels that show, and a few more for the filter: a large scale would otherwise fill the memory.
        factor = whole / pixels
        begin = max(0, math.floor(first / factor) - 2)
        end = min(pixels, math.ceil(last / factor) + 2)
        offset = round(begin * factor)
        resized = round(end * factor) - offset
        return cls(slice(begin, end), resized, slice(first - offset, last - offset), corner + first, corner, whole)
