"""Spokes of a wheel: laced from hub to rim across each other, and held by nipples."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, tube_points
from synthmat.blender_scenes.builtins._parts.strands import add_strands


def laced(count: int, crossings: int, half: float, flange: float, reach: float) -> Array:
    """Return spokes ``(count, 8, 3)`` from the hub to the rim.

    They go to the two flanges in turn; on each flange every second one pulls forward and the others back, and each
    passes ``crossings`` others on its way, outside of the first and inside of the last.
    """
    number = np.arange(count)
    side = np.where(number % 2, 1.0, -1.0)
    pull = np.where(number // 2 % 2, 1.0, -1.0)
    at = 2 * np.pi * number / count
    hole = at + pull * (crossings * 4 * np.pi / count) * 0.98
    t = np.array([0.0, 0.012, 0.08, 0.3, 0.55, 0.75, 0.9, 1.0])[None, :, None]
    inner = np.stack([flange * 0.88 * np.cos(hole), side * half, flange * 0.88 * np.sin(hole)], axis=1)
    outer = np.stack([reach * np.cos(at), side * 0.008, reach * np.sin(at)], axis=1)
    spokes: Array = inner[:, None] * (1 - t) + outer[:, None] * t
    # The heads sit on both sides of the flange, and what starts outside crosses to the inside.
    offset = side * pull * 0.011
    weave = np.array([-0.3, 1.0, 1.0, 0.8, 0.2, 0.0, 0.0, 0.0])
    spokes[..., 1] += offset[:, None] * weave[None]
    return spokes


def add_spokes(spokes: Array, rng: np.random.Generator, *, thick: float) -> None:
    """Add spokes ``(n, points, 3)`` of steel or painted, ``thick`` in radius, and the nipples at their outer ends."""
    kind = rng.choice(["steel", "black", "colored"], p=[0.65, 0.2, 0.15])
    if kind == "steel":
        material = plain("spoke", (0.66, 0.66, 0.68), roughness=0.25, metallic=1.0)
    elif kind == "black":
        material = plain("spoke", (0.04, 0.04, 0.042), roughness=0.35)
    else:
        material = plain("spoke", random_color(rng, saturation=(0.5, 0.9), value=(0.5, 0.9)), roughness=0.35)
    add_strands("spoke", spokes, thick, material)
    brass = plain("nipple", (0.75, 0.6, 0.35) if rng.random() < 0.4 else (0.6, 0.6, 0.6), roughness=0.3, metallic=1.0)
    ends = spokes[:, -1:] + (spokes[:, -2:-1] - spokes[:, -1:]) * np.array([-0.05, 0.15, 0.3])[None, :, None]
    add_grids("nipple", [tube_points(end, [thick * 2, thick * 2, thick * 1.4], segments=8) for end in ends], brass)
