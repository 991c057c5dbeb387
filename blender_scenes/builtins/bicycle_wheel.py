"""A bicycle's wheel: rim, tire, hub and thin spokes laced across each other, of any kind of bike."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, add_grids, ellipsoid, superquadric, tube
from synthmat.blender_scenes.builtins._parts.spokes import add_spokes, laced
from synthmat.blender_scenes.builtins._parts.strands import add_strands
from synthmat.blender_scenes.builtins._parts.wheel_hub import add_brake_disc, add_hub, add_sprockets, steel

_KINDS = ("road", "mountain", "city", "child", "penny-farthing")
_WIDTH = {"road": 0.036, "mountain": 0.085, "city": 0.055, "child": 0.075, "penny-farthing": 0.022}
"""Half-width of the tire, in radii of the rim."""


def build(rng: np.random.Generator) -> None:
    """Add a wheel to the scene; its rim's radius is 1, it is leant and turned, and it is seen mostly from the side."""
    kind = str(rng.choice(_KINDS, p=[0.3, 0.28, 0.22, 0.12, 0.08]))
    width = _WIDTH[kind] * rng.uniform(0.85, 1.15)
    deep = rng.uniform(0.05, 0.2) if kind == "road" else rng.uniform(0.035, 0.06)
    _add_rim(width * 0.8, deep, rng)
    _add_tyre(kind, width, rng)
    half, flange = rng.uniform(0.075, 0.11), rng.uniform(0.06, 0.11)
    count = int(rng.choice({"child": (16, 20, 28), "penny-farthing": (48, 60)}.get(kind, (20, 24, 28, 32, 36))))
    crossings = 0 if kind == "penny-farthing" or rng.random() < 0.15 else int(rng.integers(2, 4 if count > 24 else 3))
    spokes = laced(count, crossings, half, flange, 1 - deep)
    add_spokes(spokes, rng, thick=0.0052 if count < 40 else 0.004)
    add_hub(half, flange, rng)
    if kind in ("mountain", "road") and rng.random() < 0.7:
        add_brake_disc(-half - 0.035, rng.uniform(0.22, 0.3), rng)
    if kind != "penny-farthing" and rng.random() < 0.55:
        add_sprockets(half + 0.025, rng)
    _add_trifles(kind, spokes, half, deep, rng)
    rotation = Euler((rng.normal(0, 0.14), rng.uniform(0, 6.28), rng.uniform(-0.9, 0.9)), "YXZ").to_matrix().to_4x4()
    for item in bpy.context.scene.objects:
        item.matrix_basis = rotation @ item.matrix_basis


def _add_rim(width: float, deep: float, rng: np.random.Generator) -> None:
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)[:, None]
    round_part = np.linspace(-np.pi / 2, np.pi / 2, 12)
    section_y = np.concatenate(
        [[-width, -width * 0.97], width * 0.9 * np.sin(round_part), [width * 0.97, width, width * 0.6, -width * 0.6]]
    )
    section_r = np.concatenate([[1.03, 1.0], 1 - deep * np.cos(round_part) ** 0.7 - 0.005, [1.0, 1.03, 0.99, 0.99]])
    points = np.stack(np.broadcast_arrays(section_r * np.cos(angle), section_y, section_r * np.sin(angle)), axis=-1)
    kind = rng.choice(["metal", "black", "painted"])
    if kind == "metal":
        material = plain("rim", (0.6, 0.6, 0.61), roughness=rng.uniform(0.2, 0.4), metallic=1.0)
    elif kind == "black":
        material = plain("rim", (0.03, 0.03, 0.033), roughness=0.3, coat=0.5)
    else:
        material = plain("rim", random_color(rng, saturation=(0.3, 0.9), value=(0.35, 0.9)), roughness=0.3, coat=0.6)
    add_grid("rim", points, material, closed=True)


def _add_tyre(kind: str, width: float, rng: np.random.Generator) -> None:
    """Add the tire, with a lighter flank on some, and knobs on those of mountain bikes."""
    gray = rng.uniform(0.025, 0.06)
    rubber = plain("tyre", (gray, gray, gray * 1.04), roughness=rng.uniform(0.6, 0.9))
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)[:, None]
    around = np.linspace(-2.5, 2.5, 28)
    middle = 1.02 + width * 0.8
    section_r, section_y = middle + width * np.cos(around), width * np.sin(around)
    points = np.stack(np.broadcast_arrays(section_r * np.cos(angle), section_y, section_r * np.sin(angle)), axis=-1)
    add_grid("tyre", points, rubber, around=False, closed=True)
    if rng.random() < 0.3:
        tan = random_color(rng, hue=(0.06, 0.1), saturation=(0.3, 0.6), value=(0.5, 0.8))
        if rng.random() < 0.3:
            tan = random_color(rng, saturation=(0.0, 0.9), value=(0.5, 0.85))
        flank = plain("flank", tan, roughness=0.8)
        for sign in (-1, 1):
            arc = sign * np.linspace(1.15, 2.3, 9)
            radius, y = middle + width * 1.012 * np.cos(arc), width * 1.012 * np.sin(arc)
            band = np.stack(np.broadcast_arrays(radius * np.cos(angle), y, radius * np.sin(angle)), axis=-1)
            add_grid("flank", band, flank, around=False, closed=True)
    if kind == "mountain":
        _add_knobs(rubber, middle, width, rng)


def _add_knobs(rubber: bpy.types.Material, middle: float, width: float, rng: np.random.Generator) -> None:
    count, high = int(rng.integers(56, 84)), width * rng.uniform(0.14, 0.24)
    grids = []
    for row, lean in enumerate((-1.15, -0.42, 0.42, 1.15)):
        for number in range(count):
            around = 2 * np.pi * (number + 0.5 * (row % 2)) / count
            out = np.array([np.cos(around), 0.0, np.sin(around)])
            along = np.array([-np.sin(around), 0.0, np.cos(around)])
            up = out * np.cos(lean) + np.array([0, np.sin(lean), 0])
            base = out * middle + width * 0.97 * up
            across = np.cross(up, along)
            long, wide = 2 * np.pi / count * 0.32, width * 0.2
            corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
            ring = corners[:, :1] * along * long + corners[:, 1:] * across * wide
            grids.append(
                np.stack([base + ring, base + up * high + ring * 0.8, base + up * (high + 0.0005) + ring * 1e-3])
            )
    item = add_grids("knob", grids, rubber)
    item.data.shade_flat()


def _add_trifles(kind: str, spokes: Array, half: float, deep: float, rng: np.random.Generator) -> None:
    """Add the valve, and perhaps reflectors, beads or cards between the spokes, or a mudguard."""
    angle = np.pi / len(spokes)
    out = np.array([np.cos(angle), 0.0, np.sin(angle)])
    metal = steel(rng)
    tube("valve", metal, [out * (1 - deep * 0.9), out * (0.93 - deep)], [0.009, 0.007], segments=10)
    choice = rng.random()
    if kind in ("city", "child") and choice < 0.6:
        tone = rng.choice([[0.9, 0.3, 0.02], [0.85, 0.75, 0.1], [0.75, 0.75, 0.75]])
        plastic = plain("reflector", tuple(tone.tolist()), roughness=0.15, coat=1.0)
        count = int(rng.integers(2, 4))
        for number in range(count):
            around = 2 * np.pi * number / count + rng.uniform(0, 0.5)
            spot = np.array([np.cos(around), 0, np.sin(around)]) * 0.72
            rotation = Euler((0, -around + np.pi / 2, 0)).to_matrix()
            superquadric("reflector", plastic, spot, (0.13, 0.035, 0.045), (0.25, 0.25), rotation, rings=24)
    if kind == "child" or (kind == "city" and choice > 0.85):
        for spoke in spokes:
            for at in rng.uniform(0.3, 0.9, int(rng.integers(1, 4))):
                bead = plain("bead", random_color(rng, saturation=(0.5, 0.9), value=(0.6, 0.9)), roughness=0.3)
                place = spoke[2] + (spoke[-1] - spoke[2]) * at
                ellipsoid("bead", bead, place, (0.022, 0.022, 0.022))
    if kind == "city" and choice > 0.55:
        arc = np.linspace(0.2, 0.2 + rng.uniform(2.0, 3.2), 60)
        path = np.stack([np.cos(arc), 0 * arc, np.sin(arc)], axis=1) * (1.09 + 0.11)
        guard = plain(
            "mudguard", random_color(rng, saturation=(0.0, 0.8)), roughness=0.25, metallic=rng.choice([0.0, 1.0])
        )
        section = np.linspace(-1.2, 1.2, 15)
        bow = np.stack([0.085 * np.sin(section), 0.05 * (np.cos(section) - 1)], axis=1)
        add_grid(
            "mudguard",
            path[:, None] + bow[None, :, :1] * [0, 1.0, 0] + bow[None, :, 1:] * unit(path)[:, None],
            guard,
            around=False,
        )
        for at in (12, 45):
            for sign in (-1, 1):
                rod = np.stack([[0, sign * (half + 0.06), 0], path[at] + [0, sign * 0.08, 0]])
                add_strands("stay", rod[None, [0, 0, 1, 1]] + 1e-6 * np.arange(4)[None, :, None], 0.007, metal)
