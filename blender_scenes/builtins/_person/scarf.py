"""Scarves: wound round the neck, with ends that lie on what is worn below."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.garment import Garment

_ROWS, _COLUMNS = 40, 21
_OFF = 0.012
"""Least distance of an end from the clothes, meters."""


def add_scarf(body: Body, material: bpy.types.Material, clothes: Sequence[Garment], rng: np.random.Generator) -> None:
    """Add a scarf that goes round the neck twice, with an end or two on the chest, over ``clothes``."""
    neck, head = body.joints["neck01"][:3, 3], body.joints["head"][:3, 3]
    size = float(np.linalg.norm(head - neck)) / 0.09
    angle = np.linspace(0, 4 * np.pi, 120)
    radius = size * (0.083 + 0.014 * np.sin(angle * 0.5 + rng.uniform(0, 6)) + 0.004 * np.sin(angle * 3))
    height = size * (0.012 + 0.012 * np.sin(angle * 0.5 + 1) + 0.006 * np.sin(angle * 2 + rng.uniform(0, 6)))
    path = neck + np.stack([radius * np.sin(angle), -radius * np.cos(angle) * 1.05, height], axis=1)
    tube("scarf", material, path, size * (0.024 + 0.004 * np.sin(angle * 5)), flat=0.7, segments=24)
    for side in (-1, 1)[: int(rng.integers(1, 3))]:
        start = neck + size * np.array([side * 0.03, -0.09, 0.0])
        long = size * rng.uniform(0.2, 0.36)
        bend = [
            start + size * np.array([0.0, 0.02, 0.02]),
            start + size * np.array([0.0, -0.015, -0.01]),
            start + size * np.array([side * 0.015, -0.04, -0.4 * long / size]),
            start + size * np.array([side * rng.uniform(0.01, 0.05), -0.04, -long / size]),
        ]
        end = _end(smooth_path(bend, _ROWS), size, rng)
        add_grid("scarf end", _outside(end, clothes), material, around=False)


def _end(path: Array, size: float, rng: np.random.Generator) -> Array:
    """Return a sheet ``(rows, columns, 3)`` along a path, narrow at the knot and wide and in folds at its end."""
    down = np.linspace(0, 1, _ROWS)[:, None]
    across = np.linspace(-1, 1, _COLUMNS)[None]
    wide = size * (0.022 + rng.uniform(0.025, 0.05) * down**0.7)
    folds = rng.uniform(1.5, 3.5)
    deep = size * rng.uniform(0.006, 0.014) * (1 - 0.4 * down)
    wave = deep * np.cos(across * np.pi * folds + rng.uniform(0, 6) + down * rng.uniform(-1, 1))
    sheet = np.repeat(path[:, None], _COLUMNS, axis=1)
    sheet[..., 0] += wide * across
    sheet[..., 1] += wave - deep
    sheet[..., 2] += size * 0.012 * down * across * rng.uniform(-1, 1)
    return sheet


def _outside(sheet: Array, clothes: Sequence[Garment]) -> Array:
    """Return a sheet ``(rows, columns, 3)`` moved to where it is off the clothes."""
    moved = sheet.copy()
    for each in clothes:
        tree = BVHTree.FromPolygons(each.surface.places.tolist(), each.surface.faces.tolist())
        for place in moved.reshape(-1, 3):
            spot, normal, _, distance = tree.find_nearest(Vector(place.tolist()), 0.08)
            if spot is None:
                continue
            off = float((Vector(place.tolist()) - spot).dot(normal))
            if off < _OFF and (abs(off) > 0.7 * distance or distance < _OFF):
                place += np.array(normal) * (_OFF - off)
    return moved
