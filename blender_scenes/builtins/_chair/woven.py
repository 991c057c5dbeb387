"""Woven seats: rush wound round four rails, open cane and plaited bands; every strand is a thing of its own."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._chair.parts import add_rods
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids


def add_woven_seat(corners: Array, rng: np.random.Generator) -> None:
    """Add a rush, cane or band seat between four rails.

    Args:
        corners: ``(4, 3)``: front left, front right, back right, back left.
        rng: Decides the kind, its colors and how wide its strands are.
    """
    kind = rng.choice(["rush", "rush", "bands", "cane"])
    straw = plain(
        "straw",
        random_color(rng, hue=(0.085, 0.125), saturation=(0.3, 0.6), value=(0.45, 0.9)),
        roughness=rng.uniform(0.6, 0.9),
    )
    if kind == "rush":
        _add_rush(corners, straw, rng)
    elif kind == "bands":
        second = plain("band", random_color(rng, saturation=(0.1, 0.8)), roughness=0.8) if rng.random() < 0.6 else straw
        _add_bands(corners, (straw, second), rng)
    else:
        add_cane(corners, np.ones(2), straw, rng)


def _bilinear(corners: Array, u: Array, v: Array) -> Array:
    """Return points of the seat; u from left to right and v from front to back, 0 to 1."""
    u, v = u[..., None], v[..., None]
    front, back = corners[0] + (corners[1] - corners[0]) * u, corners[3] + (corners[2] - corners[3]) * u
    points: Array = front + (back - front) * v
    return points


def _add_rush(corners: Array, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add four triangles of cords that run from the rails to the diagonals."""
    count = int(rng.integers(18, 30))
    step = 0.5 / count
    along = np.linspace(0, 1, 12)
    paths = []
    for k in range(count):
        at = (k + 0.5) * step
        reach = at * along
        sag = 0.035 * np.sin(np.pi / 2 * along) * (0.4 + at) - 0.03 * (along < 0.05)
        for u, v in ((at, reach), (1 - at, reach), (at, 1 - reach), (1 - at, 1 - reach)):
            paths.append(_bilinear(corners, np.full(12, u), v) - sag[:, None] * [0, 0, 1])
            paths.append(_bilinear(corners, v, np.full(12, u)) - sag[:, None] * [0, 0, 1])
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    shift = np.array([0, 0, wide * step * 0.3])
    add_rods("rush", material, [path + shift for path in paths], wide * step * 0.55, segments=8)


def _add_bands(
    corners: Array, materials: tuple[bpy.types.Material, bpy.types.Material], rng: np.random.Generator
) -> None:
    """Add flat bands that go over and under each other."""
    count = int(rng.integers(7, 13))
    fraction = np.linspace(0, 1, count * 8 + 1)
    half, thick = 0.44 / count, 0.006
    for way, material in enumerate(materials):
        grids = []
        for k in range(count):
            wave = thick * 1.6 * np.cos(np.pi * (fraction * count - 0.5 + k + way))
            edges = []
            for side, lift in ((-1, thick), (-1, -thick), (1, -thick), (1, thick)):
                fixed = np.full_like(fraction, (k + 0.5) / count + side * half)
                u, v = (fraction, fixed) if way else (fixed, fraction)
                edges.append(_bilinear(corners, u, v) + np.outer(wave + lift, [0, 0, 1]))
            middle = np.mean(edges, axis=0)
            grid = np.stack(edges, axis=1)
            grids.append(np.concatenate([middle[:1, None].repeat(4, 1), grid, middle[-1:, None].repeat(4, 1)]))
        add_grids("band", grids, material)


def add_cane(corners: Array, size: Array, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add open cane: pairs of strands lengthwise and crosswise, and one in both diagonals; ``size`` cuts an ellipse.

    Args:
        corners: As of `add_woven_seat`.
        size: Half-axes of the ellipse of strands kept, in halves of the seat; ``(1, 1)`` keeps the whole rectangle.
        material: Material of the strands.
        rng: Decides how wide the meshes are.
    """
    count = int(rng.integers(9, 15))
    whole = bool((size >= 1).all())
    lines = []
    for k in range(1, count):
        for shift in (-0.14, 0.14):
            at = (k + shift) / count
            lines += [((at, 0.0), (at, 1.0)), ((0.0, at), (1.0, at))]
        for k_twice in (k, k + count):
            low, high = max(0.0, k_twice / count - 1), min(1.0, k_twice / count)
            lines += [((low, high), (high, low)), ((low, 1 - high), (high, 1 - low))]
    lines += [((0.0, 0.0), (1.0, 1.0)), ((0.0, 1.0), (1.0, 0.0))]
    fraction = np.linspace(0, 1, 16)[:, None]
    paths = []
    for number, (start, end) in enumerate(lines):
        ends = np.array((start, end))
        kept = ends if whole else _within_ellipse(ends, size)
        if kept is None:
            continue
        u, v = (kept[0] + (kept[1] - kept[0]) * fraction).T
        paths.append(_bilinear(corners, u, v) + [0, 0, 0.003 * (number % 3)])
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    add_rods("cane", material, paths, wide / count * 0.09, segments=6)


def _within_ellipse(ends: Array, size: Array) -> Array | None:
    """Return the piece of a line, in fractions of the seat, that lies in an ellipse about its middle."""
    start, way = (ends[0] * 2 - 1) / size, (ends[1] - ends[0]) * 2 / size
    a, b, c = way @ way, start @ way, start @ start - 1
    inside = b * b - a * c
    if inside <= 1e-4:
        return None
    cut = np.array([(-b - inside**0.5) / a, (-b + inside**0.5) / a])
    kept: Array = ends[0] + (ends[1] - ends[0]) * cut[:, None]
    return kept
