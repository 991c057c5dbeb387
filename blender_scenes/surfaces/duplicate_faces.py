"""Faces that lie twice in the same place, as game models have them so that thin things show from both sides.

Cycles sees both sides of any face, but of two in one place each lies in the other's shadow: both would be black.
"""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.surfaces.faces import lift_faces, vectors
from synthmat.blender_scenes.surfaces.single_sided import double_sided_copy, is_single_sided

Indices = npt.NDArray[np.int64]

_LIFT = 2e-4
"""How far faces are moved apart, of a mesh's diagonal."""


def remove_duplicate_faces() -> list[str]:
    """Remove from every mesh all but the first of the faces that have the same corners in space.

    Where two single-sided faces lie back to back, the one that is left shows both sides; if they are of two materials
    both are left, a hair's breadth apart.

    Returns a warning for each mesh where that decides which of two materials is seen.
    """
    warnings = []
    for mesh in bpy.data.meshes:
        doubled, first = _doubled_faces(mesh)
        if not len(doubled):
            continue
        materials = np.empty(len(mesh.polygons), dtype=np.int32)
        mesh.polygons.foreach_get("material_index", materials)
        single = np.array([is_single_sided(material) for material in mesh.materials] or [False])
        ways = vectors(mesh.polygons, "normal")
        back_to_back = (ways[doubled] * ways[first]).sum(axis=1) < 0
        back_to_back &= single[np.clip(materials[first], 0, len(single) - 1)]
        differ = materials[doubled] != materials[first]
        if (differ & ~back_to_back).any():
            warnings.append(f"mesh {mesh.name} has faces of two materials in one place: the first is shown")
        for slot in np.unique(materials[first[back_to_back & ~differ]]).tolist():
            both_sides = first[back_to_back & ~differ]
            materials[both_sides[materials[both_sides] == slot]] = double_sided_copy(mesh, slot)
        mesh.polygons.foreach_set("material_index", materials)
        apart = back_to_back & differ
        _edit(mesh, removed=doubled[~apart], lifted=doubled[apart])
    return warnings


def _edit(mesh: bpy.types.Mesh, *, removed: Indices, lifted: Indices) -> None:
    """Remove some faces, and move others along their normals, all a hair's breadth."""
    work = bmesh.new()
    work.from_mesh(mesh)
    work.faces.ensure_lookup_table()
    bmesh.ops.delete(work, geom=[work.faces[i] for i in removed.tolist()], context="FACES_ONLY")
    work.to_mesh(mesh)
    work.free()
    mesh.update()
    if len(lifted):
        now = lifted - np.searchsorted(np.sort(removed), lifted)
        way = _LIFT * float(np.linalg.norm(np.ptp(vectors(mesh.vertices, "co"), axis=0)))
        lift_faces(mesh, now, vectors(mesh.polygons, "normal")[now] * way)


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
