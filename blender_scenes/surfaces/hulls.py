"""Hulls round other things, seen from within only: the outlines of cartoons. From outside they would hide the rest."""

from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.surfaces.faces import Faces, vectors

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_INWARDS = -0.3
"""Mean of the cosine between a face's normal and its way from the middle, by which a surface faces inwards."""


def is_hull(mesh: bpy.types.Mesh, faces: Faces, shell: Mask) -> bool:
    """Tell whether the ``shell`` faces (F,) face inwards and something else of the model is within them."""
    ways, centers = vectors(mesh.polygons, "normal")[shell], vectors(mesh.polygons, "center")[shell]
    areas = np.empty(len(mesh.polygons), np.float32)
    mesh.polygons.foreach_get("area", areas)
    weights = areas[shell].astype(np.float64)
    if not weights.sum() > 0:
        return False
    outwards = centers - np.average(centers, axis=0, weights=weights)
    cosines = (ways * outwards).sum(axis=1) / np.maximum(np.linalg.norm(outwards, axis=1), 1e-300)
    return bool(np.average(cosines, weights=weights) < _INWARDS) and surrounds(mesh, faces, shell)


def surrounds(mesh: bpy.types.Mesh, faces: Faces, shell: Mask) -> bool:
    """Tell whether other faces of the mesh, or another object, lie within the box round the ``shell`` faces (F,)."""
    points, inside = vectors(mesh.vertices, "co"), shell[faces.of_corner]
    wall, rest = points[faces.corners[inside]], points[faces.corners[~inside]]
    if len(rest) and _contains(wall, rest):
        return True
    bpy.context.view_layer.update()
    for item in (one for one in bpy.data.objects if one.data == mesh):
        around = _moved(wall, item)
        others = [one for one in bpy.data.objects if one.type == "MESH" and one.data != mesh and len(one.data.polygons)]
        if any(_contains(around, _moved(np.array(other.bound_box, np.float64), other)) for other in others):
            return True
    return False


def _contains(outer: Float, inner: Float) -> bool:
    """Tell whether the box round some points (N, 3) holds the box round others, with room on every side."""
    return bool((outer.min(axis=0) < inner.min(axis=0)).all() and (outer.max(axis=0) > inner.max(axis=0)).all())


def _moved(points: Float, item: bpy.types.Object) -> Float:
    matrix = np.array(item.matrix_world, np.float64)
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])
