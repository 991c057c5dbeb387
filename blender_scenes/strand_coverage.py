"""The outline of hair: strands are flat ribbons that turn their face to whoever looks.

Cycles lays a Catmull-Rom curve through a strand's points and cuts each of its segments into straight pieces. A piece is
as wide as the strand is thick, across both its own way and the ray that meets it, so that in a picture it is a
quadrilateral, and those of a strand share the sides where they meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.coverage import Outline

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_PIECES = 5
"""Of a segment: one more than the 4 that the setting of 2 subdivisions stands for, when it is Embree that traces."""
_NEAR_ENOUGH = 0.02
"""Pixels that the middle of a piece may lie beside the curve."""
_UNEVEN = 1e-3


class Strands(NamedTuple):
    """Strands one after the other: ``points`` (P, 3), radii (P,), and how many points each strand has (S,)."""

    points: Float
    radii: Float
    counts: Indices


def read_strands(curves: bpy.types.Curves) -> Strands | None:
    """Return the strands of hair curves in their own space, None where they are not plain Catmull-Rom curves."""
    attributes = curves.attributes
    radius = attributes.get("radius")
    if radius is None or radius.domain != "POINT" or radius.data_type != "FLOAT":
        return None
    if any(_values(attributes[name], 1).any() for name in ("curve_type", "cyclic") if name in attributes):
        return None
    starts = np.empty(len(curves.curves) + 1, np.int32)
    curves.curve_offset_data.foreach_get("value", starts)
    points = np.empty(len(curves.points) * 3, np.float32)
    curves.attributes["position"].data.foreach_get("vector", points)
    return Strands(
        points.reshape(-1, 3).astype(np.float64), _values(radius, len(curves.points)), np.diff(starts).astype(np.int64)
    )


def _values(attribute: Any, count: int) -> Float:
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


def project_strands(strands: Strands, matrix: Float, intrinsics: Float, *, near: float, far: float) -> Outline:
    """Return the outline of what a camera sees of strands; pieces that are not between its clipping planes are left out.

    ``matrix`` is the camera's ``(4, 4)``, camera to world, looking along its own -Z, ``intrinsics`` ``(3, 3)`` in
    pixels.
    """
    seen = (strands.points - matrix[:3, 3]) @ matrix[:3, :3]
    places, radii, ways, begins = _stations(strands, seen, intrinsics)
    across = np.cross(ways, places)
    lengths = np.sqrt(np.einsum("ij,ij->i", across, across))
    across *= (radii / np.maximum(lengths, 1e-30))[:, None]
    left, right = (_in_pixels(side, intrinsics) for side in (places + across, places - across))
    depth = -places[:, 2]
    ahead = (depth - radii > near) & (depth + radii < far)
    pieces = np.flatnonzero(begins[:-1] & ahead[:-1] & ahead[1:])
    return _around(left, right, pieces)


def _stations(strands: Strands, seen: Float, intrinsics: Float) -> tuple[Float, Float, Float, npt.NDArray[np.bool_]]:
    """Return where pieces meet (N, 3), radii and ways there, and which of them a piece begins at, to end at the next.

    There are as many as it takes for the pieces to look like the curve, and no more than Cycles has.
    """
    here = np.arange(len(seen))
    last = np.cumsum(strands.counts)
    first, last = (np.repeat(ends, strands.counts) for ends in (last - strands.counts, last - 1))
    before, after, later = np.maximum(here - 1, first), np.minimum(here + 1, last), np.minimum(here + 2, last)
    tangents = (seen[after] - seen[before]) / 2
    flat = _in_pixels(seen, intrinsics)
    bends = np.abs(flat[after] - 2 * flat + flat[before]).max(axis=1)
    typical = float(np.percentile(bends, 98)) / 8 if len(bends) else 0.0
    pieces = min(_PIECES, max(1, int(np.ceil(np.sqrt(typical / _NEAR_ENOUGH)))))
    begins = here < last
    if pieces == 1:
        return seen, strands.radii, _never_still(tangents, seen), begins
    t = np.arange(pieces)[:, None] / pieces
    shares = np.concatenate(
        [t * (t * (2 - t) - 1), t * t * (3 * t - 5) + 2, t * (t * (4 - 3 * t) + 1), t * t * (t - 1)], axis=1
    )
    slopes = np.concatenate(
        [t * (4 - 3 * t) - 1, t * (9 * t - 10), t * (8 - 9 * t) + 1, t * (3 * t - 2)], axis=1
    )
    corners = np.concatenate([seen, strands.radii[:, None]], axis=1)[np.stack([before, here, after, later], axis=1)]
    found, ways = ((factors / 2 @ corners).reshape(-1, 4) for factors in (shares, slopes))
    places = np.ascontiguousarray(found[:, :3])
    # The points that end strands have no segment, only themselves.
    kept = np.repeat(begins, pieces) | (np.arange(len(places)) % pieces == 0)
    places, ways = places[kept], ways[kept, :3]
    return places, found[kept, 3], _never_still(ways, places), np.repeat(begins, pieces)[kept]


def _never_still(ways: Float, places: Float) -> Float:
    """Return ways that are those to the next place where they were none."""
    still = np.flatnonzero(np.abs(ways).max(axis=1) < 1e-9) if len(ways) else np.empty(0, np.int64)
    if len(still):
        ways[still] = places[np.minimum(still + 1, len(places) - 1)] - places[np.minimum(still, len(places) - 2)]
    return ways


def _in_pixels(seen: Float, intrinsics: Float) -> Float:
    x = intrinsics[0, 2] - intrinsics[0, 0] * seen[:, 0] / seen[:, 2]
    y = intrinsics[1, 2] + intrinsics[1, 1] * seen[:, 1] / seen[:, 2]
    return np.stack([x, y], axis=1)


def _around(left: Float, right: Float, pieces: Indices) -> Outline:
    """Return lines round pieces from one station, with these left and right ends, to the next."""
    a, b = pieces, pieces + 1
    first, second = _areas(left[a], left[b], right[a]), _areas(right[b], right[a], left[b])
    whole = (first >= 0) & (second >= 0)
    from_, to = a[whole], b[whole]
    opens, closes = (np.zeros(len(left), np.bool_) for _ in range(2))
    opens[from_], closes[to] = True, True
    heads, tails = np.flatnonzero(opens & ~closes), np.flatnonzero(closes & ~opens)
    lines = [(left[from_], left[to]), (right[to], right[from_]), (right[heads], left[heads]), (left[tails], right[tails])]
    # Where a strand bends more sharply than it is wide its sides cross, and Cycles sees the half that is not turned over.
    for turned, corners in ((first, (left[a], left[b], right[a])), (second, (right[b], right[a], left[b]))):
        half = np.flatnonzero(~whole & (turned > 0))
        for one, other in ((0, 1), (1, 2), (2, 0)):
            lines.append((corners[one][half], corners[other][half]))
    start, end = (np.concatenate(ends) for ends in zip(*lines, strict=True))
    return Outline(start, end, np.ones(len(start)))


def _areas(a: Float, b: Float, c: Float) -> Float:
    """Return twice the areas of triangles whose corners follow one another clockwise, negative where they do not."""
    ab, ac = b - a, c - a
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
