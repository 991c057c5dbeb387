"""Meshes from numpy arrays: surfaces over a grid, and the primitives that the built-in objects are joined from."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def add_grid(name: str, points: Array, material: bpy.types.Material, *, around: bool = True) -> bpy.types.Object:
    """Add a smooth surface through a grid of points to the scene.

    Args:
        name: Name of the object.
        points: ``(rows, columns, 3)``; neighbours in the grid are neighbours on the surface.
        material: Material of all faces.
        around: Whether the last column joins the first.
    """
    rows, columns, _ = points.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    right = np.roll(index, -1, axis=1) if around else index[:, 1:]
    left = index if around else index[:, :-1]
    faces = np.stack([left[:-1], right[:-1], right[1:], left[1:]], axis=-1).reshape(-1, 4)
    return add_mesh(name, points.reshape(-1, 3), faces, material)


def add_mesh(name: str, vertices: Array, faces: NDArray[np.int64], material: bpy.types.Material) -> bpy.types.Object:
    """Add a smooth mesh of vertices ``(n, 3)`` and faces ``(m, 4)`` to the scene, normals outward, doubles merged."""
    import bmesh

    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices.tolist(), [], faces.tolist())
    shaped = bmesh.new()
    shaped.from_mesh(mesh)
    bmesh.ops.remove_doubles(shaped, verts=shaped.verts, dist=1e-6)
    bmesh.ops.dissolve_degenerate(shaped, edges=shaped.edges, dist=1e-7)
    bmesh.ops.recalc_face_normals(shaped, faces=shaped.faces)
    shaped.to_mesh(mesh)
    shaped.free()
    mesh.materials.append(material)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(mesh.polygons), bool))
    item = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def ellipsoid(
    name: str, material: bpy.types.Material, centre: ArrayLike, radii: ArrayLike, turn: Matrix | None = None
) -> bpy.types.Object:
    """Add an ellipsoid; ``turn`` rotates it about its centre."""
    return superquadric(name, material, centre, radii, (1.0, 1.0), turn)


def superquadric(
    name: str,
    material: bpy.types.Material,
    centre: ArrayLike,
    radii: ArrayLike,
    exponents: tuple[float, float],
    turn: Matrix | None = None,
) -> bpy.types.Object:
    """Add a superquadric: exponents 1 make an ellipsoid, near 0 a box, 2 an octahedron (Barr 1981)."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 49)[:, None]
    longitude = np.linspace(-np.pi, np.pi, 96, endpoint=False)[None, :]
    east, north = exponents

    def power(value: Array, exponent: float) -> Array:
        return np.sign(value) * np.abs(value) ** exponent

    ring = power(np.cos(latitude), north)
    points = np.stack(
        np.broadcast_arrays(
            ring * power(np.cos(longitude), east),
            ring * power(np.sin(longitude), east),
            power(np.sin(latitude), north) + 0 * longitude,
        ),
        axis=-1,
    ) * np.asarray(radii, float)
    points[0, :], points[-1, :] = points[0].mean(axis=0), points[-1].mean(axis=0)
    item = add_grid(name, points, material)
    item.matrix_world = Matrix.Translation(np.asarray(centre, float).tolist()) @ (turn.to_4x4() if turn else Matrix())
    return item


def lathe(name: str, material: bpy.types.Material, profile: Array, segments: int = 128) -> bpy.types.Object:
    """Add the surface that a profile ``(n, 2)`` of radius and height sweeps about the vertical axis."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :]
    radius, height = profile[:, :1], profile[:, 1:]
    points = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), height + 0 * angle), axis=-1)
    return add_grid(name, np.ascontiguousarray(points), material)


def tube(name: str, material: bpy.types.Material, path: Array, radii: Array, segments: int = 24) -> bpy.types.Object:
    """Add a tube with rounded ends along a path ``(n, 3)`` with a radius for each point."""
    path, radii = _rounded(np.asarray(path, float), np.asarray(radii, float))
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.empty_like(path)
    start = np.eye(3)[np.argmin(np.abs(tangent[0]))]
    for i, along in enumerate(tangent):
        # Carried from point to point, so that the tube does not twist.
        start = start - along * (start @ along)
        start /= np.linalg.norm(start)
        side[i] = start
    other = np.cross(tangent, side)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :, None]
    ring = np.cos(angle) * side[:, None] + np.sin(angle) * other[:, None]
    return add_grid(name, path[:, None] + ring * radii[:, None, None], material)


def _rounded(path: Array, radii: Array) -> tuple[Array, Array]:
    """Add half-sphere ends to a path."""
    angle = np.linspace(0, np.pi / 2, 9)[1:]
    first, last = path[0] - path[1], path[-1] - path[-2]
    first, last = first / np.linalg.norm(first), last / np.linalg.norm(last)
    head = path[0] + np.outer(np.sin(angle[::-1]) * radii[0], first)
    tail = path[-1] + np.outer(np.sin(angle) * radii[-1], last)
    round_off = np.maximum(np.cos(angle), 1e-4)
    return (
        np.concatenate([head, path, tail]),
        np.concatenate([round_off[::-1] * radii[0], radii, round_off * radii[-1]]),
    )


def smooth_path(corners: ArrayLike, count: int = 24) -> Array:
    """Return ``count`` points of a Catmull-Rom curve through corners ``(n, d)``, ends included."""
    corner = np.asarray(corners, float)
    padded = np.concatenate([2 * corner[:1] - corner[1:2], corner, 2 * corner[-1:] - corner[-2:-1]])
    position = np.linspace(0, len(corner) - 1, count)
    piece = np.minimum(position.astype(int), len(corner) - 2)
    t = (position - piece)[:, None]
    a, b, c, d = (padded[piece + i] for i in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
