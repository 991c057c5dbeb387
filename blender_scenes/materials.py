"""Materials for models that bring none."""

from __future__ import annotations

import bpy

from synthmat.blender_scenes.versions import node_tree

_GREY = (0.5, 0.5, 0.5, 1.0)
_SURFACES = ("MESH", "CURVE", "SURFACE", "FONT", "META")
_STAND_IN = "synthmat stand-in"


def add_missing_materials() -> None:
    """Give each surface without a material its vertex colours, where it has any, or else a plain grey."""
    for item in bpy.data.objects:
        if item.type in _SURFACES and not any(slot.material for slot in item.material_slots):
            colors = getattr(item.data, "color_attributes", None)
            attribute = colors.active_color.name if colors and colors.active_color else None
            material = _plain_material(attribute)
            if item.material_slots:
                for slot in item.material_slots:
                    slot.material = material
            else:
                item.data.materials.append(material)


def is_stand_in(material: bpy.types.Material) -> bool:
    """Tell whether a material is the plain grey of a surface that brought neither material nor colours."""
    return bool(material.get(_STAND_IN, False))


def _plain_material(color_attribute: str | None) -> bpy.types.Material:
    name = f"synthmat {color_attribute or 'grey'}"
    known = bpy.data.materials.get(name)
    if known is not None:
        return known
    material = bpy.data.materials.new(name)
    tree = node_tree(material)
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    shader.inputs["Base Color"].default_value = _GREY
    shader.inputs["Roughness"].default_value = 0.5
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    if color_attribute is None:
        material[_STAND_IN] = True
    else:
        colors = tree.nodes.new("ShaderNodeVertexColor")
        colors.layer_name = color_attribute
        tree.links.new(colors.outputs["Color"], shader.inputs["Base Color"])
    return material
