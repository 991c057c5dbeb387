"""Opacity of FBX materials, which Blender's importer reads only from files that Blender made."""

from __future__ import annotations

import re
from pathlib import Path

import bpy

from synthmat.blender_scenes.materials.opacity_pictures import resolve_opacity_picture, surface_shaders
from synthmat.blender_scenes.materials.textures import find_picture
from synthmat.blender_scenes.models.formats.fbx_materials import FbxMaterial, fbx_materials

_NUMBERED = re.compile(r"\.\d{3,}$")
_CLEAR = 1e-3


def set_fbx_opacity(path: Path, materials: list[bpy.types.Material]) -> list[str]:
    """Make materials that were read from ``path`` as opaque as the file says, and return warnings by their names."""
    stated: dict[str, list[FbxMaterial]] = {}
    for each in fbx_materials(path):
        stated.setdefault(each.name, []).append(each)
    warnings = []
    for material in materials:
        name = material.name if material.name in stated else _NUMBERED.sub("", material.name)
        for shader in surface_shaders(material):
            _remove_glass(material.node_tree, shader)
            _resolve_picture(path, material.node_tree, shader)
            warnings += _set(material.node_tree, shader, stated.get(name, []), str(material.name))
    return sorted(set(warnings))


def _resolve_picture(path: Path, tree: bpy.types.NodeTree, shader: bpy.types.Node) -> None:
    """Look into the picture of opacity, wherever it is; afterwards it is stated where it was."""
    alpha = shader.inputs["Alpha"]
    nodes = [link.from_node for link in alpha.links if link.from_node.type == "TEX_IMAGE" and link.from_node.image]
    places = [node.image.filepath for node in nodes]
    for node in nodes:
        find_picture(node.image, path)
    resolve_opacity_picture(tree, shader)
    for node, place in zip(nodes, places, strict=True):
        if node.image.filepath != place:
            node.image.filepath = place


def _set(tree: bpy.types.NodeTree, shader: bpy.types.Node, stated: list[FbxMaterial], name: str) -> list[str]:
    alpha = shader.inputs["Alpha"]
    if (alpha.links and not _is_the_color(shader)) or alpha.default_value < 1 or not stated:
        return []
    textures = {each.texture for each in stated if each.texture}
    if textures and not alpha.links:
        return [f"material {name}: Blender does not read the texture of its {', '.join(sorted(textures))}: opaque"]
    opacities = {min(1.0, max(0.0, each.opacity)) for each in stated}
    if len(opacities) > 1:
        return [f"material {name}: the file has several of that name and of different opacity: taken as opaque"]
    (opacity,) = opacities
    if opacity < _CLEAR:
        return [f"material {name} has opacity 0, as many programs write it for opaque ones: taken as opaque"]
    if alpha.links and opacity < 1:
        factor = tree.nodes.new("ShaderNodeMath")
        factor.operation = "MULTIPLY"
        factor.inputs[1].default_value = opacity
        tree.links.new(alpha.links[0].from_socket, factor.inputs[0])
        tree.links.new(factor.outputs[0], alpha)
    elif not alpha.links:
        alpha.default_value = opacity
    return []


def _is_the_color(shader: bpy.types.Node) -> bool:
    """Tell whether alpha is that of the picture which gives the color, so that opacity is still to be counted in."""
    colors = [link.from_node for link in shader.inputs["Base Color"].links]
    return [link.from_node for link in shader.inputs["Alpha"].links] == colors


def _remove_glass(tree: bpy.types.NodeTree, shader: bpy.types.Node) -> None:
    """Take a picture of opacity off the transmission: white, which is opaque, would be glass."""
    for link in list(shader.inputs["Transmission Weight"].links):
        if link.from_node.type == "TEX_IMAGE":
            tree.links.remove(link)
            shader.inputs["Transmission Weight"].default_value = 0.0


def axis_warning(path: Path) -> list[str]:
    """Return a warning about an FBX file that does not say which way is up, as Blender then takes Z for it."""
    if b"UpAxis" in path.read_bytes():
        return []
    return ["the file does not say which way is up: Z is taken for it; if the model lies down, set up: y beside it"]
