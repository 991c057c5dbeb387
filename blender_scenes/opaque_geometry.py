"""The triangles of a scene that hide what is behind them, where that is all there is to its coverage."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.coverage import Mesh, connect
from synthmat.blender_scenes.geometry import visible_parts
from synthmat.blender_scenes.matte_materials import Cover, cover
from synthmat.blender_scenes.strand_coverage import Strands, joined, moved, read_strands

Points = npt.NDArray[np.float64]
Corners = npt.NDArray[np.int64]

_MOST_TRIANGLES = 4_000_000
_AS_MESH = {"CURVE", "SURFACE", "FONT", "META"}


class Surfaces(NamedTuple):
    """Triangles: ``points`` (V, 3), and the corners (N, 3) of those that hide all behind them and of ``veils``.

    Veils may let some of it through, unbent.
    """

    points: Points
    opaque: Corners
    veils: Corners


_NOTHING = Surfaces(np.empty((0, 3)), np.empty((0, 3), np.int64), np.empty((0, 3), np.int64))


def visible_surfaces() -> tuple[Mesh, Mesh | None, Strands | None] | None:
    """Return all triangles in the world that the camera can see in a render of the scene as it is.

    First those that hide what is behind them, then all, where there are any others, then the strands of hair, which
    hide it too, where there are no others. None where some of what the scene shows is none of these (particle hair,
    points, volumes, glass, holdouts, what Cycles displaces or subdivides while it renders), where there are too many,
    or where none hides anything.
    """
    covers: dict[str, Cover] = {}
    read: dict[int, Surfaces | None] = {}
    parts: list[Surfaces] = []
    hair: list[Strands] = []
    triangles = 0
    for part in visible_parts():
        item = part.object
        if not item.visible_camera:
            continue
        if item.type == "CURVES":
            strands = _strands(item, np.array(part.matrix_world, dtype=np.float64), covers)
            if strands is None or not _is_plain(item):
                return None
            hair.append(strands)
            continue
        key = item.data.as_pointer() if item.type == "MESH" else item.as_pointer()
        if key not in read:
            read[key] = _surfaces(item, covers)
        found = read[key]
        triangles += len(found.opaque) + len(found.veils) if found else 0
        if found is None or not _is_plain(item) or triangles > _MOST_TRIANGLES:
            return None
        matrix = np.array(part.matrix_world, dtype=np.float64)
        parts.append(found._replace(points=found.points @ matrix[:3, :3].T + matrix[:3, 3]))
    points = np.concatenate([np.empty((0, 3)), *(part.points for part in parts)])
    opaque, veils = (_numbered(parts, corners) for corners in ("opaque", "veils"))
    strands = joined(hair) if hair else None
    if not (len(opaque) or strands) or not np.isfinite(points).all() or (strands and len(veils)):
        return None
    return connect(points, opaque), connect(points, np.concatenate([opaque, veils])) if len(veils) else None, strands


def _numbered(parts: list[Surfaces], corners: str) -> Corners:
    """Return the corners of all parts, counted through the points of all parts."""
    before = np.cumsum([0, *(len(part.points) for part in parts)])
    found = [getattr(part, corners) + int(start) for part, start in zip(parts, before, strict=False)]
    return np.concatenate([np.empty((0, 3), np.int64), *found])


def _is_plain(item: bpy.types.Object) -> bool:
    """Tell whether an evaluated object is rendered as the triangles that it has."""
    if item.is_holdout or item.is_shadow_catcher or item.original.holdout_get(view_layer=bpy.context.view_layer):
        return False
    if any(one.settings.type == "HAIR" and one.settings.render_type == "PATH" for one in item.particle_systems):
        return False
    # Blender 5 keeps the switch on the modifier, Blender 4 on the object.
    diced = [item.cycles, *item.modifiers]
    return not any(getattr(owner, "use_adaptive_subdivision", False) for owner in diced)


def _surfaces(item: bpy.types.Object, covers: dict[str, Cover]) -> Surfaces | None:
    """Return an object's triangles in its own space, None where it or its material is more than a surface."""
    if item.type != "MESH" and item.type not in _AS_MESH:
        return None
    slots = [slot.material for slot in item.material_slots]
    kinds = [_cover(material, covers) for material in slots] or [Cover.OPAQUE]
    if Cover.OTHER in kinds:
        return None
    mesh = item.data if item.type == "MESH" else item.to_mesh()
    if mesh is None:
        return _NOTHING
    mesh.calc_loop_triangles()
    points, corners = np.empty(len(mesh.vertices) * 3, np.float32), np.empty(len(mesh.loop_triangles) * 3, np.int32)
    used = np.zeros(len(mesh.loop_triangles), np.int32)
    mesh.vertices.foreach_get("co", points)
    mesh.loop_triangles.foreach_get("vertices", corners)
    if len(kinds) > 1:
        mesh.loop_triangles.foreach_get("material_index", used)
    if item.type != "MESH":
        item.to_mesh_clear()
    opaque = np.array([kind == Cover.OPAQUE for kind in kinds])[np.clip(used, 0, len(kinds) - 1)]
    faces = corners.reshape(-1, 3).astype(np.int64)
    return Surfaces(points.reshape(-1, 3).astype(np.float64), faces[opaque], faces[~opaque])


def _strands(item: bpy.types.Object, matrix: Points, covers: dict[str, Cover]) -> Strands | None:
    """Return an object's strands in the world, None where they or their materials are not what can be projected."""
    if any(_cover(slot.material, covers) != Cover.OPAQUE for slot in item.material_slots):
        return None
    found = read_strands(item.data)
    return moved(found, matrix) if found else None


def _cover(material: bpy.types.Material | None, covers: dict[str, Cover]) -> Cover:
    if material is None:
        return Cover.OPAQUE
    if material.name_full not in covers:
        covers[material.name_full] = cover(material)
    return covers[material.name_full]
