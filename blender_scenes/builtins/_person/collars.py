"""Collars along a garment's neckline, and scarves round the neck."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.garment import Garment
from synthmat.blender_scenes.builtins._person.surface import boundary_loops

_POINTS = 120


def neckline(garment: Garment) -> Array:
    """Return the neckline ``(120, 3)``, evenly, from the middle of the front once round."""
    loops = boundary_loops(garment.surface.faces)
    loop = min(loops, key=lambda each: float(garment.measures.neck[each].mean()))
    places = garment.surface.places[loop]
    start = int(np.argmin(places[:, 1] + 0.3 * places[:, 2]))
    places = np.roll(places, -start, axis=0)
    closed = np.concatenate([places, places[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.linspace(0, along[-1], _POINTS, endpoint=False)
    line = np.stack([np.interp(even, along, closed[:, k]) for k in range(3)], axis=1)
    for _ in range(3):
        line = (line * 2 + np.roll(line, 1, axis=0) + np.roll(line, -1, axis=0)) / 4
    return line


def add_shirt_collar(garment: Garment, body: Body, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a collar that stands up along the neckline and folds outward, open in front, with two points."""
    line, up, out = _frame(garment, body)
    share = np.linspace(0, 1, _POINTS)[:, None]
    front = np.abs(share - 0.5) * 2
    stand = rng.uniform(0.024, 0.034) * (1 - 0.3 * front**6)
    leaf = rng.uniform(0.03, 0.042) + rng.uniform(0.01, 0.025) * front**8
    rows = [
        line - out * 0.001,
        line + up * stand * 0.6 - out * 0.003,
        line + up * stand,
        line + up * (stand + 0.002) + out * 0.005,
        line + up * (stand - leaf * 0.4) + out * (0.007 + 0.08 * leaf),
        line + up * (stand - leaf) + out * (0.01 + 0.25 * leaf),
    ]
    # A gap in front, whose sides run away from each other.
    gap = 3
    grid = np.stack([row[gap:-gap] for row in rows])
    _thick(add_grid("collar", grid, material, around=False), 0.0015)


def add_turtleneck(garment: Garment, body: Body, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a collar that goes up the neck and is turned over."""
    line, up, out = _frame(garment, body)
    high = rng.uniform(0.035, 0.06)
    rows = [line + up * high * t - out * 0.018 * np.sin(np.pi * min(t, 0.5)) for t in np.linspace(0, 1, 8)]
    if rng.random() < 0.6:
        top = rows[-1]
        rows += [
            top + out * 0.004 + up * 0.002,
            top + out * 0.008 - up * high * 0.35,
            top + out * 0.011 - up * high * 0.6,
        ]
    _thick(add_grid("collar", np.stack(rows), material), 0.003)


def add_scarf(body: Body, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a scarf that goes round the neck twice, with an end or two on the chest."""
    neck, head = body.joints["neck01"][:3, 3], body.joints["head"][:3, 3]
    size = float(np.linalg.norm(head - neck)) / 0.09
    angle = np.linspace(0, 4 * np.pi, 120)
    radius = size * (0.083 + 0.014 * np.sin(angle * 0.5 + rng.uniform(0, 6)) + 0.004 * np.sin(angle * 3))
    height = size * (0.012 + 0.012 * np.sin(angle * 0.5 + 1) + 0.006 * np.sin(angle * 2 + rng.uniform(0, 6)))
    path = neck + np.stack([radius * np.sin(angle), -radius * np.cos(angle) * 1.05, height], axis=1)
    tube("scarf", material, path, size * (0.024 + 0.004 * np.sin(angle * 5)), flat=0.7, segments=24)
    for side in (-1, 1)[: int(rng.integers(1, 3))]:
        start = neck + size * np.array([side * 0.03, -0.1, 0.0])
        long = size * rng.uniform(0.2, 0.32)
        bend = [
            start + [0, 0.02, 0.03],
            start,
            start + [side * 0.02, -0.03, -0.1],
            start + [side * 0.03, -0.025, -long],
        ]
        width = size * np.linspace(0.02, 0.045, 30)
        tube("scarf end", material, smooth_path(bend, 30), width, flat=0.28, segments=24)


def _frame(garment: Garment, body: Body) -> tuple[Array, Array, Array]:
    """Return the neckline, the way up the neck ``(3,)`` and the ways out of it ``(120, 3)``."""
    line = neckline(garment)
    up = unit(body.joints["head"][:3, 3] - body.joints["neck01"][:3, 3])
    away = line - line.mean(axis=0)
    return line, up, unit(away - np.outer(away @ up, up))


def _thick(item: bpy.types.Object, thickness: float) -> None:
    solid = item.modifiers.new("thickness", "SOLIDIFY")
    solid.thickness, solid.offset = thickness, 1.0
