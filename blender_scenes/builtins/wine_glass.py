"""A drinking glass with a real wall, empty or filled: for wine, cocktails or beer, a tumbler, a mug or a decanter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.drink import add_drink, add_straw
from synthmat.blender_scenes.builtins._parts.glass import glass, random_tint
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid
from synthmat.blender_scenes.builtins._parts.vessel import (
    SEGMENTS,
    add_handle,
    bowl,
    moved_out,
    paint_rows,
    rounded,
    shell,
    swept,
)


@dataclass(frozen=True)
class _Shape:
    """Outlines of both sides of the wall, from the axis to the rim, and how high the drink and the stem may reach."""

    outside: Array
    inside: Array
    wall: float
    stem: float = 0.0
    handle: bool = False
    drink: tuple[float, float] = (0.3, 0.8)
    straw: bool = False


def build(rng: np.random.Generator) -> None:
    """Add the glass, and perhaps what is in it, to the scene; it stands on the ground, about 2 units high."""
    shape = _KINDS[int(rng.integers(len(_KINDS)))](rng)
    tint = random_tint(rng, deep=0.12)
    ior, roughness = float(rng.uniform(1.45, 1.52)), float(rng.choice([0.0, rng.uniform(0.0, 0.05)]))
    material = glass("glass", tint, ior=ior, roughness=roughness)
    outline, rows = shell(shape.outside, shape.inside)
    item = add_grid("glass", swept(outline, _facets(outline, rows, shape, rng)), material)
    _decorate(item, outline, rows, shape, rng)
    if shape.handle:
        low, high = shape.outside[-1, 1] * rng.uniform((0.15, 0.75), (0.25, 0.9))
        thick = rng.uniform(0.055, 0.085)
        add_handle(shape.outside, shape.wall, material, (low, high), rng.uniform(0.25, 0.45), thick)
    if rng.random() < 0.7:
        bottom, rim = shape.inside[0, 1], shape.inside[-1, 1]
        level = bottom + (rim - bottom) * rng.uniform(*shape.drink)
        add_drink(shape.inside, level, shape.wall * 0.3, rng, beer=shape.handle)
    if shape.straw and rng.random() < 0.35:
        add_straw(shape.inside, rng)


def _stemmed(inside: Array, rng: np.random.Generator, stem: float, foot: float) -> _Shape:
    """Return a bowl on a stem and a foot; ``inside`` begins at height 0."""
    wall = rng.uniform(0.014, 0.024)
    inside = inside + [0, stem]
    around = moved_out(inside, wall * (1 + 1.5 * np.exp(-(((inside[:, 1] - stem) / 0.1) ** 2))))
    thin = rng.uniform(0.028, 0.05)
    joins = int(np.argmax(around[:, 0] > thin + rng.uniform(0.04, 0.12)))
    below = [
        (0, 0.03, 0),
        (foot * 0.8, 0.008, 0.3),
        (foot * 0.95, 0, 0.01),
        (foot, 0.012, 0.012),
        (foot * 0.97, 0.03, 0.012),
    ]
    below += [(thin * 1.15, rng.uniform(0.07, 0.15), 0.35), (thin, stem - rng.uniform(0.06, 0.14), 0.3)]
    low = rounded([*below, (*around[joins], 0)], steps=14)
    height = low[:, 1]
    for knop in rng.uniform(0.2, 0.85, int(rng.choice([0, 0, 0, 1, 2]))) * stem:
        bump = rng.uniform(0.03, 0.06) * np.exp(-(((height - knop) / rng.uniform(0.025, 0.06)) ** 2))
        low[:, 0] += np.where(low[:, 0] < foot * 0.5, bump, 0) * (low[:, 0] > 1e-6)
    return _Shape(np.concatenate([low, around[joins + 1 :]]), inside, wall, stem=stem, drink=(0.25, 0.65))


def _wine(rng: np.random.Generator) -> _Shape:
    wide, tall, lip = rng.uniform(0.36, 0.58), rng.uniform(0.75, 1.1), rng.uniform(0.62, 0.92)
    belly = rng.uniform(0.32, 0.5)
    corners = [(0, 0), (wide * 0.72, tall * 0.13), (wide, tall * belly), (wide * (0.4 + 0.6 * lip), tall * 0.78)]
    return _stemmed(bowl([*corners, (wide * lip, tall)]), rng, rng.uniform(0.6, 1.05), rng.uniform(0.36, 0.46))


def _flute(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.19, 0.27), rng.uniform(0.9, 1.25)
    corners = [(0, 0), (wide * rng.uniform(0.3, 0.75), tall * 0.12), (wide, tall * rng.uniform(0.5, 0.75))]
    return _stemmed(
        bowl([*corners, (wide * rng.uniform(0.82, 1.1), tall)]), rng, rng.uniform(0.5, 0.85), rng.uniform(0.28, 0.36)
    )


def _coupe(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.5, 0.65), rng.uniform(0.32, 0.5)
    corners = [(0, 0), (wide * 0.6, tall * 0.12), (wide * 0.94, tall * 0.55), (wide * rng.uniform(0.94, 1.08), tall)]
    return _stemmed(bowl(corners), rng, rng.uniform(0.7, 1.0), rng.uniform(0.36, 0.45))


def _cocktail(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.55, 0.75), rng.uniform(0.45, 0.7)
    inside = rounded([(0, 0, 0), (0.07, 0.0, 0.05), (wide, tall, 0)])
    return _stemmed(inside, rng, rng.uniform(0.8, 1.1), rng.uniform(0.38, 0.48))


def _snifter(rng: np.random.Generator) -> _Shape:
    wide, tall, lip = rng.uniform(0.5, 0.65), rng.uniform(0.8, 1.05), rng.uniform(0.5, 0.75)
    corners = [(0, 0), (wide * 0.75, tall * 0.12), (wide, tall * 0.38), (wide * (0.35 + 0.6 * lip), tall * 0.78)]
    return _stemmed(bowl([*corners, (wide * lip, tall)]), rng, rng.uniform(0.2, 0.4), rng.uniform(0.34, 0.45))


def _hurricane(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.34, 0.42), rng.uniform(1.3, 1.6)
    waist = rng.uniform(0.62, 0.85)
    corners = [(0, 0), (wide * 0.85, tall * 0.1), (wide, tall * 0.26), (wide * waist, tall * 0.55)]
    shape = _stemmed(bowl([*corners, (wide * 1.08, tall)]), rng, rng.uniform(0.22, 0.4), rng.uniform(0.32, 0.4))
    return _Shape(shape.outside, shape.inside, shape.wall, shape.stem, drink=(0.55, 0.85), straw=True)


def _tumbler(rng: np.random.Generator) -> _Shape:
    low, high, tall = rng.uniform(0.36, 0.6), rng.uniform(0.5, 0.66), rng.uniform(0.85, 2.0)
    wall, base = rng.uniform(0.03, 0.055), rng.uniform(0.06, 0.24)
    outside = rounded(
        [
            (0, 0.03, 0),
            (low * 0.7, 0.02, 0.1),
            (low * 0.85, 0, 0.02),
            (low, 0, rng.uniform(0.03, 0.15)),
            (high, tall, 0),
        ]
    )
    inside = rounded([(0, base, 0), (low - wall, base, rng.uniform(0.04, 0.2)), (high - wall * 0.8, tall, 0)])
    return _Shape(outside, inside, wall, straw=True)


def _beer(rng: np.random.Generator) -> _Shape:
    """Return a tall glass without a stem: curved like one for wheat beer, or a pint with a bulge."""
    foot, wide, tall = rng.uniform(0.26, 0.36), rng.uniform(0.4, 0.5), rng.uniform(1.7, 2.3)
    waist = rng.uniform(0.7, 1.0)
    corners = [(0, 0.16), (foot * 0.8, 0.2), (foot * waist, tall * 0.3), (wide, tall * rng.uniform(0.68, 0.85))]
    inside = bowl([*corners, (wide * rng.uniform(0.8, 1.02), tall)], 120)
    wall = rng.uniform(0.024, 0.04)
    around = moved_out(inside, wall)
    joins = int(np.argmax(around[:, 1] > 0.3))
    edge = foot * rng.uniform(1.0, 1.25)
    low = rounded(
        [(0, 0.03, 0), (edge * 0.8, 0.02, 0.1), (edge * 0.9, 0, 0.03), (edge, 0.05, 0.05), (*around[joins], 0)]
    )
    return _Shape(np.concatenate([low, around[joins + 1 :]]), inside, wall, drink=(0.6, 0.9), straw=False)


def _mug(rng: np.random.Generator) -> _Shape:
    low, high, tall = rng.uniform(0.5, 0.68), rng.uniform(0.5, 0.62), rng.uniform(1.1, 1.7)
    wall, base = rng.uniform(0.05, 0.085), rng.uniform(0.1, 0.2)
    sides = [(low, 0, 0.06), (low, 0.12, 0.04), (high, 0.3, 0.2), (high * rng.uniform(0.95, 1.05), tall, 0)]
    outside = rounded([(0, 0.03, 0), (low * 0.8, 0.02, 0.1), (low * 0.9, 0, 0.02), *sides])
    inside = rounded([(0, base, 0), (min(low, high) - wall, base, 0.12), (sides[-1][0] - wall, tall, 0)])
    return _Shape(outside, inside, wall, handle=True, drink=(0.6, 0.9))


def _decanter(rng: np.random.Generator) -> _Shape:
    wide, neck, tall = rng.uniform(0.6, 0.95), rng.uniform(0.11, 0.18), rng.uniform(1.5, 2.1)
    corners = [(0, 0.05), (wide * 0.7, 0.06), (wide, tall * rng.uniform(0.16, 0.3)), (neck * 1.8, tall * 0.55)]
    inside = bowl([*corners, (neck, tall * 0.76), (neck * rng.uniform(1.2, 2.2), tall)], 120)
    wall = rng.uniform(0.02, 0.035)
    return _Shape(moved_out(inside, wall), inside, wall, drink=(0.15, 0.35))


def _facets(outline: Array, rows: int, shape: _Shape, rng: np.random.Generator) -> Array:
    """Return how far the outside is cut inward, as a factor of the radius: not at all, in flats, flutes or waves."""
    kind = rng.choice(["smooth", "smooth", "flats", "flutes", "waves"]) if shape.stem == 0 else "smooth"
    if kind == "smooth":
        return np.ones((len(outline), 1))
    count = int(rng.integers(6, 25))
    angle = np.mod(np.linspace(0, count, SEGMENTS, endpoint=False), 1.0) - 0.5
    flat = np.cos(np.pi / count) / np.cos(2 * np.pi * angle / count)
    cut = {"flats": 1 - flat, "flutes": np.cos(np.pi * angle) ** 2, "waves": 0.5 + 0.5 * np.cos(2 * np.pi * angle)}[
        str(kind)
    ]
    height = outline[:, 1] / outline[:, 1].max()
    top = rng.uniform(0.3, 1.0)
    where = (
        np.clip((height - 0.04) / 0.08, 0, 1) * np.clip((top - height) / 0.06, 0, 1) * (np.arange(len(outline)) < rows)
    )
    depth = np.minimum(0.6 * shape.wall / np.maximum(outline[:, 0], 0.1), 0.12) * where
    factor: Array = 1 - depth[:, None] * (cut / cut.max())[None, :]
    return factor


def _decorate(item: bpy.types.Object, outline: Array, rows: int, shape: _Shape, rng: np.random.Generator) -> None:
    """Give the glass a stem of another color, a metal rim or a frosted band, or nothing."""
    height, outer = outline[:, 1], np.arange(len(outline)) < rows
    kind = rng.choice(["plain", "stem", "rim", "frosted"], p=[0.55, 0.2, 0.1, 0.15])
    if kind == "stem" and shape.stem:
        paint_rows(
            item,
            outer & (height < shape.stem - 0.02),
            glass("stem", random_color(rng, saturation=(0.5, 0.95), value=(0.5, 0.95))),
        )
    elif kind == "rim":
        gold = plain("rim", ((0.9, 0.62, 0.25), (0.8, 0.8, 0.82))[int(rng.integers(2))], roughness=0.18, metallic=1.0)
        paint_rows(item, height > height.max() - rng.uniform(0.02, 0.06), gold)
    elif kind == "frosted":
        low, high = np.sort(rng.uniform(0.3, 0.9, 2)) * height.max()
        frost = glass("frost", (0.96, 0.98, 0.97), clear=rng.uniform(0.2, 0.6))
        paint_rows(item, outer & (height > low) & (height < high + 0.1), frost)


_KINDS: tuple[Callable[[np.random.Generator], _Shape], ...] = (
    _wine,
    _wine,
    _flute,
    _coupe,
    _cocktail,
    _snifter,
    _hurricane,
    _tumbler,
    _tumbler,
    _beer,
    _mug,
    _decanter,
)
