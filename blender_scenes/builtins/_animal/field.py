"""Bodies as fields of signed distance: tapered round parts that blend into each other, and the closed mesh of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, lengths, unit
from synthmat.blender_scenes.builtins._parts.mesh import Indices

_FAR = 10.0
MARKS = ("spine", "limb", "tail", "face", "mane", "wing")
"""Values that parts hand to the coat: how far along the back, down a leg, along the tail; on face, mane and wing."""


@dataclass(frozen=True)
class Part:
    """A rounded cone from one place to another.

    ``radii`` are those at its start and its end, measured in the space that ``stretch`` ``(3, 3)`` maps offsets into;
    ``blend`` is the width of its transition into the parts before it. ``hair`` multiplies the length of the coat,
    ``up`` points to the back, and ``marks`` holds the values of `MARKS` at start and end.
    """

    start: Array
    end: Array
    radii: tuple[float, float]
    blend: float = 0.02
    stretch: Array = field(default_factory=lambda: np.eye(3))
    hair: float = 1.0
    up: Array = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    comb: Array | None = None
    marks: dict[str, tuple[float, float]] = field(default_factory=dict)

    def distance(self, points: Array) -> tuple[Array, Array, Array]:
        """Return for points ``(..., 3)`` the distance, the share of the way from start to end, and the offset in radii
        towards ``up``; the first is exact on the surface only."""
        mapped = (points - self.start) @ self.stretch.T
        axis = self.stretch @ (self.end - self.start)
        square = float(axis @ axis)
        share = np.clip(mapped @ axis / square, 0, 1) if square > 1e-12 else np.zeros(points.shape[:-1])
        away = mapped - share[..., None] * axis
        reach = np.maximum(lengths(away), 1e-9)
        slope = lengths((away / reach[..., None]) @ self.stretch)
        radius = self.radii[0] + (self.radii[1] - self.radii[0]) * share
        above = (away @ (self.stretch @ self.up)) / (radius * max(float(np.linalg.norm(self.stretch @ self.up)), 1e-9))
        return (reach - radius) / np.maximum(slope, 1e-9), share, above

    def bounds(self) -> tuple[Array, Array]:
        """Return the least and the greatest corner of a box about the part."""
        size = max(self.radii) * np.linalg.norm(np.linalg.inv(self.stretch), axis=1)
        return np.minimum(self.start, self.end) - size, np.maximum(self.start, self.end) + size


@dataclass(frozen=True)
class Skin:
    """A closed surface: places ``(n, 3)``, faces ``(m, 4)``, normals ``(n, 3)``, and what the coat needs at each place.

    ``comb`` is where hair lies ``(n, 3)``, ``hair`` the share of the coat's length ``(n,)``, ``above`` 1 on the back
    and -1 under the belly ``(n,)``, ``marks`` the values of `MARKS`, each ``(n,)``.
    """

    places: Array
    faces: Indices
    normals: Array
    comb: Array
    hair: Array
    above: Array
    marks: dict[str, Array]


def flattened(direction: ArrayLike, aspect: float) -> Array:
    """Return the stretch of a part ``aspect`` times as wide along a unit ``direction`` as it is elsewhere."""
    axis = unit(np.asarray(direction, float))
    stretch: Array = np.eye(3) + (1 / aspect - 1) * np.outer(axis, axis)
    return stretch


def ellipsoid_part(center: Array, radii: Sequence[float], turn: Array | None = None, **more: object) -> Part:
    """Return an ellipsoid; ``turn`` ``(3, 3)`` has its axes as columns."""
    axes = np.eye(3) if turn is None else turn
    stretch = axes @ np.diag(1 / np.asarray(radii, float)) @ axes.T
    return Part(np.asarray(center, float), np.asarray(center, float), (1.0, 1.0), stretch=stretch, **more)  # type: ignore[arg-type]


def chain(points: Array, radii: Array, **more: object) -> list[Part]:
    """Return parts one after the other along a path ``(n, 3)`` with radii ``(n,)``; marks are spread over the path."""
    marks: dict[str, tuple[float, float]] = more.pop("marks", {})  # type: ignore[assignment]
    count = len(points) - 1
    parts = []
    for i in range(count):
        spread = {
            name: (low + (high - low) * i / count, low + (high - low) * (i + 1) / count)
            for name, (low, high) in marks.items()
        }
        parts.append(Part(points[i], points[i + 1], (float(radii[i]), float(radii[i + 1])), marks=spread, **more))  # type: ignore[arg-type]
    return parts


def skin_of(parts: Sequence[Part], step: float) -> Skin:
    """Return the closed surface of parts, made on a grid of cells of edge ``step``; nothing of it is below z = 0."""
    values, origin = _sampled(parts, step)
    places, faces = surface_nets(values)
    places = _relaxed(places * step + origin, faces)
    places[:, 2] = np.maximum(places[:, 2], 0.0)
    normals = vertex_normals(places, faces)
    return _with_coat(parts, places, faces, normals)


def _sampled(parts: Sequence[Part], step: float) -> tuple[Array, Array]:
    boxes = [part.bounds() for part in parts]
    low = np.min([box[0] for box in boxes], axis=0) - 4 * step
    low[2] = max(low[2], -4 * step)
    high = np.max([box[1] for box in boxes], axis=0) + 4 * step
    shape = np.ceil((high - low) / step).astype(int) + 1
    values = np.full(shape, _FAR)
    axes = [low[i] + step * np.arange(shape[i]) for i in range(3)]
    for part, (least, most) in zip(parts, boxes, strict=True):
        margin = part.blend + 3 * step
        first = np.clip(np.floor((least - margin - low) / step).astype(int), 0, shape - 1)
        last = np.clip(np.ceil((most + margin - low) / step).astype(int) + 1, 1, shape)
        block = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
        grid = np.stack(np.meshgrid(*(axes[i][block[i]] for i in range(3)), indexing="ij"), axis=-1)
        values[block] = smooth_minimum(values[block], part.distance(grid)[0], part.blend)
    values = np.maximum(values, -axes[2][None, None, :])
    return values, low


def smooth_minimum(first: Array, second: Array, width: float) -> Array:
    """Return the minimum of two fields, rounded where they differ by less than ``width``."""
    near = np.maximum(width - np.abs(first - second), 0) / width
    least: Array = np.minimum(first, second) - near**2 * width / 4
    return least


def field_at(parts: Sequence[Part], points: Array) -> Array:
    """Return the field of all parts at points ``(n, 3)``."""
    values = np.full(len(points), _FAR)
    for part in parts:
        values = smooth_minimum(values, part.distance(points)[0], part.blend)
    return values


def on_surface(parts: Sequence[Part], points: Array, lift: float = 0.0) -> tuple[Array, Array]:
    """Return points ``(n, 3)`` moved to ``lift`` above the surface near them, and the surface's normals there."""
    places, tiny = np.array(points, float), 1e-3
    offsets = np.concatenate([np.zeros((1, 3)), tiny * np.eye(3), -tiny * np.eye(3)])
    normals = np.zeros_like(places)
    for _ in range(6):
        found = field_at(parts, (places[None] + offsets[:, None]).reshape(-1, 3)).reshape(7, -1)
        normals = unit((found[1:4] - found[4:7]).T + 1e-12)
        places = places - normals * (found[0] - lift)[:, None]
    return places, normals


def met_by_ray(parts: Sequence[Part], origin: Array, direction: Array, reach: float) -> Array:
    """Return where the surface is first left on the way from within, at most ``reach`` away."""
    ahead = np.linspace(0, reach, 160)
    outside = np.flatnonzero(field_at(parts, origin + ahead[:, None] * direction) > 0)
    place: Array = origin + ahead[outside[0] if len(outside) else -1] * direction
    return place


def surface_nets(values: Array) -> tuple[Array, Indices]:
    """Return the surface where a field on a grid is zero: places ``(n, 3)`` in cells, and faces ``(m, 4)``.

    Each cell that the surface goes through has one vertex, in the middle of where its edges meet the surface (naive
    surface nets, Gibson 1998). The border of the grid has to be outside.
    """
    cells = np.array(values.shape) - 1
    total, count, quads = np.zeros((int(np.prod(cells)), 3)), np.zeros(int(np.prod(cells))), []
    for axis in range(3):
        lower = np.take(values, range(values.shape[axis] - 1), axis)
        upper = np.take(values, range(1, values.shape[axis]), axis)
        edge = np.argwhere((lower < 0) != (upper < 0))
        low, high = lower[tuple(edge.T)], upper[tuple(edge.T)]
        place = edge.astype(float)
        place[:, axis] += low / (low - high)
        second, third = (axis + 1) % 3, (axis + 2) % 3
        corners = []
        for back in ((0, 0), (1, 0), (1, 1), (0, 1)):
            cell = edge.copy()
            cell[:, second] -= back[0]
            cell[:, third] -= back[1]
            corners.append(np.ravel_multi_index(tuple(cell.T), tuple(cells)))
            count += np.bincount(corners[-1], minlength=len(count))
            for k in range(3):
                total[:, k] += np.bincount(corners[-1], place[:, k], minlength=len(count))
        quad = np.stack(corners, axis=1)
        quads.append(np.where((low < 0)[:, None], quad, quad[:, ::-1]))
    used = np.flatnonzero(count)
    number = np.zeros(len(count), np.int64)
    number[used] = np.arange(len(used))
    return total[used] / count[used, None], number[np.concatenate(quads)]


def _relaxed(places: Array, faces: Indices, rounds: int = 2) -> Array:
    """Return places moved towards the middle of their neighbors, so that no steps of the grid are left."""
    edges = np.concatenate([faces[:, [i, (i + 1) % 4]] for i in range(4)])
    degree = np.bincount(edges[:, 0], minlength=len(places)) + np.bincount(edges[:, 1], minlength=len(places))
    for number in range(2 * rounds):
        mean = np.zeros_like(places)
        for k in range(3):
            mean[:, k] = np.bincount(edges[:, 0], places[edges[:, 1], k], minlength=len(places))
            mean[:, k] += np.bincount(edges[:, 1], places[edges[:, 0], k], minlength=len(places))
        places = places + (0.5 if number % 2 == 0 else -0.45) * (mean / degree[:, None] - places)
    return places


def vertex_normals(places: Array, faces: Indices) -> Array:
    """Return unit normals ``(n, 3)`` of a mesh's places, outward where its faces are."""
    across = np.cross(places[faces[:, 2]] - places[faces[:, 0]], places[faces[:, 3]] - places[faces[:, 1]])
    normals = np.zeros_like(places)
    for corner in range(4):
        for k in range(3):
            normals[:, k] += np.bincount(faces[:, corner], across[:, k], minlength=len(places))
    return unit(normals + 1e-12)


def _with_coat(parts: Sequence[Part], places: Array, faces: Indices, normals: Array) -> Skin:
    """Blend what parts know of the coat, by how near they are."""
    total, hair, above = (np.full(len(places), 1e-9) for _ in range(3))
    comb = np.zeros_like(places)
    marks = {name: np.zeros(len(places)) for name in MARKS}
    for part in parts:
        distance, share, high = part.distance(places)
        weight = np.exp(-np.clip(np.abs(distance), 0, 0.5) / max(0.5 * part.blend, 0.012))
        total += weight
        hair += weight * part.hair
        above += weight * np.clip(high, -1.2, 1.2)
        direction = part.comb if part.comb is not None else part.end - part.start
        comb += weight[:, None] * unit(direction + 1e-9)
        for name, (low, high_value) in part.marks.items():
            marks[name] += weight * (low + (high_value - low) * share)
    comb = comb / total[:, None]
    comb = comb - normals * (comb * normals).sum(axis=1, keepdims=True)
    marks = {name: values / total for name, values in marks.items()}
    return Skin(places, faces, normals, unit(comb + 1e-6), hair / total, above / total, marks)
