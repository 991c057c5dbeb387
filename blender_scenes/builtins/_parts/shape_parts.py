"""Solids of random shapes, each a closed surface over a grid of points about the origin, of radius about 1."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import superquadric_points, tube_points

LUMPS = ("superquadric", "superquadric", "supershape", "blob", "rough", "spiky", "gear", "spindle")
"""Solids without a hole; the rest are closed rings, and a coil."""
KINDS = (*LUMPS, "knot", "ring", "supertoroid", "coil")


def random_part(kind: str, rng: np.random.Generator) -> tuple[Array, bool]:
    """Return the grid of a solid of one of `KINDS`, and whether its last row joins the first."""
    if kind == "knot":
        return _knot(rng), True
    if kind in ("ring", "supertoroid"):
        return _ring(rng, exponent=1.0 if kind == "ring" else float(rng.uniform(0.2, 2.0))), True
    if kind == "coil":
        return _coil(rng), False
    if kind == "gear":
        return _deformed(_gear(rng), rng), False
    if kind == "spindle":
        return _deformed(_spindle(rng), rng), False
    if kind == "supershape":
        return _deformed(_supershape(rng), rng), False
    if kind == "superquadric":
        grid = superquadric_points((float(rng.uniform(0.2, 2.2)), float(rng.uniform(0.2, 2.2))), 56)
        return _deformed(grid * rng.uniform(0.5, 1.1, 3), rng), False
    grid = superquadric_points((1.0, 1.0), 100 if kind == "rough" else 72) * rng.uniform(0.6, 1.1, 3)
    directions = unit(grid)
    height = {"blob": _waves, "rough": _fractal, "spiky": _spikes}[kind](directions, rng)
    return _deformed(grid * np.clip(1 + height, 0.3, 2.2)[..., None], rng), False


def _waves(directions: Array, rng: np.random.Generator) -> Array:
    """Return how far a few long waves push a surface in or out."""
    height = np.zeros(directions.shape[:-1])
    for _ in range(6):
        wave = unit(rng.normal(size=3)) * rng.uniform(1.5, 6)
        height += np.sin(directions @ wave + rng.uniform(0, 2 * np.pi)) / np.linalg.norm(wave)
    return np.asarray(rng.uniform(0.15, 0.55) * height)


def _fractal(directions: Array, rng: np.random.Generator) -> Array:
    """Return displacement by waves of all lengths, like a stone's, or by their ridges, like a mountain's."""
    height, ridged = np.zeros(directions.shape[:-1]), rng.random() < 0.4
    fall = rng.uniform(0.8, 1.3)
    for octave in range(5):
        frequency = 2.2 * 1.9**octave
        for _ in range(6):
            wave = np.sin(
                directions @ unit(rng.normal(size=3)) * frequency * rng.uniform(0.8, 1.25) + rng.uniform(0, 6.3)
            )
            height += (0.6 - np.abs(wave) if ridged else wave) / frequency**fall
    return np.asarray(rng.uniform(0.12, 0.3) * height)


def _spikes(directions: Array, rng: np.random.Generator) -> Array:
    """Return displacement by spikes or warts spread evenly over a ball, outward or inward."""
    count, sharp = int(rng.integers(12, 70)), rng.uniform(30, 160)
    number = np.arange(count) + 0.5
    up, around = 1 - 2 * number / count, np.pi * (1 + 5**0.5) * number
    ring = np.sqrt(1 - up**2)
    tips = np.stack([ring * np.cos(around), ring * np.sin(around), up], axis=-1)
    near = np.exp(sharp * ((directions @ tips.T).max(axis=-1) - 1))
    return np.asarray(near * rng.choice([rng.uniform(0.2, 0.8), rng.uniform(-0.3, -0.12)]))


def _supershape(rng: np.random.Generator) -> Array:
    """Return the product of two superformula curves (Gielis 2003)."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 81)[:, None]
    longitude = np.linspace(-np.pi, np.pi, 160, endpoint=False)[None, :]
    around, upward = _superformula(longitude, rng), _superformula(latitude, rng)
    x, y = around * np.cos(longitude), around * np.sin(longitude)
    flat = upward * np.cos(latitude)
    points = np.stack(np.broadcast_arrays(flat * x, flat * y, upward * np.sin(latitude)), axis=-1)
    points[0, :, :2] = points[-1, :, :2] = 0
    scaled: Array = points / np.linalg.norm(points, axis=-1).max()
    return scaled


def _superformula(angle: Array, rng: np.random.Generator) -> Array:
    fold, (n1, n2) = 2 * int(rng.integers(0, 5)), rng.uniform((0.6, 0.8), (2.5, 2.5))
    quarter = fold * angle / 4
    radius = (np.abs(np.cos(quarter)) ** n2 + np.abs(np.sin(quarter)) ** n2) ** (-1 / n1)
    return np.asarray(np.clip(radius / radius.max(), 0.15, 1))


def _knot(rng: np.random.Generator) -> Array:
    """Return a tube along a torus knot, plain or with beads."""
    around, through = ((2, 3), (3, 2), (2, 5), (3, 4), (1, 4))[int(rng.integers(5))]
    angle = np.linspace(0, 2 * np.pi, 320, endpoint=False)
    radius = 0.72 + 0.3 * np.cos(through * angle)
    path = np.stack(
        [radius * np.cos(around * angle), radius * np.sin(around * angle), 0.3 * np.sin(through * angle)], 1
    )
    beads = 1 + rng.choice([0.0, 0.0, 0.3]) * np.sin(int(rng.integers(6, 30)) * angle)
    return tube_points(path, rng.uniform(0.07, 0.13) * beads, closed=True)


def _ring(rng: np.random.Generator, exponent: float) -> Array:
    """Return a ring whose cross-section is a superellipse, which may turn on its way and swell in waves."""
    count = 240
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    section = np.linspace(0, 2 * np.pi, 48, endpoint=False)[None, :]
    wide, high = (np.sign(part) * np.abs(part) ** exponent for part in (np.cos(section), np.sin(section)))
    turn = int(rng.integers(-3, 4)) * angle / 2 if exponent != 1.0 else 0 * angle
    thick = rng.uniform(0.1, 0.34) * (1 + rng.choice([0.0, 0.15, 0.3]) * np.sin(int(rng.integers(3, 24)) * angle))
    high = high * rng.uniform(0.5, 1.8) if exponent == 1.0 else high
    out = 0.72 + thick * (wide * np.cos(turn) - high * np.sin(turn))
    return np.stack([out * np.cos(angle), out * np.sin(angle), thick * (wide * np.sin(turn) + high * np.cos(turn))], -1)


def _coil(rng: np.random.Generator) -> Array:
    angle = np.linspace(0, 2 * np.pi * rng.uniform(1.5, 4), 220)
    radius = 1 - rng.uniform(0, 0.7) * angle / angle[-1]
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), rng.uniform(0.5, 2) * angle / angle[-1]], 1)
    return tube_points(path - path.mean(axis=0), rng.uniform(0.08, 0.16))


def _gear(rng: np.random.Generator) -> Array:
    """Return a prism of radius 1 over a star, a polygon or a toothed wheel, with rounded edges."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    teeth, depth = int(rng.integers(3, 14)), rng.uniform(0.06, 0.35)
    border = 1 - depth * (0.5 + 0.5 * np.tanh(rng.uniform(0.5, 6) * np.cos(teeth * angle)))
    bevel = np.linspace(0, np.pi / 2, 7)
    half, edge = rng.uniform(0.15, 0.9), 0.08
    shrink = np.concatenate([[-1 + edge], np.sin(bevel) * edge - edge, np.cos(bevel) * edge - edge, [-1 + edge]])
    up = np.concatenate([[-half], -half + edge - np.cos(bevel) * edge, half - edge + np.sin(bevel) * edge, [half]])
    radius = np.maximum(border[None, :] + shrink[:, None], 0)
    radius[0], radius[-1] = 0, 0
    return np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), up[:, None]), axis=-1)


def _spindle(rng: np.random.Generator) -> Array:
    """Return a turned body with a random profile, round or with flutes."""
    levels = np.linspace(-1, 1, int(rng.integers(5, 10)))
    corners = [(0.0, -1.0), *((rng.uniform(0.15, 0.75), level) for level in levels[1:-1]), (0.0, 1.0)]
    profile = smooth_path(corners, 120)
    radius = np.maximum(profile[:, :1], 0.0)
    radius[0], radius[-1] = 0, 0
    angle = np.linspace(0, 2 * np.pi, 144, endpoint=False)[None, :]
    radius = radius * (1 + rng.choice([0.0, 0.0, 0.12]) * np.cos(int(rng.integers(5, 16)) * angle))
    return np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), profile[:, 1:]), axis=-1)


def _deformed(grid: Array, rng: np.random.Generator) -> Array:
    """Return a grid twisted about its axis, tapered along it, bent, or as it was."""
    up = grid[..., 2]
    if rng.random() < 0.5:
        turn = rng.uniform(-1.6, 1.6) * up
        x, y = grid[..., 0], grid[..., 1]
        grid = np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y, up], axis=-1)
    if rng.random() < 0.4:
        grid = grid * np.stack([*(1 + rng.uniform(-0.6, 0.6) * up,) * 2, np.ones_like(up)], axis=-1)
    if rng.random() < 0.25:
        radius = rng.uniform(1.1, 2.5)
        turn, out = up / radius, radius + grid[..., 0]
        grid = np.stack([out * np.cos(turn) - radius, grid[..., 1], out * np.sin(turn)], axis=-1)
    return grid
