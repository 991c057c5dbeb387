"""The outline of hair: strands are flat ribbons that face the camera.

Cycles lays a Catmull-Rom curve through a strand's points and cuts each of its segments into straight pieces. A piece is
as wide as the strand is thick, across both its own way and the ray that meets it, so that in a picture it is a
quadrilateral, and those of a strand share the sides where they meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.matte.coverage.coverage import Outline

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_PIECES = 5
"""Of a segment: one more than the 4 that the setting of 2 subdivisions stands for, when it is Embree that traces."""
_UNEVEN = 1e-3
_SHORT_PX = 2.0
_NO_WAY = 1e-9


class Strands(NamedTuple):
    """Strands one after the other: ``points`` (P, 3), radii (P,), and how many points each strand has (S,)."""

    points: Float
    radii: Float
    counts: Indices


class Ribbons(NamedTuple):
    """Where pieces meet, ``places`` (3, N), with ways (3, N) and radii (N,), and which begin one that the next ends."""

    places: Float
    ways: Float
    radii: Float
    begins: Mask


def read_strands(curves: Any) -> Strands | None:
    """Return the strands of hair curves in their own space, None where they are not plain Catmull-Rom curves.

    ``curves`` are `bpy.types.Curves` after evaluation.
    """
    attributes = curves.attributes
    radius = attributes.get("radius")
    if radius is None or radius.domain != "POINT" or radius.data_type != "FLOAT":
        return None
    if any(_values(attributes[name]).any() for name in ("curve_type", "cyclic") if name in attributes):
        return None
    starts = np.empty(len(curves.curves) + 1, np.int32)
    curves.curve_offset_data.foreach_get("value", starts)
    points = np.empty(len(curves.points) * 3, np.float32)
    curves.attributes["position"].data.foreach_get("vector", points)
    return Strands(points.reshape(-1, 3).astype(np.float64), _values(radius), np.diff(starts).astype(np.int64))


def _values(attribute: Any) -> Float:
    values = np.empty(len(attribute.data), np.float32)
    attribute.data.foreach_get("value", values)
    return values.astype(np.float64)


def moved(strands: Strands, matrix: Float) -> Strands | None:
    """Return strands under a transform ``(4, 4)``; None where it is not as large in all directions."""
    scales = np.linalg.svd(matrix[:3, :3], compute_uv=False)
    if scales[0] - scales[2] > _UNEVEN * scales[0]:
        return None
    return Strands(
        strands.points @ matrix[:3, :3].T + matrix[:3, 3], strands.radii * np.cbrt(scales.prod()), strands.counts
    )


def joined(parts: Sequence[Strands]) -> Strands:
    """Return all strands of several."""
    points, radii, counts = zip(*parts, strict=True)
    return Strands(np.concatenate(points), np.concatenate(radii), np.concatenate(counts))


def cut(strands: Strands, matrix: Float, intrinsics: Float, *, apart: float) -> Ribbons:
    """Return strands as straight pieces whose middles lie so many pixels ``apart`` from their curves, for a camera.

    There are no more of them than Cycles has. See `project_ribbons` for the camera.
    """
    points = strands.points
    here = np.arange(len(points))
    last = np.cumsum(strands.counts)
    first, last = (np.repeat(ends, strands.counts) for ends in (last - strands.counts, last - 1))
    before, after = np.maximum(here - 1, first), np.minimum(here + 1, last)
    x, y, z = matrix[:3, :3].T @ (points - matrix[:3, 3]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = np.stack(_in_pixels(x, y, z, intrinsics))
        bends = np.abs(flat[:, after] - 2 * flat + flat[:, before]).max(axis=0)
        pieces = np.ceil(np.sqrt(np.maximum(bends, bends[after]) / (8 * apart)))
    # The points that end strands have no segment, only themselves.
    pieces = np.where(here < last, np.clip(np.nan_to_num(pieces, nan=1.0), 1, _PIECES), 1).astype(np.int64)
    owner = np.repeat(here, pieces)
    t = (np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[owner]
    keys = np.concatenate([points.T, strands.radii[None]])
    a, b, c, d = (keys[:, key] for key in (before, here, after, np.minimum(here + 2, last)))
    # The curve and its radius are polynomials of t, those of Catmull and Rom.
    linear, square, cube = ((part / 2)[:, owner] for part in (c - a, 2 * a - 5 * b + 4 * c - d, 3 * (b - c) + d - a))
    found = b[:, owner] + t * (linear + t * (square + t * cube))
    ways = (linear + t * (2 * square + 3 * t * cube))[:3]
    still = np.flatnonzero((np.abs(ways) < _NO_WAY).all(axis=0))
    if len(still):
        ways[:, still] = (np.diff(found[:3], append=found[:3, -1:]))[:, still]
    return Ribbons(found[:3], ways, found[3], (here < last)[owner])


def project_ribbons(
    ribbons: Ribbons, matrix: Float, intrinsics: Float, *, near: float, far: float, hidden: Mask | None = None
) -> Outline:
    """Return the outline of what a camera sees of ribbons, without pieces that are not between its clipping planes.

    ``matrix`` is the camera's ``(4, 4)``, camera to world, looking along its own -Z, ``intrinsics`` ``(3, 3)`` in
    pixels. Short pieces that begin and end in ``hidden`` pixels ``(H, W)`` are left out.
    """
    rotation = matrix[:3, :3].T
    x, y, z = rotation @ (ribbons.places - matrix[:3, 3:])
    if hidden is not None:
        kept, begins = _outside(hidden, _in_pixels(x, y, z, intrinsics), ribbons.begins)
        ribbons = Ribbons(ribbons.places[:, kept], ribbons.ways[:, kept], ribbons.radii[kept], begins)
        x, y, z = x[kept], y[kept], z[kept]
    dx, dy, dz = rotation @ ribbons.ways
    across = dy * z - dz * y, dz * x - dx * z, dx * y - dy * x
    scale = ribbons.radii / np.maximum(np.sqrt(sum(part * part for part in across)), 1e-30)
    ax, ay, az = (part * scale for part in across)
    ahead = (-z - ribbons.radii > near) & (-z + ribbons.radii < far)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        left = _in_pixels(x + ax, y + ay, z + az, intrinsics)
        right = _in_pixels(x - ax, y - ay, z - az, intrinsics)
        return _around(left, right, ribbons.begins[:-1] & ahead[:-1] & ahead[1:])


def _outside(hidden: Mask, place: tuple[Float, Float], begins: Mask) -> tuple[Indices, Mask]:
    """Return which stations are ends of pieces that are not hidden, and which of those begin one."""
    height, width = hidden.shape
    column, row = (np.nan_to_num(axis, nan=-1, posinf=-1, neginf=-1) for axis in place)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    covered = hidden[np.where(inside, row, 0).astype(np.int64), np.where(inside, column, 0).astype(np.int64)] & inside
    short = (np.abs(np.diff(column)) < _SHORT_PX) & (np.abs(np.diff(row)) < _SHORT_PX)
    pieces = begins.copy()
    pieces[:-1] &= ~(covered[:-1] & covered[1:] & short)
    kept = np.flatnonzero(pieces | np.append(False, pieces[:-1]))
    return kept, pieces[kept]


def _in_pixels(x: Float, y: Float, z: Float, intrinsics: Float) -> tuple[Float, Float]:
    return intrinsics[0, 2] - intrinsics[0, 0] * x / z, intrinsics[1, 2] + intrinsics[1, 1] * y / z


def _around(left: tuple[Float, Float], right: tuple[Float, Float], pieces: Mask) -> Outline:
    """Return lines round those pieces, of all from each station to the next, whose ends are these."""
    corners = [np.stack(ends, axis=1) for ends in (left, right)]
    a, b, c, d = corners[0][:-1], corners[0][1:], corners[1][1:], corners[1][:-1]
    first, second = _areas(a, b, d), _areas(c, d, b)
    kept = np.flatnonzero(pieces & (first >= 0) & (second >= 0))
    opens, closes = (np.zeros(len(corners[0]), np.bool_) for _ in range(2))
    opens[kept], closes[kept + 1] = True, True
    heads, tails = np.flatnonzero(opens & ~closes), np.flatnonzero(closes & ~opens)
    lines = [
        (a[kept], b[kept]),
        (c[kept], d[kept]),
        (corners[1][heads], corners[0][heads]),
        (corners[0][tails], corners[1][tails]),
    ]
    # Where a strand bends more sharply than it is wide its sides cross: Cycles sees the half that is not turned over.
    for area, triangle in ((first, (a, b, d)), (second, (c, d, b))):
        half = np.flatnonzero(pieces & (area > 0) & ((first < 0) | (second < 0)))
        lines += [(triangle[one][half], triangle[other][half]) for one, other in ((0, 1), (1, 2), (2, 0))]
    start, end = (np.concatenate(ends) for ends in zip(*lines, strict=True))
    return Outline(start, end, np.ones(len(start)))


def _areas(a: Float, b: Float, c: Float) -> Float:
    """Return twice the areas of triangles whose corners follow one another clockwise, negative where they do not."""
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
