"""A random compound shape: superquadrics, rings and twisted bodies, joined at random, in random materials."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._material import random_material
from synthmat.blender_scenes.builtins._mesh import superquadric, tube


def build(rng: np.random.Generator) -> None:
    """Add two to five parts to the scene, each touching the one before."""
    place = np.zeros(3)
    for number in range(int(rng.integers(2, 6))):
        material = random_material(f"part {number}", rng)
        radii = rng.uniform(0.25, 0.8, 3)
        if rng.random() < 0.7:
            turn = Euler(rng.uniform(-np.pi, np.pi, 3).tolist()).to_matrix()
            exponents = (float(rng.uniform(0.2, 2.2)), float(rng.uniform(0.2, 2.2)))
            part = superquadric(f"part {number}", material, place, radii, exponents, turn)
            _deform(part, rng)
        else:
            _ring(f"part {number}", material, place, rng)
        direction = rng.normal(size=3)
        place = place + direction / np.linalg.norm(direction) * radii.mean() * rng.uniform(0.8, 1.4)


def _ring(name: str, material: bpy.types.Material, centre: np.ndarray, rng: np.random.Generator) -> None:
    angle = np.linspace(0, 2 * np.pi * rng.choice([1.0, 1.0, 0.7, 2.5]), 120)
    radius, rise = rng.uniform(0.4, 0.9), rng.uniform(0, 0.5)
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), rise * angle / (2 * np.pi)], axis=1)
    turn = np.array(Euler(rng.uniform(-np.pi, np.pi, 3).tolist()).to_matrix())
    tube(name, material, path @ turn.T + centre, np.full(len(path), rng.uniform(0.06, 0.22)))


def _deform(part: bpy.types.Object, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        twist = part.modifiers.new("twist", "SIMPLE_DEFORM")
        twist.deform_method = str(rng.choice(["TWIST", "TAPER", "BEND"]))
        twist.deform_axis = "Z"
        twist.angle = float(rng.uniform(-2.0, 2.0))
        if twist.deform_method == "TAPER":
            twist.factor = float(rng.uniform(-0.9, 0.9))
    if rng.random() < 0.5:
        texture = bpy.data.textures.new(part.name, "CLOUDS")
        texture.noise_scale = float(rng.uniform(0.2, 0.8))
        bumps = part.modifiers.new("bumps", "DISPLACE")
        bumps.texture = texture
        bumps.strength = float(rng.uniform(0.05, 0.35))
