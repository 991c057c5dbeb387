"""Materials of the built-in objects: a plain Principled surface, and procedural patterns of two colors."""

from __future__ import annotations

import colorsys

import bpy
import numpy as np

from synthmat.blender_scenes.blender.versions import node_tree

Color = tuple[float, float, float]
PATTERNS = ("noise", "wood", "checker", "marble", "speckle")
LENGTHWISE = ("stripes", "bands", "dots")
"""Patterns that follow the attributes ``along`` and ``across`` of a grid, see `_mesh.add_grid`."""

_RAMPS = {"speckle": (0.2, 0.24), "checker": (0.49, 0.51), "stripes": (0.48, 0.52), "bands": (0.3, 0.34)}


def plain(
    name: str,
    color: Color,
    *,
    roughness: float = 0.5,
    metallic: float = 0.0,
    coat: float = 0.0,
    sheen: float = 0.0,
) -> bpy.types.Material:
    """Return a Principled material of one linear RGB color."""
    material = bpy.data.materials.new(name)
    node_tree(material)
    shader = principled(material)
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Coat Weight"].default_value = coat
    shader.inputs["Sheen Weight"].default_value = sheen
    return material


def principled(material: bpy.types.Material) -> bpy.types.ShaderNode:
    """Return the Principled shader of a material."""
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def patterned(
    name: str,
    pattern: str,
    colors: tuple[Color, Color],
    *,
    scale: float,
    roughness: float = 0.5,
    metallic: float = 0.0,
    coat: float = 0.0,
    sheen: float = 0.0,
) -> bpy.types.Material:
    """Return a material with one of `PATTERNS` or `LENGTHWISE` in two linear RGB colors.

    ``scale`` is about features a unit of length.
    """
    material = plain(name, colors[0], roughness=roughness, metallic=metallic, coat=coat, sheen=sheen)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    ramp = nodes.new("ShaderNodeValToRGB")
    low, high = ramp.color_ramp.elements
    low.color, high.color = (*colors[0], 1.0), (*colors[1], 1.0)
    low.position, high.position = _RAMPS.get(pattern, (0.35, 0.65))
    source = _lengthwise(material, pattern, scale) if pattern in LENGTHWISE else _in_space(material, pattern, scale)
    links.new(source, ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], principled(material).inputs["Base Color"])
    return material


def _in_space(material: bpy.types.Material, pattern: str, scale: float) -> bpy.types.NodeSocket:
    """Return a value from 0 to 1 that depends on the place in the object's own coordinates."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    if pattern in ("wood", "marble"):
        texture = nodes.new("ShaderNodeTexWave")
        texture.wave_type = "RINGS" if pattern == "wood" else "BANDS"
        texture.inputs["Distortion"].default_value = 4.0 if pattern == "wood" else 14.0
        texture.inputs["Detail"].default_value = 3.0
        texture.inputs["Scale"].default_value = scale * 0.6
    elif pattern == "checker":
        texture = nodes.new("ShaderNodeTexChecker")
        texture.inputs["Scale"].default_value = scale
    elif pattern == "speckle":
        texture = nodes.new("ShaderNodeTexVoronoi")
        texture.inputs["Scale"].default_value = scale * 3
    else:
        texture = nodes.new("ShaderNodeTexNoise")
        texture.inputs["Scale"].default_value = scale
        texture.inputs["Detail"].default_value = 6.0
    place = nodes.new("ShaderNodeTexCoord")
    links.new(place.outputs["Object"], texture.inputs["Vector"])
    return texture.outputs.get("Fac") or texture.outputs["Distance"]


def _lengthwise(material: bpy.types.Material, pattern: str, scale: float) -> bpy.types.NodeSocket:
    """Return a value from 0 to 1 that depends on the place on a grid: rows of stripes, narrow bands or dots."""
    along = sine(material, attribute(material, "along"), 2 * np.pi * scale)
    if pattern != "dots":
        return scaled(material, along, 0.5, 0.5)
    across = sine(material, attribute(material, "across"), 2 * np.pi * max(round(scale * 3), 3))
    return scaled(material, product(material, along, across), 0.55, 0.2)


def attribute(material: bpy.types.Material, name: str) -> bpy.types.NodeSocket:
    """Return an attribute of the geometry as a value for a shader."""
    node = material.node_tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node.outputs["Fac"]


def scaled(
    material: bpy.types.Material, value: bpy.types.NodeSocket, factor: float, add: float
) -> bpy.types.NodeSocket:
    """Return ``value * factor + add``."""
    node = material.node_tree.nodes.new("ShaderNodeMath")
    node.operation = "MULTIPLY_ADD"
    material.node_tree.links.new(value, node.inputs[0])
    node.inputs[1].default_value, node.inputs[2].default_value = factor, add
    return node.outputs["Value"]


def product(
    material: bpy.types.Material, first: bpy.types.NodeSocket, second: bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    """Return the product of two values."""
    node = material.node_tree.nodes.new("ShaderNodeMath")
    node.operation = "MULTIPLY"
    material.node_tree.links.new(first, node.inputs[0])
    material.node_tree.links.new(second, node.inputs[1])
    return node.outputs["Value"]


def sine(material: bpy.types.Material, value: bpy.types.NodeSocket, frequency: float) -> bpy.types.NodeSocket:
    """Return ``sin(value * frequency)``."""
    node = material.node_tree.nodes.new("ShaderNodeMath")
    node.operation = "SINE"
    material.node_tree.links.new(scaled(material, value, frequency, 0.0), node.inputs[0])
    return node.outputs["Value"]


def random_material(name: str, rng: np.random.Generator) -> bpy.types.Material:
    """Return a plastic, metal, clay or patterned material."""
    kind = rng.choice(["plastic", "metal", "clay", *PATTERNS])
    first, second = random_color(rng), random_color(rng)
    if kind == "plastic":
        return plain(name, first, roughness=rng.uniform(0.15, 0.5), coat=rng.uniform(0, 0.6))
    if kind == "metal":
        return plain(name, random_color(rng, value=(0.5, 0.95)), roughness=rng.uniform(0.1, 0.45), metallic=1.0)
    if kind == "clay":
        return plain(name, first, roughness=rng.uniform(0.7, 1.0))
    return patterned(name, str(kind), (first, second), scale=rng.uniform(2, 7), roughness=rng.uniform(0.25, 0.9))


def random_color(
    rng: np.random.Generator,
    *,
    hue: tuple[float, float] = (0.0, 1.0),
    saturation: tuple[float, float] = (0.2, 0.95),
    value: tuple[float, float] = (0.15, 0.95),
) -> Color:
    """Return a random linear RGB color; the ranges are of hue, saturation and value in sRGB."""
    srgb = colorsys.hsv_to_rgb(rng.uniform(*hue) % 1.0, rng.uniform(*saturation), rng.uniform(*value))
    red, green, blue = (float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4) for part in srgb)
    return red, green, blue
