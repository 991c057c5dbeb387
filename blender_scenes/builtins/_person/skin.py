"""Skin: light that goes under it, pores, freckles, blush, lips, the shadow of a beard, and what age adds."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.blender.node_math import calculated, noise, smooth_step
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import attribute, plain, principled
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh
from synthmat.blender_scenes.builtins._person.complexion import Complexion
from synthmat.blender_scenes.builtins._person.shading import add_bump, mixed_color, object_place
from synthmat.blender_scenes.builtins._person.surface import RESTING, Surface, subdivided

SHADES = ("lips", "blush", "beard", "scalp", "nails", "shine", "lines")
"""Attributes of the vertices, from 0 to 1, that the skin's color follows."""


def add_skin(
    surface: Surface, shades: dict[str, Array], complexion: Complexion, rng: np.random.Generator
) -> bpy.types.Object:
    """Add skin to the scene, with each of `SHADES` ``(n,)``.

    The columns of the ``surface``, of quads, are places and places before posing, meters.
    """
    columns = np.concatenate([surface.columns[:, :6], *(shades[name][:, None] for name in SHADES)], axis=1)
    fine = subdivided(Surface(columns, surface.faces))
    finer: dict[str, Array] = dict(zip((*RESTING, *SHADES), fine.columns[:, 3:].T, strict=True))
    return add_mesh("skin", fine.places, fine.faces, skin_material(complexion, rng), finer)


def skin_material(complexion: Complexion, rng: np.random.Generator) -> bpy.types.Material:
    """Return a material for skin; it reads the attributes `SHADES`."""
    material = plain("skin", complexion.skin, roughness=0.45)
    tree, shader = material.node_tree, principled(material)
    place = object_place(tree)
    color = _color(material, complexion, place)
    tree.links.new(color, shader.inputs["Base Color"])
    shader.inputs["Subsurface Weight"].default_value = 1.0
    shader.inputs["Subsurface Radius"].default_value = (1.0, 0.35, 0.2)
    shader.inputs["Subsurface Scale"].default_value = 0.004
    shader.inputs["Specular IOR Level"].default_value = 0.42
    oily = float(rng.uniform(0.44, 0.58))
    patches = noise(tree, place, 55.0, 3.0).outputs[0]
    rough = calculated(tree, "MULTIPLY_ADD", patches, 0.36, oily - 0.16)
    rough = calculated(tree, "MULTIPLY_ADD", attribute(material, "shine"), -float(rng.uniform(0.02, 0.14)), rough)
    rough = calculated(tree, "MULTIPLY_ADD", attribute(material, "lips"), -0.13, rough)
    tree.links.new(rough, shader.inputs["Roughness"])
    _relief(material, complexion, place)
    return material


def _color(material: bpy.types.Material, complexion: Complexion, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    tree = material.node_tree
    skin = np.array(complexion.skin)
    red = tuple((skin * [1.0, 0.62, 0.58]).tolist())
    pale = tuple((skin * [1.03, 1.06, 1.02]).tolist())
    mottled = smooth_step(tree, noise(tree, place, 28.0, 4.0).outputs[0], 0.3, 0.7)
    color = mixed_color(tree, calculated(tree, "MULTIPLY", mottled, 0.42), pale, red)
    blotches = smooth_step(tree, noise(tree, place, 95.0, 2.0).outputs[0], 0.5, 0.72)
    color = mixed_color(tree, calculated(tree, "MULTIPLY", blotches, 0.22), color, tuple((skin * 0.78).tolist()))
    sallow = smooth_step(tree, noise(tree, place, 11.0, 2.0).outputs[0], 0.4, 0.7)
    color = mixed_color(
        tree, calculated(tree, "MULTIPLY", sallow, 0.25), color, tuple((skin * [0.95, 0.93, 0.76]).tolist())
    )
    color = mixed_color(tree, _moles(tree, place), color, tuple((skin * [0.38, 0.3, 0.28]).tolist()))
    fine = smooth_step(tree, noise(tree, place, 260.0, 3.0).outputs[0], 0.35, 0.75)
    color = mixed_color(tree, calculated(tree, "MULTIPLY", fine, 0.16), color, tuple((skin * 0.7).tolist()))
    blush = calculated(tree, "MULTIPLY", attribute(material, "blush"), 0.25 + 0.5 * complexion.blush)
    color = mixed_color(tree, blush, color, red)
    if complexion.freckles:
        color = mixed_color(tree, _freckles(tree, place, complexion.freckles), color, tuple((skin * 0.5).tolist()))
    if complexion.age > 0.7:
        spots = smooth_step(tree, noise(tree, place, 45.0, 2.0).outputs[0], 0.66, 0.72)
        color = mixed_color(tree, calculated(tree, "MULTIPLY", spots, 0.35), color, tuple((skin * 0.6).tolist()))
    color = mixed_color(tree, attribute(material, "lips"), color, complexion.lips)
    if complexion.stubble:
        stubs = smooth_step(tree, noise(tree, place, 900.0, 1.0).outputs[0], 0.35, 0.65)
        dark = calculated(tree, "MULTIPLY_ADD", stubs, 0.3, 0.15)
        shadow = calculated(tree, "MULTIPLY", attribute(material, "beard"), complexion.stubble)
        gray = tuple((skin * 0.3 + np.array(complexion.brows) * 0.5 + 0.01).tolist())
        color = mixed_color(tree, calculated(tree, "MULTIPLY", shadow, dark), color, gray)
    nails = tuple((skin * [1.05, 0.85, 0.82]).tolist())
    color = mixed_color(tree, attribute(material, "nails"), color, nails)
    under = tuple((np.array(complexion.hair) * 0.6 + skin * 0.25).tolist())
    return mixed_color(tree, attribute(material, "scalp"), color, under)


def _freckles(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket, strength: float) -> bpy.types.NodeSocket:
    dots = tree.nodes.new("ShaderNodeTexVoronoi")
    tree.links.new(place, dots.inputs["Vector"])
    dots.inputs["Scale"].default_value = 210.0
    near = smooth_step(tree, dots.outputs["Distance"], 0.36, 0.16)
    where = smooth_step(tree, noise(tree, place, 16.0, 2.0).outputs[0], 0.66 - 0.25 * strength, 0.7)
    each = smooth_step(tree, noise(tree, place, 240.0, 0.0).outputs[0], 0.5, 0.62)
    return calculated(
        tree, "MULTIPLY", calculated(tree, "MULTIPLY", near, where), calculated(tree, "MULTIPLY", each, 0.6)
    )


def _moles(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    """Return 0.75 on moles of one to two millimeters, a few in a square decimeter."""
    dots = tree.nodes.new("ShaderNodeTexVoronoi")
    tree.links.new(place, dots.inputs["Vector"])
    dots.inputs["Scale"].default_value = 28.0
    one = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(dots.outputs["Color"], one.inputs["Color"])
    near = smooth_step(tree, dots.outputs["Distance"], 0.05, 0.025)
    return calculated(tree, "MULTIPLY", near, smooth_step(tree, one.outputs[0], 0.72, 0.95))


def _relief(material: bpy.types.Material, complexion: Complexion, place: bpy.types.NodeSocket) -> None:
    """Add pores, unevenness of some millimeters, and from middle age on wrinkles, across the forehead first."""
    tree = material.node_tree
    pores = tree.nodes.new("ShaderNodeTexVoronoi")
    tree.links.new(place, pores.inputs["Vector"])
    pores.inputs["Scale"].default_value = 700.0
    height = calculated(tree, "MULTIPLY", pores.outputs["Distance"], 0.00025)
    uneven = noise(tree, place, 120.0, 3.0).outputs[0]
    height = calculated(tree, "MULTIPLY_ADD", uneven, 0.0009 + 0.0014 * max(complexion.age - 0.6, 0), height)
    soft = noise(tree, place, 48.0, 2.0).outputs[0]
    height = calculated(tree, "MULTIPLY_ADD", soft, 0.0015, height)
    if complexion.age > 0.62:
        lines = calculated(tree, "MULTIPLY", attribute(material, "lines"), _wrinkles(tree, place))
        height = calculated(tree, "MULTIPLY_ADD", lines, -0.004 * (complexion.age - 0.55), height)
    add_bump(material, height, 0.6, 1.0)


def _wrinkles(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    """Return 1 in the middle of wavy level lines a centimeter apart, 0 between them."""
    bent = noise(tree, place, 22.0, 2.0).outputs[0]
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(place, parts.inputs["Vector"])
    level = calculated(tree, "MULTIPLY_ADD", bent, 0.016, parts.outputs["Z"])
    wave = calculated(tree, "SINE", calculated(tree, "MULTIPLY", level, 2 * np.pi / 0.011))
    return smooth_step(tree, wave, 0.4, 1.0)
