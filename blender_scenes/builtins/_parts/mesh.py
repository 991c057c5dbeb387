"""Meshes from numpy arrays: surfaces over a grid, and the round primitives that built-in objects are joined from."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import ArrayLike, NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array, frames_along, rounded_ends, unit

Indices = NDArray[np.int64]


def add_grid(
    name: str, points: Array, material: bpy.types.Material, *, around: bool = True, closed: bool = False
) -> bpy.types.Object:
    """Add a smooth surface through a grid of points to the scene.

    Rows whose points coincide become one vertex. The point attribute ``along`` holds how far each row lies from the
    first, measured on the surface, and ``across`` how far each column lies from the first, from 0 to 1.

    Args:
        name: Name of the object.
        points: ``(rows, columns, 3)``; neighbors in the grid are neighbors on the surface.
        material: Material of all faces.
        around: Whether the last column joins the first.
        closed: Whether the last row joins the first.
    """
    return add_grids(name, [points], material, around=around, closed=closed)


def add_grids(
    name: str, grids: Sequence[Array], material: bpy.types.Material, *, around: bool = True, closed: bool = False
) -> bpy.types.Object:
    """Add several surfaces of the same size, each as `add_grid` makes it, as one object."""
    stack = np.stack(grids)
    count, rows, columns, _ = stack.shape
    one = grid_faces(rows, columns, around=around, closed=closed)
    faces = (np.arange(count)[:, None, None] * rows * columns + one[None]).reshape(-1, 4)
    first = np.arange(count * rows * columns).reshape(count, rows, columns)
    pole = np.ptp(stack, axis=2).max(axis=-1) < 1e-9
    first[pole] = first[pole][:, :1]
    steps = np.linalg.norm(np.diff(stack, axis=1), axis=-1).mean(axis=-1)
    along = np.concatenate([np.zeros((count, 1)), np.cumsum(steps, axis=1)], axis=1)
    attributes = {
        "along": np.broadcast_to(along[:, :, None], (count, rows, columns)).reshape(-1),
        "across": np.broadcast_to(np.arange(columns) / columns, (count, rows, columns)).reshape(-1),
    }
    return add_mesh(name, stack.reshape(-1, 3), first.reshape(-1)[faces], material, attributes)


def grid_faces(rows: int, columns: int, *, around: bool, closed: bool) -> Indices:
    """Return the faces ``(m, 4)`` of a grid of vertices numbered row by row."""
    index = np.arange(rows * columns).reshape(rows, columns)
    if around:
        index = np.concatenate([index, index[:, :1]], axis=1)
    if closed:
        index = np.concatenate([index, index[:1]], axis=0)
    corners = [index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]]
    faces: Indices = np.stack(corners, axis=-1).reshape(-1, 4)
    return faces


def add_mesh(
    name: str,
    vertices: Array,
    faces: Indices,
    material: bpy.types.Material,
    attributes: dict[str, Array] | None = None,
) -> bpy.types.Object:
    """Add a smooth mesh to the scene, its faces turned outward.

    Args:
        name: Name of the object.
        vertices: ``(n, 3)``; those that no face uses are left out.
        faces: ``(m, 4)`` indices; a corner that repeats its neighbor makes the face a triangle.
        material: Material of all faces.
        attributes: Floats ``(n,)`` for each vertex, by name, for shaders.
    """
    repeated = faces == np.roll(faces, -1, axis=1)
    faces, repeated = faces[repeated.sum(axis=1) < 2], repeated[repeated.sum(axis=1) < 2]
    used, corners = np.unique(faces, return_inverse=True)
    vertices, corners = vertices[used], corners.reshape(-1, 4)
    if _volume(vertices, corners) < 0:
        corners, repeated = corners[:, ::-1], np.roll(repeated[:, ::-1], -1, axis=1)
    sizes = 4 - repeated.sum(axis=1)

    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).reshape(-1))
    mesh.loops.add(int(sizes.sum()))
    mesh.loops.foreach_set("vertex_index", corners[~repeated].astype(np.int32))
    mesh.polygons.add(len(corners))
    mesh.polygons.foreach_set("loop_start", np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32))
    for attribute, values in (attributes or {}).items():
        layer = mesh.attributes.new(attribute, "FLOAT", "POINT")
        layer.data.foreach_set("value", values[used].astype(np.float32))
    mesh.update(calc_edges=True)
    mesh.shade_smooth()
    mesh.materials.append(material)
    item = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def ellipsoid(
    name: str, material: bpy.types.Material, center: ArrayLike, radii: ArrayLike, rotation: Matrix | None = None
) -> bpy.types.Object:
    """Add an ellipsoid; ``rotation`` rotates it about its center."""
    return superquadric(name, material, center, radii, (1.0, 1.0), rotation)


def superquadric(
    name: str,
    material: bpy.types.Material,
    center: ArrayLike,
    radii: ArrayLike,
    exponents: tuple[float, float],
    rotation: Matrix | None = None,
    rings: int = 40,
) -> bpy.types.Object:
    """Add a superquadric: exponents 1 make an ellipsoid, near 0 a box, 2 an octahedron (Barr 1981).

    The first exponent shapes the outline seen from above, the second the one seen from the side.
    """
    item = add_grid(name, superquadric_points(exponents, rings) * np.asarray(radii, float), material)
    item.matrix_basis = Matrix.Translation(np.asarray(center, float).tolist()) @ (
        rotation.to_4x4() if rotation else Matrix()
    )
    return item


def superquadric_points(exponents: tuple[float, float], rings: int) -> Array:
    """Return the grid ``(rings + 1, 2 rings, 3)`` of a superquadric of radius 1, from the lowest point up."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)[:, None]
    longitude = np.linspace(-np.pi, np.pi, 2 * rings, endpoint=False)[None, :]
    east, north = exponents
    ring = _power(np.cos(latitude), north)
    points: Array = np.stack(
        np.broadcast_arrays(
            ring * _power(np.cos(longitude), east),
            ring * _power(np.sin(longitude), east),
            _power(np.sin(latitude), north),
        ),
        axis=-1,
    )
    points[0], points[-1] = (0, 0, -1), (0, 0, 1)
    return points


def lathe(name: str, material: bpy.types.Material, profile: Array, segments: int = 96) -> bpy.types.Object:
    """Add the surface that a profile ``(n, 2)`` of radius and height sweeps about the vertical axis."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :]
    radius, height = profile[:, :1], profile[:, 1:]
    points = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), height), axis=-1)
    return add_grid(name, points, material)


def tube(
    name: str,
    material: bpy.types.Material,
    path: ArrayLike,
    radii: ArrayLike,
    *,
    segments: int = 20,
    closed: bool = False,
    flat: float = 1.0,
) -> bpy.types.Object:
    """Add a tube along a path; see `tube_points`."""
    return add_grid(
        name, tube_points(path, radii, segments=segments, closed=closed, flat=flat), material, closed=closed
    )


def tube_points(
    path: ArrayLike, radii: ArrayLike, *, segments: int = 20, closed: bool = False, flat: float = 1.0
) -> Array:
    """Return the grid ``(rows, segments, 3)`` of a tube along a path ``(n, 3)``.

    Args:
        path: Its points.
        radii: One for all, or one for each point.
        segments: Corners of its cross-section.
        closed: Whether it is a ring, the last point a neighbor of the first; otherwise its ends are half-spheres.
        flat: Thickness towards the outside of the first bend, as a fraction of the width.
    """
    line = np.asarray(path, float)
    radius = np.broadcast_to(np.asarray(radii, float), len(line))
    if not closed:
        line, radius = rounded_ends(line, radius)
    side, other = frames_along(line, closed=closed)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :, None]
    ring = np.cos(angle) * side[:, None] + flat * np.sin(angle) * other[:, None]
    points: Array = line[:, None] + ring * radius[:, None, None]
    return points


def ribbon(
    name: str,
    material: bpy.types.Material,
    path: ArrayLike,
    across: ArrayLike,
    width: ArrayLike,
    thickness: float,
    segments: int = 20,
) -> bpy.types.Object:
    """Add a flat band with soft edges along a path ``(n, 3)``.

    Args:
        name: Name of the object.
        material: Material of all faces.
        path: Its middle.
        across: Direction of its width, one for all or one for each point; made square to the path.
        width: Half of it, one for all or one for each point.
        thickness: Half of it.
        segments: Corners of its cross-section.
    """
    line = np.asarray(path, float)
    half = np.broadcast_to(np.asarray(width, float), len(line))
    line, half = rounded_ends(line, half, 3)
    ahead = unit(np.gradient(line, axis=0))
    given = np.asarray(across, float)
    if given.ndim == 2:
        given = np.concatenate([given[:1].repeat(3, axis=0), given, given[-1:].repeat(3, axis=0)])
    side = unit(given - ahead * (given * ahead).sum(axis=-1, keepdims=True))
    up = np.cross(ahead, side)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :, None]
    high = np.minimum(half, thickness)[:, None, None]
    ring = side[:, None] * _power(np.cos(angle), 0.6) * half[:, None, None] + up[:, None] * np.sin(angle) * high
    return add_grid(name, line[:, None] + ring, material)


def _power(value: Array, exponent: float) -> Array:
    raised: Array = np.sign(value) * np.abs(value) ** exponent
    return raised


def _volume(vertices: Array, faces: Indices) -> float:
    """Return six times the signed volume that faces enclose; positive where they are turned outward."""
    a, b, c, d = (vertices[faces[:, i]] - vertices.mean(axis=0) for i in range(4))
    return float((np.cross(a, b) * c + np.cross(a, c) * d).sum())
