"""Thin blades: tapering strips of mesh that rise, bend and twist, as grass and leaflets and barbs do."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled, scaled
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh, grid_faces

ROWS = 10
_DOWN = np.array([0.0, 0.0, -1.0])


def bent_paths(start: Array, ahead: Array, length: ArrayLike, bend: ArrayLike, rows: int = ROWS) -> Array:
    """Return paths ``(n, rows, 3)`` that begin straight and bend down more and more.

    Args:
        start: First points ``(n, 3)``.
        ahead: First directions ``(n, 3)``.
        length: Of the paths, one or ``(n,)``.
        bend: 0 for a straight path; at 1 the end hangs. One or ``(n,)``.
        rows: Points of each path.
    """
    fraction = np.linspace(0, 1, rows - 1)[None, :, None]
    turn = np.broadcast_to(np.asarray(bend, float), len(start))[:, None, None]
    steps = unit(unit(ahead)[:, None] + _DOWN * 2 * turn * fraction**1.3)
    step = np.broadcast_to(np.asarray(length, float), len(start))[:, None, None] / (rows - 1)
    paths: Array = start[:, None] + np.concatenate([np.zeros((len(start), 1, 3)), np.cumsum(steps * step, axis=1)], 1)
    return paths


def blade_grids(paths: Array, widths: Array, across: Array, fold: float, twist: ArrayLike = 0.0) -> Array:
    """Return blades ``(n, rows, 3, 3)`` about their midribs.

    Args:
        paths: The midribs ``(n, rows, 3)``.
        widths: Half-widths that broadcast to ``(n, rows)``.
        across: Direction of the width at the root ``(n, 3)``.
        fold: How much the edges stand above the midrib, as a fraction of the width.
        twist: Turns about the midrib from root to tip, radians, one or ``(n,)``.
    """
    ahead = unit(np.gradient(paths, axis=1))
    side = across[:, None] - ahead * (across[:, None] * ahead).sum(axis=-1, keepdims=True)
    side = unit(side + 1e-6)
    up = np.cross(side, ahead)
    turn = np.broadcast_to(np.asarray(twist, float), len(paths))[:, None] * np.linspace(0, 1, paths.shape[1])[None]
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    side, up = cos * side + sin * up, cos * up - sin * side
    half = np.broadcast_to(widths, paths.shape[:2])[..., None]
    grids: Array = np.stack([paths - (side - fold * up) * half, paths, paths + (side + fold * up) * half], axis=2)
    return grids


def add_blades(name: str, grids: Array, material: bpy.types.Material, tint: Array) -> bpy.types.Object:
    """Add blades to the scene as one object.

    Its attributes are ``share`` (0 at the root of a blade, 1 at its tip) and ``tint`` (one value for each blade).
    """
    count, rows, columns, _ = grids.shape
    one = grid_faces(rows, columns, around=False, closed=False)
    faces = (np.arange(count)[:, None, None] * rows * columns + one[None]).reshape(-1, 4)
    fraction = np.broadcast_to(np.linspace(0, 1, rows)[None, :, None], (count, rows, columns))
    attributes = {"share": fraction.reshape(-1), "tint": np.repeat(tint, rows * columns)}
    return add_mesh(name, grids.reshape(-1, 3), faces, material, attributes)


def blade_material(name: str, tones: tuple[Color, Color, Color], rng: np.random.Generator) -> bpy.types.Material:
    """Return a material for blades that lets some light through.

    Args:
        name: Of the material.
        tones: Linear RGB at the root, in the middle and at the tip.
        rng: Draws how shiny it is.
    """
    material = plain(name, tones[1], roughness=rng.uniform(0.4, 0.65))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements.new(0.5)
    for stop, tone in zip(ramp.color_ramp.elements, tones, strict=True):
        stop.color = (*tone, 1.0)
    ramp.color_ramp.elements[1].position = rng.uniform(0.3, 0.75)
    vary = nodes.new("ShaderNodeHueSaturation")
    links.new(attribute(material, "share"), ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], vary.inputs["Color"])
    links.new(scaled(material, attribute(material, "tint"), 0.05, 0.475), vary.inputs["Hue"])
    links.new(scaled(material, attribute(material, "tint"), 0.7, 0.6), vary.inputs["Value"])
    links.new(vary.outputs["Color"], principled(material).inputs["Base Color"])
    through, mix = nodes.new("ShaderNodeBsdfTranslucent"), nodes.new("ShaderNodeMixShader")
    mix.inputs["Fac"].default_value = 0.3
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    links.new(vary.outputs["Color"], through.inputs["Color"])
    links.new(principled(material).outputs["BSDF"], mix.inputs[1])
    links.new(through.outputs["BSDF"], mix.inputs[2])
    links.new(mix.outputs["Shader"], output.inputs["Surface"])
    return material
