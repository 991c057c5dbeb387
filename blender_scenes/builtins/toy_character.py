"""A cartoon toy figure with a big head: random clothes, headwear, hair, face, proportions and pose."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._toy.clothes import OUTFITS, add_clothes, random_torso
from synthmat.blender_scenes.builtins._toy.hair import STYLES, UNDER_HATS, add_hair
from synthmat.blender_scenes.builtins._toy.hat import HATS, add_hat
from synthmat.blender_scenes.builtins._toy.head import MOUTHS, add_head, random_head_shape
from synthmat.blender_scenes.builtins._toy.limbs import Arms, add_arms, add_legs
from synthmat.blender_scenes.builtins._toy.palette import Palette, random_palette


def build(rng: np.random.Generator) -> None:
    """Add the figure to the scene, about 3 units tall, upright, front towards -Y."""
    palette = random_palette(rng)
    hip, girth = rng.uniform(0.42, 0.72), rng.uniform(0.4, 0.54)
    height, size = rng.uniform(0.82, 1.05), rng.uniform(0.66, 0.8)
    torso = random_torso(hip - 0.13, height, girth, rng)
    outfit = str(rng.choice(OUTFITS))
    add_legs(hip + 0.05, girth * 0.5, girth * rng.uniform(0.36, 0.44), palette, rng, skirted=outfit == "dress")
    add_clothes(torso, outfit, palette, rng)
    shoulder = np.array([girth * 0.7, 0.0, torso.at(0.76)])
    add_arms(Arms(shoulder, rng.uniform(0.36, 0.44), rng.uniform(0.14, 0.17)), palette, rng)
    _add_head(torso.at(1.0) + size * 0.78, size, palette, rng)


def _add_head(height: float, size: float, palette: Palette, rng: np.random.Generator) -> None:
    """Add the head, turned a little, all its parts children of one empty object."""
    objects = bpy.context.scene.collection.objects
    before = set(objects)
    shape = random_head_shape(rng)
    hat = str(rng.choice([*HATS, "cap", "none", "none", "none"]))
    # A cap with a moustache would be somebody whom everybody knows.
    add_head(shape, palette, str(rng.choice([kind for kind in MOUTHS if (hat, kind) != ("cap", "moustache")])), rng)
    add_hair(str(rng.choice(STYLES if hat == "none" else UNDER_HATS)), shape, palette, rng)
    if hat != "none":
        add_hat(hat, shape, palette, rng)
    neck = bpy.data.objects.new("neck", None)
    for item in set(objects) - before:
        item.parent = neck
    neck.location, neck.scale = (0, -0.02, height), (size,) * 3
    neck.rotation_euler = (rng.uniform(-0.12, 0.12), rng.uniform(-0.16, 0.16), rng.uniform(-0.6, 0.6))
    objects.link(neck)
