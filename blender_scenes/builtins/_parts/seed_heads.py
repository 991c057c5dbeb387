"""What tops a stalk: ears with awns, feathery plumes, bulrushes, dandelion clocks and grains that nod."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.blades import add_blades, bent_paths, blade_grids, blade_material
from synthmat.blender_scenes.builtins._parts.curve import Array, frames_along, unit
from synthmat.blender_scenes.builtins._parts.material import Color, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, ellipsoid, tube_points
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper


def straw(rng: np.random.Generator) -> Color:
    """Return a color of ripe or dry seeds."""
    return random_color(rng, hue=(0.07, 0.13), saturation=(0.25, 0.6), value=(0.5, 0.85))


def add_ears(stalks: Array, rng: np.random.Generator) -> None:
    """Add ears of grain with long awns to the upper ends of stalks ``(n, rows, 3)``."""
    tone, dark = straw(rng), straw(rng)
    rings, awned = int(rng.integers(8, 14)), rng.random() < 0.75
    long, size = rng.uniform(0.35, 0.8), rng.uniform(0.032, 0.045)
    kernels, awns = [], []
    for stalk in stalks:
        side, other = frames_along(stalk, closed=False)
        ahead = unit(stalk[-1] - stalk[-2])
        for ring in range(rings):
            at = stalk[-1] + ahead * (ring * size * 1.35)
            for third in (0.0, 2.1, 4.2):
                angle = third + ring * 1.05
                out = np.cos(angle) * side[-1] + np.sin(angle) * other[-1]
                kernels.append((at + out * size * 0.5, unit(ahead * 2.2 + out)))
                awns.append((at + out * size + ahead * size, unit(ahead * 2.6 + out + rng.normal(0, 0.1, 3))))
    start, along = (np.array(values) for values in zip(*kernels, strict=True))
    paths = start[:, None] + along[:, None] * (np.linspace(0, 2.4, 6) * size)[None, :, None]
    swell = np.array([0.25, 0.8, 1.0, 0.85, 0.5, 0.05]) * size * 0.5
    add_grids("ear", [tube_points(path, swell, segments=6) for path in paths], plain("ear", tone, roughness=0.6))
    if awned:
        start, along = (np.array(values) for values in zip(*awns, strict=True))
        many = long * rng.uniform(0.7, 1.1, len(start))
        hairs = bent_paths(start, along, many, 0.12, 6)
        add_strands("awn", hairs, 0.0045 * taper(6, 0.2, 0.0), plain("awn", dark, roughness=0.5))


def add_plumes(stalks: Array, rng: np.random.Generator) -> None:
    """Add plumes of thousands of soft hairs, as pampas grass has, along the upper ends of stalks ``(n, rows, 3)``."""
    tone = random_color(rng, hue=(0.02, 0.12), saturation=(0.08, 0.4), value=(0.65, 0.9))
    each = int(np.clip(9000 / len(stalks), 500, 2200))
    wide, soft = rng.uniform(0.16, 0.34), rng.uniform(0.15, 0.5)
    first, hairs = stalks.shape[1] // 2, []
    for stalk in stalks:
        side, other = frames_along(stalk, closed=False)
        fraction = rng.beta(1.15, 1.0, each)
        at = first + fraction * (stalk.shape[0] - 1 - first)
        low = np.minimum(at.astype(int), len(stalk) - 2)
        part = (at - low)[:, None]
        root = stalk[low] * (1 - part) + stalk[low + 1] * part
        ahead = unit(stalk[low + 1] - stalk[low])
        # Branches come in whorls, so that the plume has tufts and gaps.
        angle = np.round(fraction * 40) * 2.4 + rng.normal(0, 0.7, each)
        out = np.cos(angle)[:, None] * side[low] + np.sin(angle)[:, None] * other[low]
        form = np.clip(fraction / 0.2, 0.25, 1) * (1.05 - fraction) ** 0.55
        length = wide * form * rng.uniform(0.6, 1.5, each) + 0.07
        ahead = ahead + out * rng.uniform(0.3, 1.0, (each, 1)) + rng.normal(0, 0.16, (each, 3))
        hairs.append(bent_paths(root, ahead, length, soft * rng.uniform(0.4, 1.4, each), 7))
    points = np.concatenate(hairs)
    add_strands("plume", points, 0.0042 * taper(7, 0.3, 0.2), plain("plume", tone, roughness=0.7, sheen=0.4))


def add_bulrushes(stalks: Array, rng: np.random.Generator) -> None:
    """Add the brown velvety heads of bulrushes near the upper ends of stalks ``(n, rows, 3)``."""
    material = plain(
        "bulrush",
        random_color(rng, hue=(0.04, 0.07), saturation=(0.5, 0.7), value=(0.28, 0.45)),
        roughness=1.0,
        sheen=0.6,
    )
    tone = random_color(rng, hue=(0.06, 0.09), saturation=(0.35, 0.6), value=(0.4, 0.6))
    size, long = rng.uniform(0.035, 0.055), rng.uniform(0.3, 0.45)
    grids, fluff = [], []
    for stalk in stalks:
        ahead = unit(stalk[-1] - stalk[-2])
        reach = long * rng.uniform(0.8, 1.15)
        path = stalk[-1] + np.outer(np.linspace(-reach, 0, 12) - 0.16, ahead)
        grids.append(tube_points(path, size, segments=16))
        side, other = frames_along(path, closed=False)
        angle, row = rng.uniform(0, 2 * np.pi, 500), rng.integers(0, 12, 500)
        out = np.cos(angle)[:, None] * side[row] + np.sin(angle)[:, None] * other[row]
        root = path[row] + ahead * rng.uniform(-0.5, 0.5, (500, 1)) * reach / 12 + out * size * 0.95
        fluff.append(root[:, None] + (out + ahead * 0.4)[:, None] * np.linspace(0, size * 0.35, 3)[None, :, None])
    add_grids("bulrush", grids, material)
    add_strands("fluff", np.concatenate(fluff), 0.003 * taper(3, 0.3, 0.0), plain("fluff", tone, roughness=0.9))


def add_clocks(stalks: Array, rng: np.random.Generator) -> None:
    """Add dandelion clocks, round or half blown away, to the upper ends of stalks ``(n, rows, 3)``."""
    white = plain("parachute", (0.5, 0.48, 0.45), roughness=0.6)
    brown = plain("seed", random_color(rng, hue=(0.05, 0.1), saturation=(0.4, 0.6), value=(0.25, 0.5)), roughness=0.8)
    size, core = rng.uniform(0.17, 0.27), plain("core", (0.3, 0.33, 0.16), roughness=0.8)
    beaks, rays, seeds = [], [], []
    for stalk in stalks:
        count = 90
        number = np.arange(count) + 0.5
        height, around = 1 - 2 * number / count, np.pi * (1 + 5**0.5) * number
        ring = np.sqrt(1 - height**2)
        out = np.stack([ring * np.cos(around), ring * np.sin(around), height], axis=1)
        out = unit(out + rng.normal(0, 0.05, out.shape))
        gone = unit(rng.normal(size=3) + [0, 0, 0.5])
        out = out[(out @ gone < rng.choice([2.0, 2.0, 0.5, 0.1])) & (out[:, 2] > -0.93)]
        ellipsoid("core", core, stalk[-1], np.full(3, size * 0.13))
        reach = size * rng.uniform(0.68, 0.76, len(out))[:, None]
        beaks.append(stalk[-1] + out[:, None] * np.linspace(0.12 * size, 1, 3)[None, :, None] * reach[:, None])
        seeds.append(stalk[-1] + out[:, None] * (np.linspace(0.11, 0.27, 4) * size)[None, :, None])
        side = unit(np.cross(out, [0.3, 0.2, 0.9]))
        other = np.cross(out, side)
        for angle in np.linspace(0, 2 * np.pi, 14, endpoint=False):
            spread = np.cos(angle) * side + np.sin(angle) * other + rng.normal(0, 0.12, out.shape)
            tip = stalk[-1] + out * reach + size * (0.24 * out + 0.2 * spread)
            middle = stalk[-1] + out * reach + size * (0.1 * out + 0.11 * spread)
            rays.append(np.stack([stalk[-1] + out * reach, middle, tip], axis=1))
    add_strands("beak", np.concatenate(beaks), 0.0018, white)
    add_strands("parachute", np.concatenate(rays), 0.0012, white)
    add_strands("seed", np.concatenate(seeds), np.array([0.4, 1, 1, 0.3]) * 0.007, brown)


def add_nodding_grains(stalks: Array, rng: np.random.Generator) -> None:
    """Add loose panicles: thin side branches of stalks ``(n, rows, 3)`` that end in small drooping grains."""
    tone = (
        straw(rng)
        if rng.random() < 0.6
        else random_color(rng, hue=(0.85, 1.0), saturation=(0.2, 0.5), value=(0.4, 0.7))
    )
    roots, aheads = [], []
    for stalk in stalks:
        side, other = frames_along(stalk, closed=False)
        for number in range(34):
            row = int(len(stalk) * (0.55 + 0.44 * number / 34))
            angle = number * 2.4
            out = np.cos(angle) * side[row] + np.sin(angle) * other[row]
            roots.append(stalk[row])
            aheads.append(unit(stalk[row] - stalk[row - 1]) + out * rng.uniform(0.5, 1.0))
    start, along = np.array(roots), np.array(aheads)
    length = rng.uniform(0.12, 0.4, len(start)) * np.tile(np.linspace(1.1, 0.5, 34), len(stalks))
    twigs = bent_paths(start, along, length, rng.uniform(0.3, 0.8), 7)
    add_strands("twig", twigs, 0.0035, plain("twig", tone, roughness=0.6))
    grains = np.repeat(twigs[:, -3:], 2, axis=0).reshape(-1, 3)[: len(twigs) * 6]
    hang = unit(rng.normal(0, 0.5, grains.shape) + [0, 0, -1.0])
    paths = bent_paths(grains, hang, rng.uniform(0.05, 0.1, len(grains)), 0.2, 5)
    across = unit(np.cross(hang, rng.normal(size=grains.shape)))
    wide = np.array([0.2, 0.9, 1.0, 0.6, 0.05]) * 0.014
    material = blade_material("grain", (tone, tone, tone), rng)
    add_blades("grain", blade_grids(paths, wide[None], across, 0.8), material, rng.random(len(grains)))
