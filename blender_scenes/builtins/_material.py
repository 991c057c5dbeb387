"""Materials of the built-in objects: a plain Principled surface, and procedural patterns of two colours."""

from __future__ import annotations

import colorsys

import bpy
import numpy as np

Colour = tuple[float, float, float]
PATTERNS = ("noise", "wood", "checker", "marble", "speckle")


def plain(
    name: str, colour: Colour, *, roughness: float = 0.5, metallic: float = 0.0, coat: float = 0.0
) -> bpy.types.Material:
    """Return a Principled material of one linear RGB colour."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    shader = principled(material)
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Coat Weight"].default_value = coat
    return material


def principled(material: bpy.types.Material) -> bpy.types.ShaderNode:
    """Return the Principled shader of a material."""
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def patterned(
    name: str, pattern: str, colours: tuple[Colour, Colour], *, scale: float, roughness: float, metallic: float = 0.0
) -> bpy.types.Material:
    """Return a material with one of `PATTERNS` in two linear RGB colours; ``scale`` is about features a unit."""
    material = plain(name, colours[0], roughness=roughness, metallic=metallic)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = nodes.new("ShaderNodeTexCoord")
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (*colours[0], 1.0)
    ramp.color_ramp.elements[1].color = (*colours[1], 1.0)
    low, high = {"speckle": (0.2, 0.24), "checker": (0.49, 0.51)}.get(pattern, (0.35, 0.65))
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = low, high
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
    links.new(place.outputs["Object"], texture.inputs["Vector"])
    value = texture.outputs.get("Fac") or texture.outputs["Distance"]
    links.new(value, ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], principled(material).inputs["Base Color"])
    return material


def random_material(name: str, rng: np.random.Generator) -> bpy.types.Material:
    """Return a plastic, metal, clay or patterned material."""
    kind = rng.choice(["plastic", "metal", "clay", *PATTERNS])
    first, second = colour(rng), colour(rng)
    if kind == "plastic":
        return plain(name, first, roughness=rng.uniform(0.15, 0.5), coat=rng.uniform(0, 0.6))
    if kind == "metal":
        return plain(name, colour(rng, value=(0.5, 0.95)), roughness=rng.uniform(0.1, 0.45), metallic=1.0)
    if kind == "clay":
        return plain(name, first, roughness=rng.uniform(0.7, 1.0))
    return patterned(name, str(kind), (first, second), scale=rng.uniform(2, 7), roughness=rng.uniform(0.25, 0.9))


def colour(
    rng: np.random.Generator,
    *,
    hue: tuple[float, float] = (0.0, 1.0),
    saturation: tuple[float, float] = (0.2, 0.95),
    value: tuple[float, float] = (0.15, 0.95),
) -> Colour:
    """Return a random linear RGB colour; the ranges are of hue, saturation and value in sRGB."""
    srgb = colorsys.hsv_to_rgb(rng.uniform(*hue) % 1.0, rng.uniform(*saturation), rng.uniform(*value))
    red, green, blue = (float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4) for part in srgb)
    return red, green, blue
