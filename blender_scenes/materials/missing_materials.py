"""Materials for models that bring none."""

from __future__ import annotations

import functools

import bpy
import numpy as np

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.materials.vertex_colors import color_attribute

_GRAY = (0.5, 0.5, 0.5, 1.0)
_SURFACES = ("MESH", "CURVE", "SURFACE", "FONT", "META", "CURVES", "POINTCLOUD")
_STAND_IN = "synthmat stand-in"
_OPACITY = "displayOpacity"


def add_missing_materials() -> None:
    """Give each surface without a material its vertex colors, where it has any, or else a plain gray.

    Each call makes materials of its own, so that no two members of a group share one.
    """
    plain = functools.cache(_plain_material)
    for item in bpy.data.objects:
        if item.type in _SURFACES and not item.material_slots:
            item.data.materials.append(plain(color_attribute(item), _opacity_attribute(item)))
        for slot in item.material_slots:
            if slot.material is None and item.type in _SURFACES:
                slot.material = plain(color_attribute(item), _opacity_attribute(item))


def is_stand_in(material: bpy.types.Material) -> bool:
    """Tell whether a material is the plain gray of a surface that brought neither material nor colors."""
    return bool(material.get(_STAND_IN, False))


def add_missing_nodes() -> None:
    """Give materials without nodes, as files from before Blender 2.80 hold them, the nodes that look the same.

    Blender 5 has no others any more; in 4.5 such a material would stay as it is in the matte pass.
    """
    if bpy.app.version >= (5, 0):
        return
    for material in bpy.data.materials:
        if material.use_nodes or material.is_grease_pencil:
            continue
        material.use_nodes = True
        tree = material.node_tree
        tree.nodes.clear()
        shader = tree.nodes.new("ShaderNodeBsdfDiffuse")
        shader.inputs["Color"].default_value = material.diffuse_color
        output = tree.nodes.new("ShaderNodeOutputMaterial")
        tree.links.new(shader.outputs[0], output.inputs["Surface"])


def _opacity_attribute(item: bpy.types.Object) -> str | None:
    """Return the name of the opacity that USD gives an object beside its colors; None where it is opaque."""
    attribute = getattr(item.data, "attributes", {}).get(_OPACITY)
    if attribute is None or attribute.data_type != "FLOAT" or not len(attribute.data):
        return None
    values = np.empty(len(attribute.data), np.float32)
    attribute.data.foreach_get("value", values)
    return _OPACITY if values.min() < 1 else None


def _plain_material(color_attribute: str | None, opacity_attribute: str | None = None) -> bpy.types.Material:
    material = bpy.data.materials.new(f"synthmat {color_attribute or 'grey'}")
    tree = node_tree(material)
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    shader.inputs["Base Color"].default_value = _GRAY
    shader.inputs["Roughness"].default_value = 0.5
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    if opacity_attribute is not None:
        opacity = tree.nodes.new("ShaderNodeAttribute")
        opacity.attribute_name = opacity_attribute
        tree.links.new(opacity.outputs["Fac"], shader.inputs["Alpha"])
    if color_attribute is None:
        material[_STAND_IN] = True
    else:
        colors = tree.nodes.new("ShaderNodeVertexColor")
        colors.layer_name = color_attribute
        tree.links.new(colors.outputs["Color"], shader.inputs["Base Color"])
    return material
