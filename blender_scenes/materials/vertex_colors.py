"""Colors of vertices beside a material that has no texture, as scans in OBJ and painted models in FBX have them."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.opacity_pictures import surface_shaders

_BLACK = 1e-4
_BRIGHTEST = 1.5


def color_attribute(item: bpy.types.Object) -> str | None:
    """Return the name of the colors that an object's points or corners have; None without any."""
    active = getattr(getattr(item.data, "color_attributes", None), "active_color", None)
    if active is not None:
        return str(active.name)
    kinds = ("FLOAT_COLOR", "BYTE_COLOR")
    return next((each.name for each in getattr(item.data, "attributes", ()) if each.data_type in kinds), None)


def show_vertex_colors(objects: Iterable[bpy.types.Object]) -> list[str]:
    """Multiply the plain base color of the objects' materials by their vertex colors; return whose were.

    A material that other objects without such colors have too is not changed for them: it is copied.
    """
    colored: dict[tuple[str, str], bpy.types.Material] = {}
    shown = set()
    for item in objects:
        if item.type != "MESH" or (name := color_attribute(item)) is None or _is_black(item.data, name):
            continue
        for slot in item.material_slots:
            if slot.material is None or not _is_plain(slot.material):
                continue
            key = (slot.material.name_full, name)
            shown.add(str(slot.material.name))
            if key not in colored:
                colored[key] = _colored_copy(slot.material, name)
            slot.material = colored[key]
    return sorted(shown)


def scale_byte_colors(objects: Iterable[bpy.types.Object]) -> None:
    """Set vertex colors right that a file states from 0 to 255 and that were read as sRGB from 0 to 1.

    Told by the brightest of all: colors beyond 1 are none.
    """
    layers = {
        (item.data.name_full, name): item.data.attributes[name].data
        for item in objects
        if item.type == "MESH" and (name := color_attribute(item)) is not None
    }
    colors = {key: _read_colors(data) for key, data in layers.items()}
    if not any(len(values) and values[:, :3].max() > _BRIGHTEST for values in colors.values()):
        return
    for key, values in colors.items():
        # sRGB's curve, here beyond 1, back to what is in the file; and then forth again.
        stated = 1.055 * np.maximum(values[:, :3], 0) ** (1 / 2.4) - 0.055
        stated = np.where(values[:, :3] <= 0.0031308, values[:, :3] * 12.92, stated) / 255
        values[:, :3] = np.where(stated <= 0.04045, stated / 12.92, ((stated + 0.055) / 1.055) ** 2.4)
        layers[key].foreach_set("color", values.reshape(-1))


def _read_colors(data: bpy.types.bpy_prop_collection) -> npt.NDArray[np.float32]:
    colors = np.empty(len(data) * 4, np.float32)
    data.foreach_get("color", colors)
    return colors.reshape(-1, 4)


def _is_plain(material: bpy.types.Material) -> bool:
    shaders = surface_shaders(material)
    return bool(shaders) and not any(shader.inputs["Base Color"].links for shader in shaders)


def _is_black(mesh: bpy.types.Mesh, name: str) -> bool:
    """Tell whether colors are all 0, as a layer that nobody painted on is."""
    colors = _read_colors(mesh.attributes[name].data)
    return not len(colors) or bool(colors[:, :3].max() < _BLACK)


def _colored_copy(material: bpy.types.Material, name: str) -> bpy.types.Material:
    copy = material.copy()
    tree = copy.node_tree
    for shader in surface_shaders(copy):
        colors = tree.nodes.new("ShaderNodeVertexColor")
        colors.layer_name = name
        product = tree.nodes.new("ShaderNodeMix")
        product.data_type, product.blend_type = "RGBA", "MULTIPLY"
        inputs = {each.identifier: each for each in product.inputs}
        inputs["Factor_Float"].default_value = 1.0
        inputs["A_Color"].default_value = tuple(shader.inputs["Base Color"].default_value)
        tree.links.new(colors.outputs["Color"], inputs["B_Color"])
        tree.links.new(next(each for each in product.outputs if each.type == "RGBA"), shader.inputs["Base Color"])
    return copy
