"""The faces of a mesh as arrays, and the pieces that they make up."""

from __future__ import annotations

from typing import NamedTuple

import bmesh
import bpy
import mathutils
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Faces(NamedTuple):
    """The faces of a mesh: corners of each (F,) from ``starts`` on, and the vertex of each corner (C,)."""

    starts: Indices
    sizes: Indices
    corners: Indices

    @property
    def of_corner(self) -> Indices:
        """The face of each corner (C,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def next_indices(self) -> Indices:
        """The index of the corner after each one in its face, (C,)."""
        after = np.arange(len(self.corners)) + 1
        after[self.starts + self.sizes - 1] = self.starts
        return after


def read_faces(mesh: bpy.types.Mesh) -> Faces:
    """Return the faces of a mesh."""
    sizes, starts = np.empty(len(mesh.polygons), np.int32), np.empty(len(mesh.polygons), np.int32)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    mesh.polygons.foreach_get("loop_start", starts)
    mesh.loops.foreach_get("vertex_index", corners)
    return Faces(*(part.astype(np.int64) for part in (starts, sizes, corners)))


def pieces(links: Indices, count: int) -> Indices:
    """Return the number of the connected piece of each of ``count`` items, by pairs ``(L, 2)`` of linked ones."""
    label = np.arange(count)
    while len(links):
        low = label[links].min(axis=1)
        before = label.copy()
        np.minimum.at(label, label[links[:, 0]], low)
        np.minimum.at(label, label[links[:, 1]], low)
        while (label[label] != label).any():
            label = label[label]
        if np.array_equal(label, before):
            break
    return label


def vectors(collection: bpy.types.bpy_prop_collection, name: str) -> Float:
    """Return a vector (N, 3) of each item of a collection, read by ``foreach_get``."""
    flat = np.empty(len(collection) * 3, np.float32)
    collection.foreach_get(name, flat)
    return flat.reshape(-1, 3).astype(np.float64)


def lift_faces(mesh: bpy.types.Mesh, faces: Indices, moves: Float) -> None:
    """Move some faces (N,) each by one of ``moves`` (N, 3), apart from those beside them; together where they meet.

    Shape keys move along.
    """
    work = bmesh.new()
    work.from_mesh(mesh)
    marks = work.faces.layers.int.new("synthmat move")
    work.faces.ensure_lookup_table()
    for number, face in enumerate(faces.tolist(), start=1):
        work.faces[face][marks] = number
    split = bmesh.ops.split(work, geom=[work.faces[face] for face in faces.tolist()])["geom"]
    shifts: dict[bmesh.types.BMVert, mathutils.Vector] = {}
    for face in (part for part in split if isinstance(part, bmesh.types.BMFace)):
        way = mathutils.Vector(moves[face[marks] - 1])
        for corner in face.verts:
            both = way + shifts.get(corner, way)
            shifts[corner] = both.normalized() * way.length
    for corner, shift in shifts.items():
        corner.co += shift
        for key in work.verts.layers.shape.values():
            corner[key] += shift
    work.faces.layers.int.remove(marks)
    work.to_mesh(mesh)
    work.free()
    mesh.update()
