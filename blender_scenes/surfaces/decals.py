"""Decals: faces that lie in the plane of others, over part of them, to be seen on top of what they are stuck on.

Of two surfaces in one place Cycles hits either, misses the other and has both in each other's shadow: decals would be
black, and where they are clear there would be a hole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.matte_materials import Cover, cover
from synthmat.blender_scenes.surfaces.faces import lift_faces, vectors
from synthmat.blender_scenes.surfaces.single_sided import is_single_sided

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_LIFT = 2e-4
"""How far decals are lifted, of the model's diagonal."""
_SAME_PLANE = 2e-5
"""How far planes may be apart, of the model's diagonal, and directions of normals."""
_OVERLAP = 1e-4
"""By how much triangles have to overlap, of the smaller one's size."""
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
"""Factors that make one number of four, as good as never the same of others."""
_MAX_PAIRS = 2_000_000


class _Triangles(NamedTuple):
    """Triangles in the world: corners (N, 3, 3), unit normals (N, 3), polygon of their object's mesh, and class.

    A class is an object and a material slot: ``owners`` of each.
    """

    corners: Float
    normals: Float
    faces: Indices
    classes: Indices
    owners: list[tuple[bpy.types.Object, bpy.types.Material | None]]


def lift_decals() -> None:
    """Lift decals off what they lie on by a hair's breadth.

    Of two surfaces of different materials or objects in one plane that one is the decal which lets light through, or
    else has the smaller area in that plane.
    """
    triangles = _triangles()
    if len(triangles.owners) < 2:
        return
    size = float(np.linalg.norm(np.ptp(triangles.corners.reshape(-1, 3), axis=0)))
    hides = [material is None or cover(material) == Cover.OPAQUE for _, material in triangles.owners]
    lifted: dict[tuple[int, int], Float] = {}
    for plane in _planes(triangles, size):
        for decal, base in _stacked(triangles, plane, hides):
            own = np.flatnonzero(triangles.classes[plane] == decal)
            others = plane[triangles.classes[plane] == base]
            touched = _overlapping(triangles, plane[own], others)
            if touched is None:
                continue
            single = is_single_sided(triangles.owners[decal][1])
            away = triangles.normals[others[touched]]
            for index in plane[own].tolist():
                direction = triangles.normals[index] if single else away
                lifted[decal, int(triangles.faces[index])] = direction * _LIFT * size
    _lift(triangles, lifted)


def _lift(triangles: _Triangles, lifted: dict[tuple[int, int], Float]) -> None:
    done: set[bpy.types.Mesh] = set()
    for item in dict.fromkeys(triangles.owners[number][0] for number, _ in lifted):
        if item.data in done or item.data.library is not None:
            continue
        done.add(item.data)
        ours = [(face, move) for (number, face), move in lifted.items() if triangles.owners[number][0] == item]
        back = np.linalg.pinv(np.array(item.matrix_world, np.float64)[:3, :3])
        moves: Float = np.array([move for _, move in ours], np.float64) @ back.T
        lift_faces(item.data, np.array([face for face, _ in ours]), moves)


def _triangles() -> _Triangles:
    bpy.context.view_layer.update()
    parts: list[tuple[Float, Indices, Indices]] = []
    owners: list[tuple[bpy.types.Object, bpy.types.Material | None]] = []
    for item in bpy.data.objects:
        if item.type != "MESH" or item.hide_render or not len(item.data.polygons) or not item.users_scene:
            continue
        mesh = item.data
        mesh.calc_loop_triangles()
        count = len(mesh.loop_triangles)
        corners, faces, used = np.empty(count * 3, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
        mesh.loop_triangles.foreach_get("polygon_index", faces)
        mesh.loop_triangles.foreach_get("material_index", used)
        matrix = np.array(item.matrix_world, np.float64)
        points = vectors(mesh.vertices, "co") @ matrix[:3, :3].T + matrix[:3, 3]
        classes = len(owners) + np.clip(used, 0, max(len(item.material_slots) - 1, 0))
        parts.append((points[corners.reshape(-1, 3)], faces.astype(np.int64), classes.astype(np.int64)))
        owners += [(item, slot.material) for slot in item.material_slots] or [(item, None)]
    if not parts:
        return _Triangles(np.empty((0, 3, 3)), np.empty((0, 3)), np.empty(0, np.int64), np.empty(0, np.int64), [])
    corners, faces, classes = (np.concatenate(part) for part in zip(*parts, strict=True))
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    kept = np.isfinite(lengths) & (lengths > 0)
    return _Triangles(corners[kept], normals[kept] / lengths[kept, None], faces[kept], classes[kept], owners)


def _planes(triangles: _Triangles, size: float) -> Iterator[Indices]:
    """Yield the triangles of each plane that those of more than one class lie in."""
    middle = triangles.corners.reshape(-1, 3).mean(axis=0)
    ways = triangles.normals
    largest = np.take_along_axis(ways, np.abs(ways).argmax(axis=1)[:, None], axis=1)
    ways = ways * np.sign(largest)
    offsets = ((triangles.corners[:, 0] - middle) * ways).sum(axis=1) / max(size, 1e-300)
    marks = np.concatenate([ways * 0.1, offsets[:, None]], axis=1) / (8 * _SAME_PLANE)
    seen: set[bytes] = set()
    for shift in (0.0, 0.5):  # what a border divides in one grid is together in the other
        group = (np.floor(marks + shift).astype(np.int64).view(np.uint64) * _ODD).sum(axis=1)
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=group[order[0]] + np.uint64(1)))
        lowest, highest = (each.reduceat(triangles.classes[order], starts) for each in (np.minimum, np.maximum))
        ends = np.append(starts[1:], len(order))
        for start, end in zip(starts[lowest < highest].tolist(), ends[lowest < highest].tolist(), strict=True):
            plane = order[start:end]
            if plane.tobytes() not in seen:
                seen.add(plane.tobytes())
                yield plane


def _stacked(triangles: _Triangles, plane: Indices, hides: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of classes in a plane: what would be the decal, and what it would be on.

    ``hides`` tells which classes hide what is behind them.
    """
    a, b, c = triangles.corners[plane].transpose(1, 0, 2)
    areas = np.bincount(triangles.classes[plane], np.linalg.norm(np.cross(b - a, c - a), axis=1))

    def rank(number: int) -> tuple[bool, float, int]:
        return hides[number], float(areas[number]), -number

    ranked = sorted(np.unique(triangles.classes[plane]).tolist(), key=rank)
    for number, decal in enumerate(ranked):
        for base in ranked[number + 1 :]:
            yield decal, base


def _overlapping(triangles: _Triangles, ones: Indices, others: Indices) -> int | None:
    """Return the position in ``others`` of a triangle that one of ``ones`` in its plane overlaps, None without any."""
    normal = triangles.normals[ones[0]]
    kept = np.argsort(np.abs(normal))[:2]  # seen along the axis that is nearest to the normal
    flat, below = triangles.corners[ones][..., kept], triangles.corners[others][..., kept]
    step = max(1, _MAX_PAIRS // len(below))
    low, high = below.min(axis=1), below.max(axis=1)
    for first in range(0, len(flat), step):
        part = flat[first : first + step]
        slack = _OVERLAP * np.ptp(part, axis=1)[:, None]
        near = (part.min(axis=1)[:, None] + slack < high) & (part.max(axis=1)[:, None] - slack > low)
        one, other = np.nonzero(near.all(axis=-1))
        if not len(one):
            continue
        found = np.flatnonzero(~_apart(part[one], below[other]))
        if len(found):
            return int(other[found[0]])
    return None


def _apart(a: Float, b: Float) -> npt.NDArray[np.bool_]:
    """Return which pairs of triangles (N, 3, 2) a line along one of their sides parts, but for a trace."""
    apart = np.zeros(len(a), np.bool_)
    for triangle in (a, b):
        for i in range(3):
            way = triangle[:, (i + 1) % 3] - triangle[:, i]
            across = np.stack([-way[:, 1], way[:, 0]], axis=1)[:, None]
            one, other = (a * across).sum(axis=2), (b * across).sum(axis=2)
            trace = _OVERLAP * np.minimum(np.ptp(one, axis=1), np.ptp(other, axis=1))
            apart |= one.max(axis=1) - trace <= other.min(axis=1)
            apart |= other.max(axis=1) - trace <= one.min(axis=1)
    return apart
