"""A turned vase: a random profile with foot, belly, neck and lip, in one or two glazes."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._material import PATTERNS, Colour, colour, patterned, plain
from synthmat.blender_scenes.builtins._mesh import lathe, smooth_path


def build(rng: np.random.Generator) -> None:
    """Add the vase to the scene, hollow, with a wall."""
    height = rng.uniform(1.2, 3.2)
    foot, belly, neck = rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.1), rng.uniform(0.15, 0.5)
    lip = neck * rng.uniform(1.05, 1.9)
    belly_at, neck_at = rng.uniform(0.25, 0.55), rng.uniform(0.72, 0.88)
    outside = smooth_path(
        [
            (foot, 0.0),
            (foot * rng.uniform(0.8, 1.0), height * 0.06),
            (belly, height * belly_at),
            (neck, height * neck_at),
            (lip, height),
        ],
        72,
    )
    outside[:, 0] = np.maximum(outside[:, 0], 0.08)
    wall = rng.uniform(0.04, 0.07)
    inside = outside[::-1].copy()
    inside[:, 0] = np.maximum(inside[:, 0] - wall, 0.02)
    inside = inside[inside[:, 1] > wall]
    turn = np.linspace(0, np.pi, 9)[1:-1]
    rim = np.stack([lip - wall / 2 + np.cos(turn) * wall / 2, height + np.sin(turn) * wall / 2], axis=1)
    centre = np.array([[0.0, 0.0]])
    floor = np.array([[0.0, inside[-1, 1]]])
    lathe("vase", _glaze(rng), np.concatenate([centre, outside, rim, inside, floor]))


def _glaze(rng: np.random.Generator) -> bpy.types.Material:
    tones: tuple[Colour, Colour] = (colour(rng), colour(rng, saturation=(0.0, 0.6), value=(0.5, 1.0)))
    roughness = rng.uniform(0.05, 0.5)
    if rng.random() < 0.4:
        return plain("glaze", tones[0], roughness=roughness, coat=rng.uniform(0, 1))
    return patterned("glaze", str(rng.choice(PATTERNS)), tones, scale=rng.uniform(2, 8), roughness=roughness)
