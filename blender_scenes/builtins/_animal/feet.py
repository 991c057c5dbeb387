"""Claws and hooves."""

from __future__ import annotations

import itertools

import numpy as np

from synthmat.blender_scenes.builtins._animal.face import claw_points
from synthmat.blender_scenes.builtins._animal.pose import Leg, Pose
from synthmat.blender_scenes.builtins._animal.species import Species
from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_grids

_UP = np.array([0.0, 0.0, 1.0])


def add_claws(pose: Pose, species: Species, rng: np.random.Generator) -> None:
    """Add four claws to each paw, at the ends of its toes."""
    tone = float(rng.uniform(0.02, 0.3))
    horn = plain("claw", (tone, tone * 0.85, tone * 0.7), roughness=0.35)
    radius, grids = species.legs[2], []
    for leg in pose.legs:
        _, _, _, ball, tip = leg.joints
        ahead = unit((tip - ball) * [1, 1, 0])
        side = np.cross(ahead, _UP)
        for place in (-0.66, -0.23, 0.23, 0.66):
            reach = radius * (0.62 - 0.28 * place**2)
            toe = tip + ahead * (reach - 0.3 * radius) + side * place * radius * 1.05
            toe[2] = ball[2] - radius * 0.34
            far = np.linspace(0, 1, 6)[:, None] * radius * 0.5
            path = toe + far * ahead
            path[:, 2] = np.maximum(path[:, 2] - far[:, 0] ** 2 / radius * 0.9, 0.12 * radius)
            grids.append(claw_points(path, 0.12 * radius))
    add_grids("claw", grids, horn)


def add_hooves(pose: Pose, species: Species, rng: np.random.Generator) -> None:
    """Add a hoof, whole or cloven, to each foot."""
    tone = float(rng.choice([0.02, 0.05, 0.16]))
    horn = plain("hoof", (tone, tone * 0.8, tone * 0.62), roughness=0.4)
    grids = [grid for leg in pose.legs for grid in _hoof(leg, species)]
    add_grids("hoof", grids, horn)


def _hoof(leg: Leg, species: Species) -> list[Array]:
    radius = species.legs[1] * 1.1
    _, _, wrist, ball, tip = leg.joints
    standing = wrist[2] > 2.5 * ball[2]
    down = np.array([0, -0.3, -1.0]) if standing else unit(tip - ball) + [0, 0, 0.001]
    down = unit(down)
    end = (
        np.array([ball[0], ball[1] - 0.35 * radius, ball[2] - species.legs[2] * 1.3])
        if standing
        else tip + down * radius
    )
    start = end - down * radius * 1.9
    ahead = unit(np.array([0, -1.0, 0]) - down * (-down[1])) if standing else unit(np.cross([1.0, 0, 0], down))
    side = np.cross(down, ahead)
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    profile = [(0.0, 0.0), (0.0, 0.86), (0.35, 0.98), (0.94, 1.2), (1.0, 1.16), (1.0, 0.0)]
    halves = [(0.0, 1.0)] if species.foot == "hoof" else [(-0.52, 0.5), (0.52, 0.5)]
    grids = []
    for off, wide in halves:
        rows = []
        for along, out in profile:
            ring = np.cos(angle)[:, None] * side * wide + np.sin(angle)[:, None] * ahead * 1.05
            middle = start + (end - start) * along + side * off * radius * (0.8 + 0.3 * along)
            row = middle + ring * radius * out
            if standing:
                row[:, 2] = np.maximum(row[:, 2], end[2]) if along < 1 else end[2]
            rows.append(row)
        rows[0][:], rows[-1][:] = rows[0].mean(axis=0), rows[-1].mean(axis=0)
        grids.append(_finer(np.array(rows)))
    return grids


def _finer(rows: Array) -> Array:
    """Return a grid with rows added close to its edges, so that they look sharp but not cut."""
    made = [rows[0]]
    for before, after in itertools.pairwise(rows):
        made += [before + (after - before) * t for t in (0.08, 0.92)] + [after]
    grid = np.array(made)
    grid[..., 2] = np.maximum(grid[..., 2], 0.0)
    return grid
