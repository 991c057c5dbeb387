"""A tuft of grass: thin bent blades and stalks with ears, plumes, bulrushes or dandelion clocks, or fronds of fern."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.blades import add_blades, bent_paths, blade_grids, blade_material
from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import Color, patterned, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, ellipsoid, lathe, superquadric_points, tube_points
from synthmat.blender_scenes.builtins._parts.profile import with_sharp_corners
from synthmat.blender_scenes.builtins._parts.seed_heads import (
    add_bulrushes,
    add_clocks,
    add_ears,
    add_nodding_grains,
    add_plumes,
    straw,
)

_KINDS = ("meadow", "meadow", "ears", "plumes", "bulrushes", "clocks", "fern", "fern")


def build(rng: np.random.Generator) -> None:
    """Add the plant to the scene, about 2 units tall, rising from the origin, in a pot, on a clod or on nothing."""
    kind = str(rng.choice(_KINDS))
    dry = rng.random() < {"ears": 0.6, "plumes": 0.4, "clocks": 0.0}.get(kind, 0.2)
    wide = _add_ground(rng)
    if kind == "fern":
        _add_ferns(_tones(rng, dry=dry, green=kind == "clocks"), wide, rng)
        return
    blades = {"meadow": (250, 600), "ears": (30, 120), "plumes": (250, 500), "bulrushes": (35, 80), "clocks": (14, 34)}
    height = {"clocks": 0.62, "ears": 1.1, "plumes": 1.1}.get(kind, 1.4) * rng.uniform(0.8, 1.2)
    tones = _tones(rng, dry=dry, green=kind == "clocks")
    _add_grass(int(rng.integers(*blades[kind])), height, wide, tones, rng, leafy=kind == "clocks")
    head = {"ears": add_ears, "plumes": add_plumes, "bulrushes": add_bulrushes, "clocks": add_clocks}.get(kind)
    if head is None and rng.random() < 0.65:
        head = add_nodding_grains
    if head is not None:
        many = {"ears": (6, 22), "plumes": (4, 10), "bulrushes": (3, 9), "clocks": (3, 8)}.get(kind, (6, 18))
        tall = {"clocks": 1.5, "bulrushes": 2.0, "plumes": 1.7}.get(kind, 1.6) * rng.uniform(0.85, 1.15)
        head(_add_stalks(int(rng.integers(*many)), tall, wide, straw(rng) if dry else tones[1], kind, rng), rng)


def _tones(rng: np.random.Generator, *, dry: bool, green: bool) -> tuple[Color, Color, Color]:
    """Return colors of root, middle and tip: fresh, bluish, reddish or dry."""
    if dry:
        return straw(rng), straw(rng), straw(rng)
    hue = rng.uniform(0.2, 0.32)
    if not green and rng.random() < 0.4:
        hue = rng.choice([rng.uniform(0.36, 0.45), rng.uniform(-0.04, 0.06)])
    root = random_color(rng, hue=(hue - 0.03, hue), saturation=(0.3, 0.6), value=(0.4, 0.65))
    middle = random_color(rng, hue=(hue, hue), saturation=(0.5, 0.8), value=(0.35, 0.65))
    tip = random_color(rng, hue=(hue - 0.05, hue), saturation=(0.5, 0.8), value=(0.5, 0.8))
    return root, middle, straw(rng) if rng.random() < 0.4 else tip


def _add_ground(rng: np.random.Generator) -> float:
    """Add a pot, a clod of soil or nothing below the origin and return within what radius plants grow."""
    kind = rng.choice(["pot", "clod", "none"], p=[0.4, 0.3, 0.3])
    wide = rng.uniform(0.16, 0.4)
    earth = (random_color(rng, hue=(0.04, 0.09), saturation=(0.3, 0.5), value=(0.2, 0.35)), (0.16, 0.1, 0.06))
    soil = patterned("soil", "noise", earth, scale=14, roughness=1.0)
    if kind == "none":
        return wide * 0.6
    if kind == "clod":
        grid = superquadric_points((1.0, 1.0), 40)
        waves = (np.sin(grid @ rng.normal(0, k, 3) + rng.uniform(0, 6)) / k for k in (3, 5, 8, 12, 17, 26))
        lumps = sum(waves, np.zeros(grid.shape[:-1]))
        grid = grid * (1 + 0.16 * lumps[..., None]) * [wide * 1.4, wide * 1.4, wide * 0.55]
        add_grids("clod", [grid - [0, 0, wide * 0.5]], soil)
        return wide
    tall, flare = wide * rng.uniform(1.3, 2.3), rng.uniform(0.65, 0.95)
    outer, rim = wide + 0.08, rng.choice([0.0, rng.uniform(0.03, 0.06)])
    profile = [(0.0, -tall), (outer * flare, -tall), (outer * flare + 0.01, -tall + 0.01)]
    profile += [
        (outer, -0.12),
        (outer + rim, -0.115),
        (outer + rim + 0.005, 0.06),
        (outer - 0.02, 0.065),
        (outer - 0.04, -0.1),
    ]
    shape = np.array(profile)
    tone = random_color(rng, hue=(0.02, 0.07), saturation=(0.5, 0.7), value=(0.5, 0.75))
    if rng.random() < 0.5:
        tone = random_color(rng, saturation=(0.05, 0.6), value=(0.3, 0.85))
    lathe(
        "pot",
        plain("pot", tone, roughness=rng.uniform(0.25, 0.9), coat=rng.choice([0.0, 0.5])),
        with_sharp_corners(shape),
    )
    ellipsoid("soil", soil, (0, 0, -0.06), (outer - 0.03, outer - 0.03, 0.07))
    return wide * 0.85


def _starts(count: int, wide: float, spread: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return places on the ground and directions ``(count, 3)`` that lean outward, more so at the border."""
    angle, out = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    ring = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    ahead = ring * (spread * out * rng.uniform(0.3, 1.4, count))[:, None] + rng.normal(0, 0.1 * spread, (count, 3))
    return ring * (wide * out)[:, None] - [0, 0, 0.03], unit(ahead + [0, 0, 1.0])


def _add_grass(
    count: int,
    height: float,
    wide: float,
    tones: tuple[Color, Color, Color],
    rng: np.random.Generator,
    *,
    leafy: bool,
) -> None:
    """Add blades of grass, or, where it should be ``leafy``, broad toothed leaves in a rosette."""
    start, ahead = _starts(count, wide, rng.uniform(1.0, 1.6) if leafy else rng.uniform(0.3, 1.0), rng)
    length = height * rng.uniform(0.45, 1.15, count)
    bend = np.clip(rng.normal(rng.uniform(0.1, 0.8), 0.25, count), 0, 1.3)
    rows = 43 if leafy else 14
    paths = bent_paths(start, ahead, length, bend, rows)
    along = np.linspace(0, 1, rows)
    form = np.clip(along * 4 + 0.5, 0, 1) * (1 - along ** rng.uniform(1.5, 4))
    if leafy:
        form = (np.clip(along * 1.4, 0.12, 1) * (1 - along**3)) * (1 - 0.75 * (along * 7 % 1.0)) * 5
    widths = rng.uniform(0.011, 0.026) * rng.uniform(0.6, 1.2, (count, 1)) * form[None] + 0.0008
    across = np.cross(ahead, unit(rng.normal(size=(count, 3)))) + np.cross(ahead, [0, 0, 1.0]) * 2
    grids = blade_grids(paths, widths, across, rng.uniform(0.1, 0.6), rng.normal(0, rng.uniform(0.2, 1.8), count))
    add_blades("grass", grids, blade_material("grass", tones, rng), rng.random(count))


def _add_stalks(count: int, tall: float, wide: float, tone: Color, kind: str, rng: np.random.Generator) -> Array:
    """Add stalks to the scene and return their middles ``(count, 24, 3)``."""
    start, ahead = _starts(count, wide * 0.7, 0.3, rng)
    bend = {"bulrushes": 0.06, "plumes": 0.35, "clocks": 0.08}.get(kind, 0.3) * rng.uniform(0.4, 1.6, count)
    stalks = bent_paths(start, ahead, tall * rng.uniform(0.75, 1.1, count), bend, 24)
    thick = {"bulrushes": 0.015, "plumes": 0.011, "clocks": 0.012}.get(kind, 0.008)
    radii = np.linspace(1, 0.6, 24) * thick
    add_grids("stalk", [tube_points(stalk, radii, segments=8) for stalk in stalks], plain("stalk", tone, roughness=0.5))
    return stalks


def _add_ferns(tones: tuple[Color, Color, Color], wide: float, rng: np.random.Generator) -> None:
    """Add fronds: a stalk with leaflets that have leaflets in turn."""
    count, pairs, sub = int(rng.integers(6, 12)), int(rng.integers(16, 26)), int(rng.integers(10, 16))
    angle = np.arange(count) * 2.4 + rng.uniform(0, 6)
    ring = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    ahead = unit(ring * rng.uniform(0.15, 0.7, (count, 1)) + [0, 0, 1.0])
    stalks = bent_paths(
        ring * wide * 0.25, ahead, rng.uniform(1.0, 1.9) * rng.uniform(0.6, 1.1, count), rng.uniform(0.2, 0.55), 60
    )
    slim = np.linspace(0.011, 0.002, 60)
    add_grids("stalk", [tube_points(stalk, slim, segments=8) for stalk in stalks], _stalk_material(tones))
    fine, wide_leaf = rng.random() < 0.65, rng.uniform(0.26, 0.42)
    lean, sag = rng.uniform(0.2, 0.6), rng.uniform(0.05, 0.35)
    row = np.linspace(14, 58, pairs).astype(int)
    form = np.sin(np.pi * np.linspace(0.22, 0.97, pairs) ** 0.8) ** 0.9 * wide_leaf
    roots, aheads, ups, lengths = [], [], [], []
    for stalk in stalks:
        forth = unit(np.gradient(stalk, axis=0))[row]
        side = unit(np.cross(forth, [0.0, 0.0, 1.0]))
        for sign in (-1.0, 1.0):
            roots.append(stalk[row])
            aheads.append(unit(side * sign + forth * lean + rng.normal(0, 0.06, (pairs, 3))))
            ups.append(np.cross(forth, side * sign) * sign)
            lengths.append(form * rng.uniform(0.85, 1.1, pairs))
    root, out, up, length = (np.concatenate(values) for values in (roots, aheads, ups, lengths))
    ribs = bent_paths(root, out, length, sag, 14)
    across = np.cross(up, out)
    along = np.linspace(0, 1, 14)
    material = blade_material("fern", tones, rng)
    slender = 0.009 if fine else 0.026
    swell = (
        (np.sin(np.pi * np.clip(along * 0.9 + 0.12, 0, 1)) ** 0.7)[None] * slender * (length / wide_leaf)[:, None] * 1.3
    )
    add_blades("leaflet", blade_grids(ribs, swell, across, 0.15), material, rng.random(len(ribs)))
    if fine:
        at = np.linspace(1, 12, sub).astype(int)
        forth = unit(np.gradient(ribs, axis=1))[:, at]
        base = ribs[:, at]
        size = (length[:, None] * 0.15 * np.linspace(1, 0.35, sub)[None]).reshape(-1)
        for sign in (-1.0, 1.0):
            ahead = unit(across[:, None] * sign + forth * 0.7).reshape(-1, 3)
            paths = bent_paths(base.reshape(-1, 3), ahead, size, 0.1, 5)
            wide_sub = (np.array([0.5, 1.0, 0.95, 0.6, 0.05])[None] * size[:, None]) * 0.24
            flat = forth.reshape(-1, 3)
            add_blades("pinnule", blade_grids(paths, wide_sub, flat, 0.1), material, rng.random(len(paths)))


def _stalk_material(tones: tuple[Color, Color, Color]) -> bpy.types.Material:
    red, green, blue = (0.5 * part for part in tones[0])
    return plain("stalk", (red + 0.03, green, blue), roughness=0.6)
