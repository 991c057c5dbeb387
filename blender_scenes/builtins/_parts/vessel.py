"""Turned hollow things: outlines with rounded corners, walls of even thickness, what is filled in, and handles."""

from __future__ import annotations

import itertools

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube_points

Mask = NDArray[np.bool_]
SEGMENTS = 128
"""Corners of a turned thing's cross-section; refraction shows far fewer."""


def rounded(corners: ArrayLike, longest: float = 0.03, steps: int = 9) -> Array:
    """Return an outline ``(n, 2)`` of straight lines with rounded corners.

    Args:
        corners: ``(m, 3)`` rows of radius, height, and the radius of the rounding, made smaller where there is no room.
        longest: Points lie no further apart than this on straight lines.
        steps: Points of a rounding.
    """
    table = np.asarray(corners, float)
    place, wanted = table[:, :2], table[:, 2]
    points = [place[:1]]
    for before, at, after, radius in zip(place[:-2], place[1:-1], place[2:], wanted[1:-1], strict=True):
        back, ahead = before - at, after - at
        room = min(np.linalg.norm(back), np.linalg.norm(ahead)) * 0.49
        back, ahead = unit(back), unit(ahead)
        half = np.arccos(np.clip(back @ ahead, -1, 1)) / 2
        if radius <= 0 or half > 1.57:
            points.append(at[None])
            continue
        reach = min(radius / np.tan(half), room)
        middle = at + unit(back + ahead) * reach / np.cos(half)
        start, end = at + back * reach - middle, at + ahead * reach - middle
        fraction = np.linspace(0, 1, steps)[:, None]
        turn = np.pi - 2 * half
        points.append(middle + (np.sin((1 - fraction) * turn) * start + np.sin(fraction * turn) * end) / np.sin(turn))
    return subdivided(np.concatenate([*points, place[-1:]]), longest)


def bowl(corners: ArrayLike, count: int = 90) -> Array:
    """Return a smooth outline ``(n, 2)`` from the axis up through corners ``(m, 2)``, level at the axis."""
    corner = np.asarray(corners, float)
    mirrored = corner[1:2] * (-1, 1)
    curve = smooth_path(np.concatenate([mirrored, corner]), count * (len(corner) + 1) // len(corner))
    start = int(np.argmax(curve[:, 0] > 1e-3))
    return np.concatenate([corner[:1], curve[start:]])


def subdivided(outline: Array, longest: float) -> Array:
    """Return an outline with points added on its lines so that none is longer than ``longest``."""
    pieces = []
    for start, end in itertools.pairwise(outline):
        count = max(int(np.ceil(np.linalg.norm(end - start) / longest)), 1)
        pieces.append(start + (end - start) * np.arange(count)[:, None] / count)
    joined: Array = np.concatenate([*pieces, outline[-1:]])
    apart: Mask = np.concatenate([[True], np.linalg.norm(np.diff(joined, axis=0), axis=1) > 1e-6])
    kept: Array = joined[apart]
    return kept


def moved_out(outline: Array, distance: ArrayLike) -> Array:
    """Return an outline that begins on the axis moved outward, or inward if negative, by distances ``(n,)``."""
    ahead = unit(np.gradient(outline, axis=0))
    ahead[0] = (1, 0)
    moved: Array = outline + np.stack([ahead[:, 1], -ahead[:, 0]], axis=1) * np.reshape(distance, (-1, 1))
    moved[0, 0] = 0.0
    kept: Array = moved[(moved[:, 0] > 1e-4) | (np.arange(len(moved)) == 0)]
    return kept


def shell(outside: Array, inside: Array) -> tuple[Array, int]:
    """Return the closed outline of a wall with a round rim, from the axis below to the axis inside.

    Both outlines run from the axis to the rim. The number of rows that are on the outside comes with it.
    """
    low, high = outside[-1], inside[-1]
    half = (low - high) / 2
    up = np.array([-half[1], half[0]])
    turn = np.linspace(0, np.pi, 9)[1:-1, None]
    rim = (low + high) / 2 + np.cos(turn) * half + np.sin(turn) * up
    return np.concatenate([outside, rim, inside[::-1]]), len(outside)


def filled(inside: Array, level: float, overlap: float) -> Array:
    """Return the closed outline of a liquid up to a height; it reaches into the wall by ``overlap``, so that no air is
    between them and no two surfaces lie in one place.
    """
    grown = moved_out(inside, overlap)
    body = grown[(grown[:, 1] < level - 1e-3) | (np.arange(len(grown)) == 0)]
    first_above = int(np.argmax(grown[:, 1] >= level))
    edge = float(
        np.interp(level, grown[first_above - 1 : first_above + 1, 1], grown[first_above - 1 : first_above + 1, 0])
    )
    body = body[:first_above]
    creep = np.array(
        [[edge, level + overlap], [edge - 2.2 * overlap, level + 0.25 * overlap], [edge - 4 * overlap, level]]
    )
    top = subdivided(np.concatenate([creep, [[0.0, level]]]), 0.1)
    return np.concatenate([body, top])


def swept(outline: Array, section: Array | float = 1.0, ring: Array | None = None) -> Array:
    """Return the grid ``(n, segments, 3)`` that an outline sweeps about the axis.

    Args:
        outline: ``(n, 2)`` radius and height.
        section: Factor of the radius, ``(n, segments)`` or less.
        ring: ``(n, segments, 2)`` directions instead of a circle.
    """
    angle = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[None] if ring is None else ring
    level = circle * (outline[:, :1] * section)[..., None]
    return np.concatenate([level, np.broadcast_to(outline[:, None, 1:], (*level.shape[:2], 1))], axis=-1)


def add_solid(name: str, material: bpy.types.Material, outline: Array) -> bpy.types.Object:
    """Add what an outline from axis to axis sweeps."""
    return add_grid(name, swept(outline), material)


def paint_rows(item: bpy.types.Object, rows: Mask, material: bpy.types.Material) -> None:
    """Give faces of a swept object another material; ``rows`` says for which rows of points, and the next."""
    columns = len(item.data.polygons) // (len(rows) - 1)
    index = np.empty(len(item.data.polygons), np.int32)
    item.data.polygons.foreach_get("material_index", index)
    index[np.repeat(rows[:-1], columns)] = len(item.data.materials)
    item.data.materials.append(material)
    item.data.polygons.foreach_set("material_index", index)


def add_handle(
    outside: Array,
    wall: float,
    material: bpy.types.Material,
    ends: tuple[float, float],
    reach: float,
    thick: float,
) -> None:
    """Add a handle from height to height, ending within the wall, ``reach`` beyond it, ``thick`` its radius."""
    low, high = ends
    at = [float(np.interp(z, outside[-60:, 1], outside[-60:, 0])) for z in ends]
    far = max(at) + reach
    corners = [(at[0], 0, low), (far * 0.93, 0, low + 0.08 * (high - low)), (far, 0, low * 0.4 + high * 0.6)]
    corners += [(far * 0.92, 0, high * 0.97 + low * 0.03), (at[1], 0, high)]
    path = smooth_path(corners, 50)
    radii = np.interp(np.linspace(0, 1, 50), (0, 0.12, 0.88, 1), (1.25, 1, 1, 1.25)) * thick
    points = tube_points(path, radii, segments=32, flat=0.85)
    points[0], points[-1] = points[0].mean(axis=0), points[-1].mean(axis=0)
    bound = np.interp(points[..., 2], outside[-60:, 1], outside[-60:, 0]) - 0.45 * wall
    inward = np.sqrt(np.maximum(bound**2 - points[..., 1] ** 2, 1e-6))
    points[..., 0] = np.maximum(points[..., 0], inward)
    add_grid("handle", points, material)
