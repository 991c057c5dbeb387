"""A mannequin's head on shoulders, on a stand, or a bare ball: a surface, and the room that it leaves to hair."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh, ellipsoid, grid_faces, lathe

BASES = ("shoulders", "stand", "ball")

# What a face adds to an ellipsoid's radius: azimuth and elevation, degrees; their widths; height.
_FEATURES = (
    (0, -12, 7, 6, 0.17),
    (0, -2, 6, 10, 0.10),
    (9, -15, 5, 4, 0.05),
    (22, 5, 12, 9, -0.085),
    (22, 4, 8, 5, 0.055),
    (20, 17, 20, 5, 0.03),
    (42, -10, 16, 10, 0.035),
    (0, -27.5, 12, 2.2, 0.05),
    (0, -33, 10, 2.4, 0.05),
    (0, -38, 12, 3, -0.03),
    (0, -48, 15, 8, 0.1),
    (60, -45, 22, 14, 0.04),
)
# Half-width, half-depth and middle of the neck and the shoulders at some heights.
_TORSO = (
    (-0.55, 0.36, 0.40, 0.12),
    (-1.0, 0.37, 0.40, 0.14),
    (-1.3, 0.40, 0.41, 0.14),
    (-1.47, 0.55, 0.46, 0.12),
    (-1.58, 0.88, 0.50, 0.10),
    (-1.68, 1.22, 0.53, 0.08),
    (-1.85, 1.48, 0.57, 0.06),
    (-2.1, 1.56, 0.63, 0.03),
    (-2.45, 1.50, 0.68, 0.0),
    (-2.75, 1.38, 0.66, 0.0),
)
_STAND = (
    (-0.55, 0.36, 0.40, 0.12),
    (-1.0, 0.36, 0.38, 0.13),
    (-1.4, 0.42, 0.42, 0.10),
    (-1.6, 0.62, 0.60, 0.04),
    (-1.75, 0.78, 0.76, 0.0),
    (-1.9, 0.80, 0.78, 0.0),
)


@dataclass(frozen=True)
class Body:
    """What hair grows on; the head's middle is the origin, it looks along -Y.

    Attributes:
        base: One of `BASES`.
        radii: Of the head's ellipsoid ``(3,)``.
        rings: Height, half-width, half-depth and middle ``(n, 4)`` of what is below the head, from above; may be empty.
    """

    base: str
    radii: Array
    rings: Array

    def head(self, direction: Array) -> Array:
        """Return the head's radius ``(...)`` in directions ``(..., 3)`` of length 1."""
        round_part: Array = 1 / np.sqrt(((direction / self.radii) ** 2).sum(axis=-1))
        if self.base == "ball":
            return round_part
        azimuth = np.abs(np.degrees(np.arctan2(direction[..., 0], -direction[..., 1])))
        elevation = np.degrees(np.arcsin(np.clip(direction[..., 2], -1, 1)))
        added = np.zeros_like(azimuth)
        for at, up, wide, high, size in _FEATURES:
            added += size * np.exp(-(((azimuth - at) / wide) ** 2) - ((elevation - up) / high) ** 2)
        jaw = np.clip(-elevation / 60, 0, 1) * np.clip(np.sin(np.radians(azimuth)), 0, 1)
        nape = np.clip((-elevation - 15) / 50, 0, 1) * np.clip((azimuth - 90) / 60, 0, 1)
        featured: Array = round_part * (1 - 0.12 * jaw**1.5 - 0.22 * nape) + added
        return featured

    def push_out(self, points: Array, clearance: Array | float) -> Array:
        """Return points ``(..., 3)`` moved to where they are ``clearance`` or more away from the body."""
        distance = np.linalg.norm(points, axis=-1) + 1e-9
        room = np.broadcast_to(clearance, distance.shape)
        # No feature of a face is higher than 0.3; what is farther away need not be looked at.
        near = distance < self.radii.max() + 0.3 + room
        direction = points[near] / distance[near][..., None]
        missing = np.maximum(self.head(direction) + room[near] - distance[near], 0)
        points = points.copy()
        points[near] += direction * missing[..., None]
        if not len(self.rings):
            return points
        z = points[..., 2]
        heights = self.rings[::-1, 0]
        wide, deep, middle = (np.interp(z, heights, self.rings[::-1, k]) for k in (1, 2, 3))
        slope_wide, slope_deep = (
            np.interp(z, heights, np.gradient(self.rings[:, k], self.rings[:, 0])[::-1]) for k in (1, 2)
        )
        x, y = points[..., 0] / wide, (points[..., 1] - middle) / deep
        ring = np.sqrt(x**2 + y**2) + 1e-9
        steepness = np.stack([x / wide, y / deep, -(x**2 * slope_wide / wide + y**2 * slope_deep / deep)], -1)
        steepness = steepness / ring[..., None]
        square = (steepness**2).sum(axis=-1)
        missing = np.clip(clearance - (ring - 1) / np.sqrt(square), 0, 0.5) * (z < heights[-1]) * (z > heights[0])
        out: Array = points + steepness * (missing / np.sqrt(square))[..., None]
        return out


def random_body(base: str, rng: np.random.Generator) -> Body:
    """Return a body on one of `BASES`."""
    if base == "ball":
        return Body(base, rng.uniform(0.9, 1.1, 3), np.zeros((0, 4)))
    radii = np.array([0.76, 0.92, 1.06]) * rng.uniform(0.96, 1.04, 3)
    rings = np.array(_TORSO if base == "shoulders" else _STAND)
    rings = rings * [1, rng.uniform(0.92, 1.08), rng.uniform(0.95, 1.05), 1]
    return Body(base, radii, smooth_path(rings, 48))


def add_body(body: Body, covered: Array, skin: Color, hair: Color, rng: np.random.Generator) -> None:
    """Add the body to the scene.

    ``covered`` ``(n, 3)`` are the directions of the hair's roots; the skin has the color ``hair`` near them.
    """
    rows, columns = 100, 160
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None]
    longitude = np.linspace(-np.pi, np.pi, columns, endpoint=False)[None]
    grid = np.stack(
        np.broadcast_arrays(
            np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)
        ),
        axis=-1,
    ).reshape(-1, 3)
    near = np.zeros(len(grid))
    roots = covered[:: max(len(covered) // 1200, 1)]
    for piece in range(0, len(grid), 4096):
        near[piece : piece + 4096] = (grid[piece : piece + 4096] @ roots.T).max(axis=1)
    scalp = np.clip((near - np.cos(0.12)) / (np.cos(0.05) - np.cos(0.12)), 0, 1)
    material = _skin(skin, hair, rng)
    vertices = grid * body.head(grid)[:, None]
    add_mesh("head", vertices, grid_faces(rows, columns, around=True, closed=False), material, {"scalp": scalp})
    if not len(body.rings):
        return
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)[None]
    rings = np.concatenate([body.rings, body.rings[-1:] * [1, 0.94, 0.92, 1], body.rings[-1:] * [1, 0, 0, 1]])
    rings[-2:, 0] -= 0.03
    z, wide, deep, middle = (column[:, None] for column in rings.T)
    torso = np.stack(np.broadcast_arrays(wide * np.cos(angle), middle + deep * np.sin(angle), z), axis=-1)
    below = {"scalp": np.zeros(torso[..., 0].size)}
    add_mesh(body.base, torso.reshape(-1, 3), grid_faces(*torso.shape[:2], around=True, closed=False), material, below)
    for side in (-1, 1):
        ear = unit(np.array([side, 0.1, -0.06]))
        ellipsoid("ear", material, ear * (body.head(ear) - 0.01), (0.06, 0.12, 0.2))
    if body.base == "stand":
        foot = np.array([(0.0, -1.98), (0.7, -1.98), (0.86, -1.96), (0.86, -1.9), (0.7, -1.88), (0.0, -1.88)])
        lathe("foot", plain("foot", hair, roughness=0.4), foot)


def _skin(skin: Color, hair: Color, rng: np.random.Generator) -> bpy.types.Material:
    material = plain("skin", skin, roughness=rng.uniform(0.45, 0.75), coat=rng.choice([0.0, 0.1]))
    mix = material.node_tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    links = material.node_tree.links
    links.new(attribute(material, "scalp"), mix.inputs["Factor"])
    colors = [socket for socket in mix.inputs if socket.type == "RGBA"]
    colors[0].default_value, colors[1].default_value = (*skin, 1.0), (*hair, 1.0)
    result = next(socket for socket in mix.outputs if socket.type == "RGBA")
    links.new(result, principled(material).inputs["Base Color"])
    return material
