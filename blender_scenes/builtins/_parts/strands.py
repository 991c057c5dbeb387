"""Strands as numpy arrays: hair curves, how they gather in locks and how they wave."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, lengths, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import Indices

_BLOCK = 256
"""Strands whose distances to all leaders are in memory at once: a few megabytes."""


def add_strands(
    name: str,
    points: Array,
    radii: ArrayLike,
    material: bpy.types.Material,
    attributes: dict[str, Array] | None = None,
) -> bpy.types.Object:
    """Add strands to the scene as one object of hair curves.

    Args:
        name: Name of the object.
        points: ``(strands, points, 3)``, from root to tip.
        radii: Half of the thickness: one for all, or anything that broadcasts to ``(strands, points)``.
        material: Of all strands.
        attributes: Floats for each point, broadcast to ``(strands, points)``, by name, for shaders.
    """
    count, length, _ = points.shape
    curves = bpy.data.hair_curves.new(name)
    curves.add_curves([length] * count)
    curves.attributes["position"].data.foreach_set("vector", points.astype(np.float32).reshape(-1))
    for key, given in {"radius": radii, **(attributes or {})}.items():
        layer = curves.attributes.get(key) or curves.attributes.new(key, "FLOAT", "POINT")
        values = np.broadcast_to(np.asarray(given, np.float32), (count, length))
        layer.data.foreach_set("value", np.ascontiguousarray(values).reshape(-1))
    curves.materials.append(material)
    item = bpy.data.objects.new(name, curves)
    bpy.context.scene.collection.objects.link(item)
    return item


def finer(points: Array, count: int) -> Array:
    """Return smooth strands ``(strands, count, 3)`` through strands of fewer points."""
    strands = len(points)
    rows = smooth_path(points.transpose(1, 0, 2).reshape(points.shape[1], -1), count)
    smooth: Array = rows.reshape(count, strands, 3).transpose(1, 0, 2)
    return smooth


def taper(count: int, tip: float, start: float = 0.5) -> Array:
    """Return shares ``(count,)`` of a thickness that is full up to ``start`` of the length and ``tip`` at its end."""
    along = np.linspace(0, 1, count)
    fractions: Array = 1 - (1 - tip) * np.clip((along - start) / (1 - start), 0, 1) ** 1.5
    return fractions


def locks(roots: Array, count: int, rng: np.random.Generator) -> Indices:
    """Return for each of ``roots`` ``(n, d)`` the number of the strand that leads its lock; ``count`` of them lead."""
    leaders = rng.choice(len(roots), size=min(count, len(roots)), replace=False)
    squared, ahead = (roots[leaders] ** 2).sum(axis=1), roots[leaders].T
    nearest = [
        np.argmin(squared - 2 * roots[first : first + _BLOCK] @ ahead, axis=1) for first in range(0, len(roots), _BLOCK)
    ]
    return np.asarray(leaders[np.concatenate(nearest)], np.int64)


def gathered(points: Array, leader: Indices, strength: float, spread: float, rng: np.random.Generator) -> Array:
    """Return strands pulled to the leaders of their locks, the more the nearer to their tips.

    Args:
        points: ``(strands, points, 3)``.
        leader: Number of each strand's leader ``(strands,)``.
        strength: From 0 to 1.
        spread: How far from its leader a strand may end.
        rng: Draws where round its leader.
    """
    fraction = np.linspace(0, 1, points.shape[1])[None, :, None]
    aside = rng.normal(0, spread, (len(points), 1, 3)) * fraction
    pulled: Array = points + (points[leader] + aside - points) * (strength * fraction**0.8)
    return pulled


def waved(points: Array, phase: Array, height: ArrayLike, length: float, roundness: float) -> Array:
    """Return strands ``(strands, points, 3)`` that wave or curl about the paths they had.

    Args:
        points: The paths.
        phase: Of each strand ``(strands,)``, radians.
        height: How far the strands leave the paths; broadcast to ``(strands, points)``.
        length: Of one wave.
        roundness: 0 makes waves in a plane, 1 makes helices.
    """
    steps = lengths(np.diff(points, axis=1))
    along = np.concatenate([np.zeros((len(points), 1)), np.cumsum(steps, axis=1)], axis=1)
    ahead = unit(np.gradient(points, axis=1) + 1e-9)
    side = unit(np.cross(ahead, [0.13, 0.31, 0.22] - points) + 1e-9)
    other = np.cross(ahead, side)
    phases = along * (2 * np.pi / length) + phase[:, None]
    swing = np.broadcast_to(np.asarray(height, float), phases.shape)
    forth = swing * roundness * (np.cos(phases) - np.cos(phase)[:, None])
    curled: Array = points + side * (swing * np.sin(phases))[..., None] + other * forth[..., None]
    return curled
