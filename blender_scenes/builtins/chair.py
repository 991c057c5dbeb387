"""A chair or stool on thin legs: Windsor, ladder-back, coffee-house, shell, wire or folding; wood, metal, plastic."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._chair.bent import bistro, folding
from synthmat.blender_scenes.builtins._chair.shell import shell_chair
from synthmat.blender_scenes.builtins._chair.wooden import ladder_back, stool, windsor

_KINDS = (windsor, windsor, ladder_back, ladder_back, bistro, bistro, shell_chair, shell_chair, stool, folding)


def build(rng: np.random.Generator) -> None:
    """Add one chair to the scene, about 2 units high, its front towards -Y."""
    _KINDS[int(rng.integers(len(_KINDS)))](rng)
    stretch = rng.uniform((0.93, 0.93, 0.95), (1.1, 1.07, 1.08))
    for item in bpy.context.scene.collection.objects:
        item.scale = tuple(a * b for a, b in zip(item.scale, stretch, strict=True))
        item.location = tuple(a * b for a, b in zip(item.location, stretch, strict=True))
