"""Fabrics: plain cloth, stripes, checks, denim, knit, print, leather; with threads, seams and ribs."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.blender.node_math import calculated, noise, smooth_step
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled, random_color, sine
from synthmat.blender_scenes.builtins._person.shading import add_bump, mixed_color, object_place

KINDS = ("plain", "heather", "stripes", "pinstripes", "checks", "denim", "knit", "print", "leather")

_MAGENTA = (0.77, 0.92)
"""Hues that are pale where they are worn: a strong one looks like a texture that is missing."""


def random_fabric(name: str, kinds: tuple[str, ...], rng: np.random.Generator) -> bpy.types.Material:
    """Return cloth of one of ``kinds`` out of `KINDS` in colors that people wear."""
    kind = str(rng.choice(kinds))
    return fabric(name, kind, cloth_color(rng), cloth_color(rng), rng)


def cloth_color(rng: np.random.Generator) -> Color:
    """Return a linear RGB color that people wear: often black, white, gray, navy or beige, sometimes bright."""
    kind = rng.random()
    if kind < 0.42:
        return random_color(rng, saturation=(0.0, 0.12), value=(0.1, 0.95))
    if kind < 0.6:
        return random_color(rng, hue=(0.58, 0.66), saturation=(0.3, 0.75), value=(0.15, 0.6))
    if kind < 0.74:
        return random_color(rng, hue=(0.05, 0.13), saturation=(0.15, 0.5), value=(0.3, 0.85))
    hue = float(rng.random())
    strongest = 0.5 if _MAGENTA[0] < hue < _MAGENTA[1] else 0.85
    return random_color(rng, hue=(hue, hue), saturation=(0.35, strongest), value=(0.3, 0.9))


def fabric(name: str, kind: str, first: Color, second: Color, rng: np.random.Generator) -> bpy.types.Material:
    """Return cloth of one of `KINDS` in two linear RGB colors; it reads ``across``, ``along`` and ``edge``, meters."""
    if kind == "denim":
        first = random_color(rng, hue=(0.57, 0.63), saturation=(0.25, 0.7), value=(0.15, 0.65))
    if kind == "leather":
        first = random_color(rng, hue=(0.03, 0.09), saturation=(0.1, 0.7), value=(0.05, 0.4))
    material = plain(
        name, first, roughness=0.42 if kind == "leather" else 0.85, sheen=0.0 if kind == "leather" else 0.15
    )
    tree = material.node_tree
    place = object_place(tree)
    color = _colored(material, kind, first, second, place, rng)
    worn = smooth_step(tree, noise(tree, place, 7.0, 4.0).outputs[0], 0.3, 0.7)
    shade = tuple((np.array(first) * 0.82).tolist())
    color = mixed_color(tree, calculated(tree, "MULTIPLY", worn, 0.25), color, shade)
    seam = _band(tree, attribute(material, "edge"), 0.018, 0.0012)
    color = mixed_color(tree, calculated(tree, "MULTIPLY", seam, 0.45), color, tuple((np.array(first) * 0.3).tolist()))
    tree.links.new(color, principled(material).inputs["Base Color"])
    _add_relief(material, kind, place, float(rng.uniform(0.004, 0.01)))
    return material


def sheer_fabric(name: str, rng: np.random.Generator) -> bpy.types.Material:
    """Return thin cloth, such as chiffon or tulle: a layer hides 28 to 55 percent of what is behind it, more where it
    is seen from the side, and nearly all along its hems."""
    kind = str(rng.choice(["plain", "plain", "stripes", "print"]))
    material = fabric(name, kind, cloth_color(rng), cloth_color(rng), rng)
    tree, shader = material.node_tree, principled(material)
    dense = float(rng.uniform(0.28, 0.55))
    facing = tree.nodes.new("ShaderNodeLayerWeight")
    facing.inputs["Blend"].default_value = 0.5
    edgewise = calculated(tree, "POWER", facing.outputs["Facing"], 3.0)
    opacity = calculated(tree, "MULTIPLY_ADD", edgewise, 0.6 * (1 - dense), dense)
    if name != "scarf":
        hem = smooth_step(tree, attribute(material, "edge"), 0.011, 0.009)
        opacity = calculated(tree, "MAXIMUM", opacity, calculated(tree, "MULTIPLY", hem, 0.85))
    tree.links.new(opacity, shader.inputs["Alpha"])
    shader.inputs["Sheen Weight"].default_value = 0.3
    return material


def _colored(
    material: bpy.types.Material,
    kind: str,
    first: Color,
    second: Color,
    place: bpy.types.NodeSocket,
    rng: np.random.Generator,
) -> bpy.types.NodeSocket | Color:
    tree = material.node_tree
    across, along = attribute(material, "across"), attribute(material, "along")
    if kind == "stripes":
        wave = sine(material, along, 2 * np.pi / float(rng.uniform(0.025, 0.09)))
        return mixed_color(
            tree, smooth_step(tree, wave, -0.05 + (p := float(rng.uniform(-0.4, 0.6))), 0.05 + p), first, second
        )
    if kind == "pinstripes":
        wave = sine(material, across, 2 * np.pi / float(rng.uniform(0.012, 0.03)))
        return mixed_color(tree, smooth_step(tree, wave, 0.8, 0.95), first, second)
    if kind == "checks":
        period = float(rng.uniform(0.03, 0.09))
        lines = [smooth_step(tree, sine(material, each, 2 * np.pi / period), -0.1, 0.1) for each in (across, along)]
        color = mixed_color(tree, calculated(tree, "MULTIPLY", lines[0], 0.55), first, second)
        color = mixed_color(tree, calculated(tree, "MULTIPLY", lines[1], 0.55), color, second)
        thin = smooth_step(tree, sine(material, along, 2 * np.pi / period), 0.96, 0.99)
        return mixed_color(
            tree, calculated(tree, "MULTIPLY", thin, 0.7), color, tuple((np.array(first) * 0.2).tolist())
        )
    if kind == "print":
        dots = tree.nodes.new("ShaderNodeTexVoronoi")
        tree.links.new(place, dots.inputs["Vector"])
        dots.inputs["Scale"].default_value = float(rng.uniform(15, 50))
        spots = smooth_step(tree, dots.outputs["Distance"], 0.42, 0.36)
        color = mixed_color(tree, spots, first, second)
        some = smooth_step(tree, noise(tree, place, float(rng.uniform(10, 30)), 2.0).outputs[0], 0.56, 0.6)
        return mixed_color(tree, some, color, cloth_color(rng))
    if kind in ("heather", "denim"):
        grain = noise(tree, place, 500.0, 2.0).outputs[0]
        light = tuple(np.clip(np.array(first) * 1.9 + 0.03, 0, 1).tolist())
        color = mixed_color(tree, smooth_step(tree, grain, 0.45, 0.7), first, light)
        if kind == "denim":
            faded = smooth_step(tree, noise(tree, place, 4.0, 2.0).outputs[0], 0.45, 0.7)
            color = mixed_color(tree, calculated(tree, "MULTIPLY", faded, 0.5), color, light)
        return color
    return mixed_color(tree, 0.0, first, first)


def _band(tree: bpy.types.NodeTree, value: bpy.types.NodeSocket, middle: float, half: float) -> bpy.types.NodeSocket:
    """Return 1 where a value is within ``half`` of ``middle``."""
    off = calculated(tree, "ABSOLUTE", calculated(tree, "SUBTRACT", value, middle))
    return smooth_step(tree, off, half, half * 0.4)


def _add_relief(material: bpy.types.Material, kind: str, place: bpy.types.NodeSocket, creased: float) -> None:
    """Add creases ``creased`` meters deep, threads or stitches, and the groove of the seam along the edges."""
    tree = material.node_tree
    across, along, edge = (attribute(material, name) for name in ("across", "along", "edge"))
    creases = noise(tree, place, 26.0, 3.0, 0.6).outputs[0]
    height = calculated(tree, "MULTIPLY", creases, creased if kind != "leather" else 0.006)
    groove = _band(tree, edge, 0.018, 0.0025)
    height = calculated(tree, "MULTIPLY_ADD", groove, -0.0012, height)
    if kind == "knit":
        rows = sine(material, along, 2 * np.pi / 0.006)
        slant = calculated(tree, "ADD", across, calculated(tree, "MULTIPLY", rows, 0.0008))
        stitches = calculated(tree, "MULTIPLY", sine(material, slant, 2 * np.pi / 0.007), rows)
        height = calculated(tree, "MULTIPLY_ADD", stitches, 0.0009, height)
    elif kind == "leather":
        height = calculated(tree, "MULTIPLY_ADD", noise(tree, place, 350.0, 2.0).outputs[0], 0.0008, height)
    else:
        threads = noise(tree, place, 900.0, 1.0).outputs[0]
        height = calculated(tree, "MULTIPLY_ADD", threads, 0.0005, height)
    if kind == "knit":
        ribs = calculated(
            tree, "MULTIPLY", sine(material, across, 2 * np.pi / 0.009), smooth_step(tree, edge, 0.05, 0.045)
        )
        height = calculated(tree, "MULTIPLY_ADD", ribs, 0.0018, height)
    add_bump(material, height, 0.7, 1.0)
