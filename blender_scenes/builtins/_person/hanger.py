"""A garment on a hanger: flat as cloth that nobody fills, a bar inside of it or clips at its waistband, and a hook."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import superquadric, tube
from synthmat.blender_scenes.builtins._parts.wood import random_wood
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.patterns import Top
from synthmat.blender_scenes.builtins._person.wardrobe import Worn


def hang_up(worn: Sequence[Worn], body: Body, rng: np.random.Generator) -> None:
    """Flatten the garments in the scene from front to back, and add the hanger that carries them."""
    shoulders = np.array([body.joints[f"upperarm01.{side}"][:3, 3] for side in "LR"])
    plane = float(shoulders[:, 1].mean())
    flat = Matrix.Translation((0, plane, 0)) @ Matrix.Diagonal((1, float(rng.uniform(0.3, 0.5)), 1, 1))
    for item in bpy.context.scene.collection.objects:
        item.matrix_basis = flat @ Matrix.Translation((0, -plane, 0)) @ item.matrix_basis
    metal = plain("hook", (0.6, 0.6, 0.6), roughness=0.3, metallic=1.0)
    if any(isinstance(each.pattern, Top) for each in worn):
        neck = body.joints["neck01"][:3, 3]
        ends = [(x * 1.02, plane, z + 0.012) for x, _, z in shoulders]
        top = (float(neck[0]), plane, float(neck[2]) + 0.02)
        bends = [tuple((np.array(end) * 0.45 + np.array(top) * 0.55).tolist()) for end in ends]
        bends = [(x, y, z + 0.012) for x, y, z in bends]
        path = smooth_path([ends[0], bends[0], top, bends[1], ends[1]], 40)
        tube("hanger", _bar(metal, rng), path, float(rng.uniform(0.006, 0.011)), segments=16, flat=0.7)
    else:
        places = np.concatenate([each.garment.surface.places for each in worn])
        high = float(places[:, 2].max())
        rim = places[places[:, 2] > high - 0.03]
        half, middle = 0.42 * float(np.ptp(rim[:, 0])), float(rim[:, 0].mean())
        top = (middle, plane, high + 0.03)
        tube("hanger", _bar(metal, rng), [(middle + x * half, plane, high + 0.03) for x in (-1, 0, 1)], 0.006)
        for x in (-0.8, 0.8):
            superquadric("clip", metal, (middle + x * half, plane, high + 0.005), (0.012, 0.05, 0.028), (0.3, 0.3))
    tube("hook", metal, _hook(top, float(rng.uniform(0.022, 0.03))), 0.0018, segments=10)


def _bar(metal: bpy.types.Material, rng: np.random.Generator) -> bpy.types.Material:
    """Return what a hanger is made of: wire, plastic or wood."""
    kind = rng.random()
    if kind < 0.25:
        return metal
    if kind < 0.6:
        shade = float(rng.choice([0.01, 0.03, 0.6, 0.8]))
        return plain("plastic", (shade, shade, shade), roughness=0.35)
    return random_wood(rng).rods


def _hook(foot: tuple[float, float, float], radius: float) -> Array:
    """Return a hook's path ``(n, 3)`` that rises from ``foot`` and bends over."""
    x, y, z = foot
    angle = np.linspace(-0.5 * np.pi, 0.95 * np.pi, 24)[::-1]
    ring = np.stack([radius * np.cos(angle), np.zeros(24), radius * np.sin(angle)], axis=1)
    high = z + float(np.clip(radius * 2.2, 0.04, 0.08))
    bow = ring[::-1] + [x, y, high + radius]
    return np.concatenate([[foot, (x, y, high - 0.005)], bow])
