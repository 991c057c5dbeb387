"""Eyes: a white with veins, an iris with fibers and a dark rim, a pupil, and a wet cornea that stands out."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from synthmat.blender_scenes.blender.node_math import calculated, moved, noise, smooth_step
from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import Color, plain, principled
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, superquadric_points
from synthmat.blender_scenes.builtins._person.shading import mixed_color, object_place

_IRIS = 0.5
"""Radius of the iris, share of the eye's."""


def eye_material(iris: Color, rng: np.random.Generator) -> bpy.types.Material:
    """Return a material for an eye of radius 1 that looks along -Y."""
    white = (0.62, 0.56, 0.52)
    material = plain("eye", white, roughness=0.08, coat=1.0)
    tree, shader = material.node_tree, principled(material)
    shader.inputs["Coat Roughness"].default_value = 0.02
    shader.inputs["Subsurface Weight"].default_value = 0.0
    place = object_place(tree)
    flat = moved(tree, "MULTIPLY", place, (1.0, 0.0, 1.0))
    radius = moved(tree, "LENGTH", flat)
    out = calculated(tree, "DIVIDE", radius, _IRIS)
    turned = moved(tree, "NORMALIZE", flat)
    fibers = noise(tree, moved(tree, "MULTIPLY", turned, (9.0, 9.0, 9.0)), 1.0, 3.0).outputs[0]
    base = np.array(iris)
    dark, light = tuple((base * 0.45).tolist()), tuple(np.clip(base * 1.7 + 0.01, 0, 1).tolist())
    color = mixed_color(tree, smooth_step(tree, fibers, 0.3, 0.7), dark, light)
    ring = tuple((base * rng.uniform(1.0, 1.6) * [1.4, 1.1, 0.7]).tolist())
    color = mixed_color(tree, smooth_step(tree, out, 0.62, 0.4), color, ring)
    color = mixed_color(tree, smooth_step(tree, out, 0.78, 0.98), color, tuple((base * 0.12).tolist()))
    pupil = float(rng.uniform(0.3, 0.42))
    color = mixed_color(tree, smooth_step(tree, out, pupil + 0.03, pupil - 0.03), color, (0.002, 0.002, 0.002))
    veins = smooth_step(tree, noise(tree, place, 5.0, 5.0, 0.7).outputs[0], 0.6, 0.75)
    far = calculated(tree, "MULTIPLY", smooth_step(tree, out, 1.3, 2.1), float(rng.uniform(0.2, 0.55)))
    ball = mixed_color(tree, calculated(tree, "MULTIPLY", veins, far), white, (0.5, 0.12, 0.09))
    ball = mixed_color(tree, calculated(tree, "MULTIPLY", far, 0.5), ball, (0.5, 0.3, 0.26))
    front = calculated(tree, "LESS_THAN", moved(tree, "DOT_PRODUCT", place, (0.0, 1.0, 0.0)), 0.0)
    inside = calculated(tree, "MULTIPLY", smooth_step(tree, out, 1.05, 0.97), front)
    tree.links.new(mixed_color(tree, inside, ball, color), shader.inputs["Base Color"])
    return material


def add_eye(center: Array, radius: float, gaze: Array, material: bpy.types.Material) -> bpy.types.Object:
    """Add an eye to the scene that looks along ``gaze`` ``(3,)``."""
    points = superquadric_points((1.0, 1.0), 48)[..., [0, 2, 1]] * [1, -1, 1]  # the poles lie along Y
    off = np.hypot(points[..., 0], points[..., 2]) / _IRIS
    bulge = np.where(points[..., 1] < 0, 0.1 * np.clip(1 - off**2 / 1.3, 0, 1), 0.0)
    points = points * (1 + bulge)[..., None]
    item = add_grid("eye", points, material)
    back = -unit(np.asarray(gaze, float))
    side = unit(np.cross(back, [0.0, 0.0, 1.0]))
    turn = Matrix(np.stack([side, back, np.cross(side, back)], axis=1).tolist())
    item.matrix_basis = Matrix.Translation(center.tolist()) @ turn.to_4x4() @ Matrix.Scale(radius, 4)
    return item
