"""Models so far from their file's origin that single precision, which Blender computes in, ruins their shape."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.model_files.obj_coordinates import FAR


def is_far(points: npt.NDArray[np.float64]) -> bool:
    """Tell whether points (N, 3) are so far from the origin, for their extent, that single precision shows."""
    if not len(points) or not np.isfinite(points).all():
        return False
    extent = np.ptp(points, axis=0).max()
    return bool(np.abs(points).max() > FAR * extent > 0)


def bounds(mesh: bpy.types.Mesh) -> npt.NDArray[np.float64]:
    """Return the two corners of the box round a mesh's vertices, (2, 3), in its own coordinates; it must have some."""
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    points = flat.reshape(-1, 3).astype(np.float64)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def far_warnings(objects: Iterable[bpy.types.Object]) -> list[str]:
    """Return a warning where the meshes of ``objects``, all together, are too far from their origin."""
    meshes = {item.data.name_full: item.data for item in objects if item.type == "MESH" and item.data.vertices}
    corners = [bounds(mesh) for mesh in meshes.values()]
    if not corners or not is_far(np.concatenate(corners)):
        return []
    return [
        "its coordinates are so far from the origin that single precision makes its shape coarse; move it to the "
        "origin in the program it comes from and export it again"
    ]
