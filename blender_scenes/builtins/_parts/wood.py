"""Wood whose grain runs along rods and boards."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.material import (
    Color,
    attribute,
    plain,
    principled,
    random_color,
    scaled,
    sine,
)

# Dark and light tone of the grain: beech, oak, cherry, walnut, ebony, pine, teak.
_KINDS: tuple[tuple[Color, Color], ...] = (
    ((0.5, 0.28, 0.13), (0.68, 0.43, 0.23)),
    ((0.3, 0.15, 0.055), (0.5, 0.29, 0.12)),
    ((0.3, 0.085, 0.03), (0.46, 0.17, 0.065)),
    ((0.07, 0.03, 0.014), (0.17, 0.08, 0.036)),
    ((0.01, 0.008, 0.007), (0.045, 0.03, 0.022)),
    ((0.6, 0.36, 0.15), (0.78, 0.56, 0.3)),
    ((0.22, 0.09, 0.035), (0.4, 0.2, 0.08)),
)


class Wood(NamedTuple):
    """One kind of wood: for grids, whose grain follows ``along``, and for boards, whose grain follows the axis Y."""

    rods: bpy.types.Material
    boards: bpy.types.Material


def random_wood(rng: np.random.Generator) -> Wood:
    """Return natural or stained wood, oiled or varnished."""
    dark, light = _KINDS[int(rng.integers(len(_KINDS)))]
    if rng.random() < 0.15:
        hue = float(rng.random())
        dark = random_color(rng, hue=(hue, hue), saturation=(0.4, 0.7), value=(0.15, 0.4))
        light = random_color(rng, hue=(hue, hue), saturation=(0.3, 0.6), value=(0.4, 0.65))
    roughness, coat, scale = rng.uniform(0.3, 0.6), rng.choice([0.0, rng.uniform(0.2, 0.8)]), rng.uniform(5, 12)
    pair = []
    for name in ("wood", "boards"):
        material = plain(name, light, roughness=roughness, coat=coat)
        place = _round_a_rod(material) if name == "wood" else _along_y(material)
        _add_grain(material, place, (dark, light), scale)
        pair.append(material)
    return Wood(*pair)


def _round_a_rod(material: bpy.types.Material) -> bpy.types.NodeSocket:
    """Return a place for the grain that has no seam round a rod and changes slowly along it."""
    turn = 2 * np.pi
    across = attribute(material, "across")
    sideways = scaled(material, sine(material, across, turn), 0.14, 0.0)
    forth = scaled(material, sine(material, scaled(material, across, 1.0, 0.25), turn), 0.14, 0.0)
    combined = material.node_tree.nodes.new("ShaderNodeCombineXYZ")
    along = scaled(material, attribute(material, "along"), 0.16, 0.0)
    for socket, value in zip(combined.inputs, (sideways, forth, along), strict=True):
        material.node_tree.links.new(value, socket)
    return combined.outputs["Vector"]


def _along_y(material: bpy.types.Material) -> bpy.types.NodeSocket:
    place = material.node_tree.nodes.new("ShaderNodeTexCoord")
    squeeze = material.node_tree.nodes.new("ShaderNodeMapping")
    squeeze.inputs["Scale"].default_value = (1.0, 0.13, 1.0)
    material.node_tree.links.new(place.outputs["Object"], squeeze.inputs["Vector"])
    return squeeze.outputs["Vector"]


def _add_grain(
    material: bpy.types.Material, place: bpy.types.NodeSocket, tones: tuple[Color, Color], scale: float
) -> None:
    nodes, links = material.node_tree.nodes, material.node_tree.links
    grain = nodes.new("ShaderNodeTexNoise")
    grain.inputs["Scale"].default_value = scale
    grain.inputs["Detail"].default_value = 7.0
    grain.inputs["Distortion"].default_value = 0.6
    ramp = nodes.new("ShaderNodeValToRGB")
    for stop, position, tone in zip(ramp.color_ramp.elements, (0.36, 0.62), tones, strict=True):
        stop.position, stop.color = position, (*tone, 1.0)
    links.new(place, grain.inputs["Vector"])
    links.new(grain.outputs[0], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], principled(material).inputs["Base Color"])
