"""Coverage of opaque triangles without a path tracer: which fraction of each pixel they hide, film filter included.

What hides a pixel is the union of all triangles, whichever lies in front: along a scanline, where at least one of them
is. A triangle begins at one of its sides and ends at another, and where two neighbors meet, one begins as the other
ends. So only outlines count: sides without a neighbor, and those over which a surface folds back. Where the number of
layers along a scanline rises from zero and falls back to it are exact numbers, through which the filter is integrated
exactly. Across scanlines it is summed, which is as good unless an edge runs along them; so sharp pictures are made with
scanlines along rows and again along columns, and each pixel believes those that cross its edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_REACH = 3
"""Width of the filter in pixels."""
_PAD = 1
"""Pixels beyond the frame that its outermost pixels see."""
_WINDOW = (0.35875, -0.48829, 0.14128, -0.01168)
"""Amplitudes of the Blackman-Harris window's waves: the window of Cycles' film filter."""
_TRACE = 2.0**-17
"""Half a level of 16 bits: less is nothing."""
_STEPS = 2**24
"""Positions within a pixel that are distinguished along a scanline."""
_MAX_CROSSINGS = 4_000_000
_MAX_CELLS = 8_000_000


class Mesh(NamedTuple):
    """Triangles that know their neighbors.

    ``points`` are world coordinates (V, 3), ``faces`` their corners (N, 3), ``edges`` the ends of each side that is
    there (E, 2), ``sides`` which of these the first, second and third sides of all faces are (3N,), and ``ways``
    whether they run the same way (1) or the other (-1). ``single`` (N,), where there are any, are those that are not
    seen from behind, which is where their corners run clockwise.
    """

    points: Float
    faces: Indices
    edges: Indices
    sides: Indices
    ways: Float
    single: Mask | None = None


class Outline(NamedTuple):
    """Lines ``(M, 2)`` to ``(M, 2)`` in pixels, and how many layers begin to the right of each that runs upwards.

    x goes to the right and y down, the frame's top left corner is at (0, 0).
    """

    start: Float
    end: Float
    layers: Float

    def transposed(self) -> Outline:
        """Return the outline of the same picture with rows for columns."""
        return Outline(self.start[:, ::-1], self.end[:, ::-1], -self.layers)


def connect(points: npt.NDArray[Any], faces: Indices, single: Mask | None = None) -> Mesh:
    """Return a mesh of points ``(V, 3)`` and corners ``(N, 3)``; points in one place become one.

    ``single`` (N,) are the faces that are not seen from behind.
    """
    if len(points):
        exact = np.ascontiguousarray(points, np.float64) + 0.0  # no negative zero
        marks = exact.view(np.uint64) * np.array(
            [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64
        )
        marks ^= marks >> np.uint64(29)
        _, first, place = np.unique(
            (marks * np.uint64(0xBF58476D1CE4E5B9)).sum(axis=1), return_index=True, return_inverse=True
        )
        merged = exact[first]
        if (merged[place.reshape(-1)] == exact).all():
            points, faces = merged, place.reshape(-1)[faces]
    heads, tails = faces.T.reshape(-1), np.roll(faces, -1, axis=1).T.reshape(-1)
    low, high = np.minimum(heads, tails), np.maximum(heads, tails)
    keys, sides = np.unique(low * (len(points) + 1) + high, return_inverse=True)
    edges = np.stack(np.divmod(keys, len(points) + 1), axis=1)
    return Mesh(
        np.asarray(points, np.float64),
        faces,
        edges,
        sides.reshape(-1),
        np.sign(tails - heads).astype(np.float64),
        single if single is not None and single.any() else None,
    )


def project(mesh: Mesh, matrix: Float, intrinsics: Float, *, near: float, far: float) -> Outline:
    """Return the outline of what a camera sees of a mesh, cut at its clipping planes.

    ``matrix`` is the camera's ``(4, 4)``, camera to world, looking along its own -Z, ``intrinsics`` ``(3, 3)`` in
    pixels.
    """
    seen = (mesh.points - matrix[:3, 3]) @ matrix[:3, :3]
    depth = -seen[:, 2]
    shown = np.ones(len(mesh.faces), np.bool_) if mesh.single is None else ~(mesh.single & behind(seen[mesh.faces]))
    if len(seen) and (depth.min() <= near or depth.max() >= far):
        cut = _clipped(_clipped(seen[mesh.faces[shown]], near, 1.0), far, -1.0).reshape(-1, 3)
        mesh = connect(cut, np.arange(len(cut)).reshape(-1, 3))
        seen, shown = mesh.points, np.ones(len(mesh.faces), np.bool_)
    x = intrinsics[0, 2] - intrinsics[0, 0] * seen[:, 0] / seen[:, 2]
    y = intrinsics[1, 2] + intrinsics[1, 1] * seen[:, 1] / seen[:, 2]
    (xa, xb, xc), (ya, yb, yc) = x[mesh.faces.T], y[mesh.faces.T]
    facing = np.sign((xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)) * shown
    layers = np.bincount(mesh.sides, np.tile(facing, 3) * mesh.ways, minlength=len(mesh.edges)).astype(np.float64)
    kept = np.flatnonzero(layers)
    start, end = mesh.edges[kept].T
    return Outline(np.stack([x[start], y[start]], axis=1), np.stack([x[end], y[end]], axis=1), layers[kept])


def behind(triangles: Float) -> Mask:
    """Return which triangles (N, 3, 3) in camera space turn their back to the camera: their corners run clockwise."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return np.asarray((np.cross(b - a, c - a) * a).sum(axis=1) >= 0)


def _clipped(triangles: Float, plane: float, side: float) -> Float:
    """Return what of triangles in camera space lies beyond (``side`` 1) or before (-1) a depth."""
    inside = (-triangles[..., 2] - plane) * side
    kept = (inside > 0).sum(axis=1)
    pieces = [triangles[kept == 3]]
    for corners in (1, 2):
        cut, ahead = triangles[kept == corners], inside[kept == corners]
        if not len(cut):
            continue
        # The corner that is alone on its side comes first.
        alone = np.argmax((ahead > 0) if corners == 1 else (ahead <= 0), axis=1)
        order = (alone[:, None] + np.arange(3)) % 3
        cut, ahead = np.take_along_axis(cut, order[..., None], axis=1), np.take_along_axis(ahead, order, axis=1)
        fraction = ahead[:, :1] / (ahead[:, :1] - ahead[:, 1:])
        crossing = cut[:, :1] + fraction[..., None] * (cut[:, 1:] - cut[:, :1])
        if corners == 1:
            pieces.append(np.stack([cut[:, 0], crossing[:, 0], crossing[:, 1]], axis=1))
        else:
            pieces.append(np.stack([crossing[:, 0], cut[:, 1], cut[:, 2]], axis=1))
            pieces.append(np.stack([crossing[:, 0], cut[:, 2], crossing[:, 1]], axis=1))
    return np.concatenate(pieces)


def coverage(outline: Outline, width: int, height: int, *, scanlines: int, offsets: tuple[float, float]) -> Float:
    """Return which fraction of each pixel is inside an outline, ``(height, width)`` in 0..1.

    ``scanlines`` is their number in a pixel, along rows and along columns; ``offsets`` shift them, 0..1 of their
    distance.
    """
    along_rows = scanned([outline], width, height, scanlines=scanlines, offsets=offsets[:1])
    along_columns = scanned([outline.transposed()], height, width, scanlines=scanlines, offsets=offsets[1:]).T
    trust = _crossing(along_rows + along_columns)
    return np.asarray(trust * along_rows + (1 - trust) * along_columns)


def scanned(outlines: Iterable[Outline], width: int, height: int, *, scanlines: int, offsets: Sequence[float]) -> Float:
    """Return the mean coverage of several pictures, ``(height, width)`` in 0..1, by scanlines along rows.

    ``scanlines`` is their number in a pixel of each picture; ``offsets`` shift those of each, 0..1 of their distance.
    """
    changes = np.zeros((height + 4, width + 6))  # two rows more on either side than there are, for what is seen there
    whole = 0.0
    for outline, offset in zip(outlines, offsets, strict=True):
        weights = _row_weights(scanlines, offset)
        whole += float(weights.sum())
        sides = edge_table(outline, height, scanlines, offset)
        for first, last in _bands(sides, width, height, scanlines):
            rows = _edges(sides, first * scanlines, last * scanlines, width).reshape(last - first, scanlines, -1)
            for shift, fraction in enumerate(weights):
                changes[first + shift : last + shift] += fraction @ rows
    found = np.cumsum(changes / whole, axis=1)[2:-2, 2 : width + 2]
    found[found < _TRACE] = 0
    found[found > 1 - _TRACE] = 1
    return np.asarray(found)


def _crossing(picture: Float) -> Float:
    """Return how far each pixel's edges run across rows (1) or across columns (0)."""
    padded = np.pad(picture, 1, mode="edge")
    x = np.square(padded[1:-1, 2:] - padded[1:-1, :-2])
    y = np.square(padded[2:, 1:-1] - padded[:-2, 1:-1])
    x, y = (np.square(cv2.blur(part, (3, 3))) + 1e-12 for part in (x, y))
    return np.asarray(x / (x + y))


class EdgeTable(NamedTuple):
    """Lines on a grid of scanlines: those that cross each, x at the first and from one to the next, layers begun."""

    first: Indices
    number: Indices
    x: Float
    step: Float
    layers: Float


def edge_table(outline: Outline, height: int, scanlines: int, offset: float) -> EdgeTable:
    """Return the edge table of an outline: the edges that any scanline crosses."""
    ya, yb = ((ends[:, 1] + _PAD) * scanlines - offset for ends in (outline.start, outline.end))
    lines = (height + 2 * _PAD) * scanlines
    first, last = (np.clip(np.ceil(y), 0, lines).astype(np.int64) for y in (ya, yb))
    crossed = np.flatnonzero(first != last)
    first, last, ya, yb = first[crossed], last[crossed], ya[crossed], yb[crossed]
    x = outline.start[crossed, 0] + _PAD
    step = (outline.end[crossed, 0] + _PAD - x) / (yb - ya)
    downwards = first < last
    layers = np.where(downwards, -1, 1) * outline.layers[crossed]
    first, number = np.where(downwards, first, last), np.abs(last - first)
    return EdgeTable(first, number, x + (first - ya) * step, step, layers)


def _bands(sides: EdgeTable, width: int, height: int, scanlines: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of pixels, from one to before another, that are scanned together to bound memory."""
    lines = (height + 2 * _PAD) * scanlines
    begun, ended = (np.bincount(line, minlength=lines + 1) for line in (sides.first, sides.first + sides.number))
    crossings = np.cumsum(np.cumsum(begun - ended)[:-1].reshape(-1, scanlines).sum(axis=1))
    first, most = 0, max(1, _MAX_CELLS // (scanlines * (width + 6)))
    while first < len(crossings):
        before = crossings[first - 1] if first else 0
        last = int(np.searchsorted(crossings, before + _MAX_CROSSINGS, side="right"))
        last = min(max(last, first + 1), first + most, len(crossings))
        if crossings[last - 1] > before:
            yield first, last
        first = last


def boundaries(sides: EdgeTable, first: int, last: int, width: int) -> tuple[Float, Float, Float]:
    """Return where along scanlines from ``first`` to before ``last`` something begins (1) and where it ends (-1).

    That is the line, counted from the first, x in pixels from one before the frame, and the sign.
    """
    line, x, layers = _crossings(sides, first, last)
    pitch = width + 8.0
    place = line * pitch + np.clip(x, 0, width + 2 * _PAD)
    # Whole numbers that tell place and layers are sorted several times faster than places that layers must follow.
    most = int(np.abs(layers).max(initial=0))
    bits = (2 * most).bit_length()
    marks = (place * _STEPS).astype(np.int64) << bits
    marks |= (layers + most).astype(np.int64)
    marks.sort()
    covered = np.cumsum((marks & ((1 << bits) - 1)) - most) > 0
    changes_at = np.flatnonzero(covered[1:] != covered[:-1]) + 1
    changes_at = np.concatenate([[0], changes_at]) if len(covered) and covered[0] else changes_at
    bounds, sign = (marks[changes_at] >> bits) / _STEPS, np.where(covered[changes_at], 1.0, -1.0)
    line = np.floor(bounds / pitch)
    return line, bounds - line * pitch, sign


def _edges(sides: EdgeTable, first: int, last: int, width: int) -> Float:
    """Return how filtered coverage changes from pixel to pixel along scanlines, ``(last - first, width + 6)``.

    Pixels begin at the third; the sum of all changes up to a pixel is its coverage.
    """
    line, x, sign = boundaries(sides, first, last, width)
    cell = np.floor(x)
    fraction = x - cell
    start = (line * (width + 6) + cell).astype(np.int64)
    changes = np.zeros((last - first) * (width + 6))
    below: Float | float = 0.0
    for step in range(_REACH + 1):
        seen = 1 - filter_integral(fraction + 0.5 - step)
        changes += np.bincount(start + step, sign * (seen - below), minlength=len(changes))
        below = seen
    return changes.reshape(last - first, width + 6)


def _crossings(sides: EdgeTable, first: int, last: int) -> tuple[Float, Float, Float]:
    """Return line, counted from ``first``, x and layers begun of every crossing of the scanlines before ``last``."""
    start, stop = np.maximum(sides.first, first), np.minimum(sides.first + sides.number, last)
    here = np.flatnonzero(stop > start)
    count = (stop - start)[here]
    side = np.repeat(here, count)
    line = np.arange(len(side)) - np.repeat(np.cumsum(count) - count - start[here], count)
    x = sides.x[side] + (line - sides.first[side]) * sides.step[side]
    return (line - first).astype(np.float64), x, sides.layers[side]


def _row_weights(scanlines: int, offset: float) -> Float:
    """Return the weight of each scanline of a pixel for the row before it, its own and the row after."""
    below = (np.arange(scanlines) + offset) / scanlines - 0.5
    return np.asarray(filter_density(below + np.array([[1.0], [0.0], [-1.0]])) / scanlines)


def filter_density(x: Float) -> Float:
    """Return the Blackman-Harris window, 3 pixels wide, at a distance in pixels from the pixel's center."""
    phase = 2 * np.pi * (np.clip(x / _REACH, -0.5, 0.5) + 0.5)
    waves = sum(fraction * np.cos(n * phase) for n, fraction in enumerate(_WINDOW))
    return np.asarray(waves / (_WINDOW[0] * _REACH))


def filter_integral(x: Float) -> Float:
    """Return the integral of `filter_density` up to a distance: 0 before the window and 1 behind it."""
    phase = 2 * np.pi * (np.clip(x / _REACH, -0.5, 0.5) + 0.5)
    waves = sum(fraction / n * np.sin(n * phase) for n, fraction in enumerate(_WINDOW) if n)
    return np.asarray((phase + waves / _WINDOW[0]) / (2 * np.pi))
