"""Hair's look: a Principled Hair material in natural or dyed colors, each strand a little different."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.builtins._parts.material import Color, random_color

# Color of hair that light has gone through often, from dark brown to gray.
_NATURAL: tuple[Color, ...] = (
    (0.035, 0.022, 0.016),
    (0.07, 0.036, 0.02),
    (0.13, 0.062, 0.03),
    (0.22, 0.11, 0.05),
    (0.36, 0.2, 0.09),
    (0.56, 0.37, 0.18),
    (0.68, 0.52, 0.32),
    (0.3, 0.075, 0.025),
    (0.45, 0.14, 0.04),
    (0.4, 0.38, 0.36),
    (0.66, 0.64, 0.61),
)


def hair_colors(rng: np.random.Generator) -> tuple[Color, Color]:
    """Return linear RGB colors of hair at its roots and at its tips: natural, with light tips, or dyed."""
    natural = np.array(_NATURAL[int(rng.integers(len(_NATURAL)))]) * rng.uniform(0.85, 1.15, 3)
    root: Color = (float(natural[0]), float(natural[1]), float(natural[2]))
    kind = rng.choice(["natural", "lighter tips", "dyed", "dyed tips"], p=[0.5, 0.15, 0.2, 0.15])
    if kind == "natural":
        return root, root
    if kind == "lighter tips":
        light = np.clip(natural * rng.uniform(1.8, 3.5) + [0.1, 0.05, 0.02], 0, 0.75)
        return root, (float(light[0]), float(light[1]), float(light[2]))
    hue = rng.uniform(0, 1)
    dyed = random_color(rng, hue=(hue, hue), saturation=(0.4, 0.75), value=(0.45, 0.9))
    if kind == "dyed tips":
        return root, dyed
    return dyed, random_color(rng, hue=(hue - 0.1, hue + 0.1), saturation=(0.5, 0.9), value=(0.5, 0.95))


def hair_material(root: Color, tip: Color, rng: np.random.Generator) -> bpy.types.Material:
    """Return a material for hair curves that goes from one linear RGB color to another along each strand."""
    material = bpy.data.materials.new("hair")
    tree = node_tree(material)
    nodes, links = tree.nodes, tree.links
    nodes.clear()
    output, shader = nodes.new("ShaderNodeOutputMaterial"), nodes.new("ShaderNodeBsdfHairPrincipled")
    shader.parametrization = "COLOR"
    shader.inputs["Roughness"].default_value = rng.uniform(0.35, 0.55)
    shader.inputs["Radial Roughness"].default_value = rng.uniform(0.6, 0.85)
    shader.inputs["Random Roughness"].default_value = 0.2
    information, ramp = nodes.new("ShaderNodeHairInfo"), nodes.new("ShaderNodeValToRGB")
    start = rng.uniform(0.1, 0.5)
    for stop, position, tone in zip(ramp.color_ramp.elements, (start, rng.uniform(0.7, 1)), (root, tip), strict=True):
        stop.position, stop.color = position, (*tone, 1.0)
    vary = nodes.new("ShaderNodeHueSaturation")
    value = nodes.new("ShaderNodeMapRange")
    value.inputs["To Min"].default_value, value.inputs["To Max"].default_value = 0.65, rng.uniform(1.2, 1.6)
    links.new(information.outputs["Random"], value.inputs["Value"])
    links.new(value.outputs["Result"], vary.inputs["Value"])
    links.new(information.outputs["Intercept"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], vary.inputs["Color"])
    links.new(vary.outputs["Color"], shader.inputs["Color"])
    links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    return material
