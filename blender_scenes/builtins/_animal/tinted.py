"""Surfaces and strands whose color is an attribute of their points."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.blender.node_math import calculated, moved, noise
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, principled
from synthmat.blender_scenes.builtins._parts.mesh import Indices, add_mesh, grid_faces

TINT = "tint"
"""Name of the attribute: linear RGB and 1."""


def tinted(
    name: str, *, roughness: float, coat: float = 0.0, sheen: float = 0.0, rough_skin: float = 0.0
) -> bpy.types.Material:
    """Return a Principled material that takes its color from the attribute `TINT`.

    ``rough_skin`` is the height in units of fine unevenness.
    """
    material = plain(name, (0.5, 0.5, 0.5), roughness=roughness, coat=coat, sheen=sheen)
    tree, shader = material.node_tree, principled(material)
    node = tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = TINT
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Specular IOR Level"].default_value = 0.3
    if rough_skin:
        place = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
        streaks = noise(tree, moved(tree, "MULTIPLY", place, (1.0, 0.35, 0.6)), 120.0, 3.0).outputs[0]
        bump = tree.nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.7, rough_skin
        tree.links.new(calculated(tree, "MULTIPLY", streaks, 1.0), bump.inputs["Height"])
        tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    return material


def add_tinted(
    name: str, places: Array, faces: Indices, colors: Array, material: bpy.types.Material
) -> bpy.types.Object:
    """Add a smooth mesh with a color for each of its places ``(n, 3)``; all of them belong to faces."""
    item = add_mesh(name, places, faces, material)
    _paint(item.data.attributes, colors)
    return item


def add_tinted_grids(
    name: str, grids: Array, colors: Array, material: bpy.types.Material, *, around: bool = True
) -> bpy.types.Object:
    """Add grids ``(k, rows, columns, 3)`` with colors of the same shape; rows of one place become one vertex."""
    count, rows, columns, _ = grids.shape
    first = np.arange(count * rows * columns).reshape(count, rows, columns)
    pole = np.ptp(grids, axis=2).max(axis=-1) < 1e-9
    first[pole] = first[pole][:, :1]
    one = grid_faces(rows, columns, around=around, closed=False)
    faces = first.reshape(-1)[(np.arange(count)[:, None, None] * rows * columns + one[None]).reshape(-1, 4)]
    used, corners = np.unique(faces, return_inverse=True)
    return add_tinted(name, grids.reshape(-1, 3)[used], corners.reshape(-1, 4), colors.reshape(-1, 3)[used], material)


def paint_strands(item: bpy.types.Object, colors: Array) -> None:
    """Give strands colors ``(strands, points, 3)``."""
    _paint(item.data.attributes, colors.reshape(-1, 3))


def _paint(attributes: bpy.types.AttributeGroup, colors: Array) -> None:
    layer = attributes.new(TINT, "FLOAT_COLOR", "POINT")
    full = np.concatenate([np.clip(colors, 0, 1), np.ones((len(colors), 1))], axis=1)
    layer.data.foreach_set("color", full.astype(np.float32).reshape(-1))
