"""Faces that lie twice in the same place, as game models have them so that thin things show from both sides.

Cycles sees both sides of any face, but of two in one place each lies in the other's shadow: both would be black.
"""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def remove_double_faces() -> list[str]:
    """Remove from every mesh all but the first of the faces that have the same corners in space.

    Returns a warning for each mesh where that decides which of two materials is seen.
    """
    warnings = []
    for mesh in bpy.data.meshes:
        doubled, first = _doubled_faces(mesh)
        if len(doubled):
            materials = np.empty(len(mesh.polygons), dtype=np.int32)
            mesh.polygons.foreach_get("material_index", materials)
            if (materials[doubled] != materials[first]).any():
                warnings.append(f"mesh {mesh.name} has faces of two materials in one place: the first is shown")
            work = bmesh.new()
            work.from_mesh(mesh)
            work.faces.ensure_lookup_table()
            bmesh.ops.delete(work, geom=[work.faces[int(i)] for i in doubled], context="FACES_ONLY")
            work.to_mesh(mesh)
            work.free()
            mesh.update()
    return warnings


def _doubled_faces(mesh: bpy.types.Mesh) -> tuple[Indices, Indices]:
    """Return the indices of faces whose set of corner positions an earlier face has too, and those earlier faces."""
    if not len(mesh.polygons):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    positions = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", positions)
    corners = np.empty(len(mesh.loops), dtype=np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    sizes = np.empty(len(mesh.polygons), dtype=np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    places = np.unique(positions.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(-1)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    doubled: list[Indices] = []
    earlier: list[Indices] = []
    for size in np.unique(sizes):
        faces = np.flatnonzero(sizes == size)
        keys = np.sort(places[corners[starts[faces][:, None] + np.arange(size)]], axis=1)
        _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        original = first[group.reshape(-1)]
        again = original != np.arange(len(faces))
        doubled.append(faces[again])
        earlier.append(faces[original[again]])
    return np.concatenate(doubled), np.concatenate(earlier)
