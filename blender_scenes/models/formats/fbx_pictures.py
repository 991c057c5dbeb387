"""Shows the textures of FBX materials that Blender's importer leaves out, and names those that stay so."""

from __future__ import annotations

import re
from pathlib import Path

import bpy

from synthmat.blender_scenes.materials.opacity_pictures import surface_shaders
from synthmat.blender_scenes.models.formats.fbx_textures import FbxTexture, fbx_textures
from synthmat.model_files.texture_files import files_at, place_of

_NUMBERED = re.compile(r"\.\d{3,}$")
_COLOR = re.compile(
    r"diffuse_?(color|map|texture)?$|base_?color(_?map|_?texture)?$|albedo|TEX_color_map$", re.IGNORECASE
)
_UNSEEN = re.compile("opacity|transparen|cutout|alpha|displacement|ambient_?occlusion|TEX_ao_map", re.IGNORECASE)
"""Of opacity `fbx_file` says more; the rest changes no look in other formats either."""


def show_fbx_textures(path: Path, materials: list[bpy.types.Material]) -> list[str]:
    """Give materials that were read from ``path`` the textures of color that Blender did not, and return warnings.

    Those are of shaders that it does not know (of 3ds Max, Maya, Unreal), or in layers. A texture for anything else, or
    one inside the file, is named. Textures for another than the first set of coordinates are shown by that set.
    """
    stated, inside = fbx_textures(path)
    warnings = set()
    for material in materials:
        name = material.name if material.name in stated else _NUMBERED.sub("", material.name)
        for texture in stated.get(name, []):
            nodes = _nodes_of(material, texture)
            if nodes:
                _use_set(material, nodes, texture.uv_set)
            elif _UNSEEN.search(texture.purpose):
                continue
            elif not _COLOR.search(texture.purpose) or texture.name in inside or not _show(path, material, texture):
                warnings.add(
                    f"material {name}: Blender does not read the texture of its {texture.purpose}: {texture.name}"
                )
    return sorted(warnings)


def _nodes_of(material: bpy.types.Material, texture: FbxTexture) -> list[bpy.types.Node]:
    """Return the nodes that show a texture."""
    nodes = _picture_nodes(material)
    return [node for node in nodes if _names(node.image) & {texture.name, texture.name.rpartition(".")[0]}]


def _picture_nodes(material: bpy.types.Material) -> list[bpy.types.Node]:
    tree = material.node_tree
    return [node for node in tree.nodes if node.type == "TEX_IMAGE" and node.image] if tree is not None else []


def _names(image: bpy.types.Image) -> set[str]:
    return {re.split(r"[\\/]", text)[-1].lower() for text in (image.filepath, image.name) if text}


def _is_blank(image: bpy.types.Image | None) -> bool:
    """Tell whether a node lacks its file, as that of a layered texture does: the importer states the folder alone."""
    return image is None or not image.filepath or image.filepath.endswith(("/", "\\"))


def _show(path: Path, material: bpy.types.Material, texture: FbxTexture) -> bool:
    """Show a texture as the color of a material that has none yet, and tell whether that could be done."""
    done = False
    place = place_of(texture.file, path)
    for shader in surface_shaders(material):
        color = shader.inputs["Base Color"]
        nodes = [link.from_node for link in color.links]
        if any(node.type != "TEX_IMAGE" or not _is_blank(node.image) for node in nodes):
            continue
        node = nodes[0] if nodes else material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = bpy.data.images.new(texture.name, 1, 1)
        node.image.source = "FILE"
        node.image.filepath = str(place.absolute()) if files_at(place) else texture.file
        material.node_tree.links.new(node.outputs["Color"], color)
        _use_set(material, [node], texture.uv_set)
        done = True
    return done


def _use_set(material: bpy.types.Material, nodes: list[bpy.types.Node], name: str) -> None:
    """Let pictures take their coordinates from a set by its name, if all meshes of the material have it."""
    meshes = [mesh for mesh in bpy.data.meshes if material.name in mesh.materials]
    if not name or not meshes or not all(name in mesh.uv_layers for mesh in meshes):
        return
    if all(mesh.uv_layers[0].name == name for mesh in meshes):
        return
    for node in nodes:
        last = node.inputs["Vector"]
        while last.links and last.links[0].from_node.type == "MAPPING":
            last = last.links[0].from_node.inputs["Vector"]
        source = last.links[0].from_node.type if last.links else "UVMAP"
        if source in ("UVMAP", "TEX_COORD"):
            coordinates = material.node_tree.nodes.new("ShaderNodeUVMap")
            coordinates.uv_map = name
            material.node_tree.links.new(coordinates.outputs["UV"], last)
