"""Flips faces to the side of their normals: Cycles gives black where a shading normal opposes its face."""

from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.surfaces.faces import Faces, pieces, read_faces, vectors
from synthmat.blender_scenes.surfaces.hulls import surrounds
from synthmat.blender_scenes.surfaces.single_sided import is_single_sided

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MIN_AGREEMENT = 0.2
"""Cosine of the angle between a face's normal and its shading normals where more than two faces meet at an edge."""


def fix_winding() -> list[str]:
    """Flip faces that oppose their stored normals, and make winding consistent where smooth shading depends on it.

    Stored normals stay as they are. A mesh without them is smooth across edges that both faces run along in the same
    direction only after the smaller part of its surface is turned; where that cannot be (on a Möbius strip) faces
    become flat. Single-sided faces are turned only if all of their piece opposes its normals and is no hull round other
    things, since their winding says from where they are seen; else their normals are mirrored to that side.

    Returns a warning for each mesh with faces that could only be made flat.
    """
    warnings = []
    for mesh in bpy.data.meshes:
        if mesh.library is not None or not len(mesh.polygons):
            continue
        if mesh.has_custom_normals:
            _turn_to_normals(mesh)
        elif _any_smooth(mesh) and _make_consistent(mesh):
            warnings.append(f"mesh {mesh.name} has faces that cannot be wound alike: these are shaded flat")
    return warnings


def _turn_to_normals(mesh: bpy.types.Mesh) -> None:
    faces = read_faces(mesh)
    normals, ways = vectors(mesh.corner_normals, "vector"), vectors(mesh.polygons, "normal")
    owner = faces.of_corner
    agreement = np.bincount(owner, (normals * ways[owner]).sum(axis=1), minlength=len(ways))
    opposed = agreement < 0
    if not opposed.any():
        return
    single = _single_sided_faces(mesh)
    kept = opposed & single
    if kept.any():
        kept &= _partly_opposed(mesh, faces, opposed) | surrounds(mesh, faces, kept)
    turned = opposed & ~kept
    mirrored = kept[owner]
    ahead = (normals * ways[owner]).sum(axis=1, keepdims=True)
    normals = np.where(mirrored[:, None] & (ahead < 0), normals - 2 * ahead * ways[owner], normals)
    _turn(mesh, np.flatnonzero(turned))
    after = read_faces(mesh).corners
    moved = np.empty_like(normals)
    moved[np.lexsort((after, owner))] = normals[np.lexsort((faces.corners, owner))]
    mesh.normals_split_custom_set(moved)
    mesh.update()


def _partly_opposed(mesh: bpy.types.Mesh, faces: Faces, opposed: Mask) -> Mask:
    """Return which faces (F,) belong to a piece of which some faces oppose their normals and others do not."""
    # Pieces are identified by position, since vertices are split along seams.
    places = np.unique(vectors(mesh.vertices, "co"), axis=0, return_inverse=True)[1].reshape(-1)
    count = len(faces.sizes)
    links = np.stack([faces.of_corner, count + places[faces.corners]], axis=1)
    piece = pieces(links, count + len(places))[:count]
    return np.isin(piece, piece[opposed]) & np.isin(piece, piece[~opposed])


def _make_consistent(mesh: bpy.types.Mesh) -> bool:
    """Wind neighbors alike and tell whether some faces had to be made flat instead."""
    faces = read_faces(mesh)
    owner, after = faces.of_corner, faces.corners[faces.next_indices]
    low, high = np.minimum(faces.corners, after), np.maximum(faces.corners, after)
    _, side = np.unique(low * (len(mesh.vertices) + 1) + high, return_inverse=True)
    side = side.reshape(-1)
    upwards = faces.corners == low
    order = np.argsort(side, kind="stable")
    users = np.bincount(side)
    first = np.cumsum(users) - users
    pair = np.flatnonzero(users == 2)
    one, other = order[first[pair]], order[first[pair] + 1]
    against = upwards[one] == upwards[other]
    crowded = np.bincount(side, upwards, minlength=len(users)) * 2 != users
    if not against.any() and not (crowded & (users > 2)).any():
        return False
    links = np.stack([owner[one], owner[other]], axis=1)
    areas = np.empty(len(faces.sizes), np.float32)
    mesh.polygons.foreach_get("area", areas)
    turned = _turned_faces(links, against, areas.astype(np.float64))
    _turn(mesh, np.flatnonzero(turned))
    mesh.update()
    torn = against ^ turned[links[:, 0]] ^ turned[links[:, 1]]
    crossed = order[first[users > 2]]
    return _flatten(
        mesh, owner[np.concatenate([one[torn], other[torn]])], np.concatenate([low[crossed], high[crossed]])
    )


def _turned_faces(links: Indices, against: Mask, areas: Float) -> Mask:
    """Return which faces to turn so that linked ones (L, 2) agree, the smaller part of each piece, (F,)."""
    neighbors: list[list[tuple[int, bool]]] = [[] for _ in areas]
    for (a, b), differs in zip(links.tolist(), against.tolist(), strict=True):
        neighbors[a].append((b, differs))
        neighbors[b].append((a, differs))
    turned = np.zeros(len(areas), np.bool_)
    known = np.zeros(len(areas), np.bool_)
    for start in np.unique(links[against]).tolist():
        if known[start]:
            continue
        known[start] = True
        piece = [start]
        for face in piece:  # grows while it is gone through
            for other, differs in neighbors[face]:
                if not known[other]:
                    known[other] = True
                    turned[other] = turned[face] ^ differs
                    piece.append(other)
        members = np.array(piece)
        if areas[members[turned[members]]].sum() * 2 > areas[members].sum():
            turned[members] = ~turned[members]
    return turned


def _flatten(mesh: bpy.types.Mesh, torn: Indices, crossings: Indices) -> bool:
    """Make some faces flat, those of them that are at some vertices only if a shading normal is far from their own.

    Tells whether there are any.
    """
    faces = read_faces(mesh)
    owner = faces.of_corner
    smooth = np.empty(len(mesh.polygons), np.bool_)
    mesh.polygons.foreach_get("use_smooth", smooth)
    at = np.zeros(len(mesh.vertices), np.bool_)
    at[crossings] = True
    agreement = (vectors(mesh.corner_normals, "vector") * vectors(mesh.polygons, "normal")[owner]).sum(axis=1)
    flat = np.zeros_like(smooth)
    flat[torn] = True
    flat[owner[at[faces.corners] & (agreement < _MIN_AGREEMENT)]] = True
    mesh.polygons.foreach_set("use_smooth", smooth & ~flat)
    mesh.update()
    return bool((smooth & flat).any())


def _turn(mesh: bpy.types.Mesh, faces: Indices) -> None:
    if len(faces) == len(mesh.polygons):
        mesh.flip_normals()
        return
    for face in faces.tolist():
        mesh.polygons[face].flip()


def _single_sided_faces(mesh: bpy.types.Mesh) -> Mask:
    """Return which faces have a material that shows one side only, (F,)."""
    slots = np.array([is_single_sided(material) for material in mesh.materials] or [False])
    used = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", used)
    return np.asarray(slots[np.clip(used, 0, len(slots) - 1)])


def _any_smooth(mesh: bpy.types.Mesh) -> bool:
    smooth = np.empty(len(mesh.polygons), np.bool_)
    mesh.polygons.foreach_get("use_smooth", smooth)
    return bool(smooth.any())
