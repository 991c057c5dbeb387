"""Surfaces of triangles and quads as numpy arrays: made finer, cut along a line, with normals and boundaries.

What belongs to the vertices (places, rest places, fields that say where to cut) travels in one array of columns, so
that subdividing and cutting treat all of it alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array

Indices = NDArray[np.int64]

RESTING = ("rest_x", "rest_y", "rest_z")
"""Attributes of meshes that say where each vertex lies on or round the body before that was posed, meters."""
_SNAP = 0.25
"""Share of an edge within which a cut moves the edge's end instead of adding a vertex, so that no sliver is left."""


@dataclass(frozen=True)
class Surface:
    """Faces ``(m, 3 or 4)`` over vertices with columns ``(n, k)``; the first three are places."""

    columns: Array
    faces: Indices

    @property
    def places(self) -> Array:
        """Where the vertices are ``(n, 3)``."""
        return self.columns[:, :3]

    def moved(self, places: Array) -> Surface:
        """Return the same surface with other places ``(n, 3)``."""
        return Surface(np.concatenate([places, self.columns[:, 3:]], axis=1), self.faces)


def compact(surface: Surface) -> Surface:
    """Return the surface without vertices that no face uses."""
    used, corners = np.unique(surface.faces, return_inverse=True)
    return Surface(surface.columns[used], corners.reshape(surface.faces.shape))


def edges_of(faces: Indices) -> tuple[Indices, Indices, Indices]:
    """Return edges ``(e, 2)``, which of them each face's sides are ``(m, corners)``, and how many faces each has."""
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    ends = np.sort(ends, axis=1)
    keys = ends[:, 0] * (int(faces.max()) + 1) + ends[:, 1]
    _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    return ends[first], inverse.reshape(faces.shape), counts


def triangulated(faces: Indices) -> Indices:
    """Return quads ``(m, 4)`` as triangles; a quad that repeats a corner gives one."""
    both = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    kept: Indices = both[(both[:, 0] != both[:, 1]) & (both[:, 1] != both[:, 2]) & (both[:, 2] != both[:, 0])]
    return kept


def subdivided(surface: Surface) -> Surface:
    """Return the surface in quads after one step of Catmull and Clark; boundaries stay smooth curves of their own."""
    columns, faces = surface.columns, surface.faces
    count, corners = len(columns), faces.shape[1]
    edges, sides, uses = edges_of(faces)
    middle = columns[faces].mean(axis=1)
    ends = columns[edges].mean(axis=1)
    around = _summed(sides.reshape(-1), np.repeat(middle, corners, axis=0), len(edges)) / np.maximum(uses, 1)[:, None]
    border = uses == 1
    edge_points = np.where(border[:, None], ends, (ends + around) / 2)

    valence = np.bincount(edges.reshape(-1), minlength=count)[:, None]
    faces_round = np.bincount(faces.reshape(-1), minlength=count)[:, None]
    of_faces = _summed(faces.reshape(-1), np.repeat(middle, corners, axis=0), count) / np.maximum(faces_round, 1)
    of_edges = _summed(edges.reshape(-1), np.repeat(ends, 2, axis=0), count) / np.maximum(valence, 1)
    inner = (of_faces + 2 * of_edges + (valence - 3) * columns) / np.maximum(valence, 1)
    rim = np.flatnonzero(border)
    rims = np.bincount(edges[rim].reshape(-1), minlength=count)[:, None]
    of_rim = _summed(edges[rim].reshape(-1), np.repeat(ends[rim], 2, axis=0), count) / np.maximum(rims, 1)
    vertex_points = np.where(rims > 0, (columns + of_rim) / 2, inner)

    corner, following = faces, sides + count
    before = np.roll(sides, 1, axis=1) + count
    center = (np.arange(len(faces)) + count + len(edges))[:, None].repeat(corners, axis=1)
    finer = np.stack([corner, following, center, before], axis=-1).reshape(-1, 4)
    return Surface(np.concatenate([vertex_points, edge_points, middle]), finer)


def cut(surface: Surface, field: Array) -> Surface:
    """Return the part of a surface of triangles where a field ``(n,)`` is positive, cut exactly where it is 0."""
    columns, field = surface.columns.copy(), field.astype(float).copy()
    edges, _, _ = edges_of(surface.faces)
    _snap(columns, field, edges)
    faces = surface.faces
    inside = field > 0
    kept = [faces[(field[faces] >= 0).all(axis=1) & inside[faces].any(axis=1)]]
    crossed = (field[edges] > 0).any(axis=1) & (field[edges] < 0).any(axis=1)
    ends = edges[crossed]
    share = (field[ends[:, 0]] / (field[ends[:, 0]] - field[ends[:, 1]]))[:, None]
    added = columns[ends[:, 0]] * (1 - share) + columns[ends[:, 1]] * share
    size = len(columns)
    index = {(int(a), int(b)): size + i for i, (a, b) in enumerate(ends)}
    split = faces[(field[faces] < 0).any(axis=1) & inside[faces].any(axis=1)]
    pieces = [piece for face in split.tolist() for piece in _clipped(face, field, index)]
    if pieces:
        kept.append(np.array(pieces, np.int64))
    return compact(Surface(np.concatenate([columns, added]), np.concatenate(kept)))


def _snap(columns: Array, field: Array, edges: Indices) -> None:
    """Move vertices that lie close to the line of the cut onto it."""
    values = field[edges]
    crossed = np.flatnonzero((values > 0).any(axis=1) & (values < 0).any(axis=1))
    original, known = columns.copy(), field.copy()
    for here, there in ((0, 1), (1, 0)):
        a, b = edges[crossed, here], edges[crossed, there]
        share = known[a] / (known[a] - known[b])
        near = share < _SNAP
        a, b, share = a[near], b[near], share[near][:, None]
        columns[a] = original[a] * (1 - share) + original[b] * share
        field[a] = 0.0


def _clipped(face: list[int], field: Array, index: dict[tuple[int, int], int]) -> list[list[int]]:
    """Return the triangles of one face's part where the field is not negative."""
    polygon = []
    for a, b in zip(face, face[1:] + face[:1], strict=True):
        if field[a] >= 0:
            polygon.append(a)
        if (field[a] > 0 > field[b]) or (field[a] < 0 < field[b]):
            polygon.append(index[min(a, b), max(a, b)])
    return [[polygon[0], polygon[i], polygon[i + 1]] for i in range(1, len(polygon) - 1)]


def vertex_normals(places: Array, faces: Indices) -> Array:
    """Return unit normals ``(n, 3)``, weighted by the areas of the faces."""
    if faces.shape[1] == 4:
        across = np.cross(places[faces[:, 2]] - places[faces[:, 0]], places[faces[:, 3]] - places[faces[:, 1]])
    else:
        across = np.cross(places[faces[:, 1]] - places[faces[:, 0]], places[faces[:, 2]] - places[faces[:, 0]])
    normals = _summed(faces.reshape(-1), np.repeat(across, faces.shape[1], axis=0), len(places))
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Array = normals / np.maximum(lengths, 1e-12)
    return unit


def smoothed(values: Array, edges: Indices, steps: int, strength: float = 0.5, fixed: Array | None = None) -> Array:
    """Return values ``(n, k)`` drawn to the mean of their neighbors; where ``fixed`` ``(n,)`` is 1 they stay."""
    count = len(values)
    degree = np.maximum(np.bincount(edges.reshape(-1), minlength=count), 1)[:, None]
    free = strength if fixed is None else strength * (1 - fixed)[:, None]
    for _ in range(steps):
        around = _summed(edges[:, [1, 0]].reshape(-1), values[edges].reshape(-1, values.shape[1]), count) / degree
        values = values + (around - values) * free
    return values


def boundary_loops(faces: Indices) -> list[Indices]:
    """Return the boundaries as loops of vertices, longest first, in the direction of the faces beside them."""
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    keys = np.sort(ends, axis=1) @ np.array([int(faces.max()) + 1, 1])
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    following = {int(a): int(b) for a, b in ends[counts[inverse] == 1]}
    loops = []
    while following:
        start, here = next(iter(following.items()))
        loop = [start]
        del following[start]
        while here != start and here in following:
            loop.append(here)
            here = following.pop(here)
        loops.append(np.array(loop))
    return sorted(loops, key=len, reverse=True)


def _summed(index: Indices, values: Array, count: int) -> Array:
    """Return the sums ``(count, k)`` of values ``(n, k)`` that have the same index ``(n,)``."""
    sums = [np.bincount(index, weights=column, minlength=count) for column in values.T]
    return np.stack(sums, axis=1).astype(float)
