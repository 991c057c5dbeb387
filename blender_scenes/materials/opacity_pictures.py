"""Pictures that say how opaque a surface is: by their alpha where they have any, or else by their gray values."""

from __future__ import annotations

import bpy
import numpy as np

_OPAQUE = 254.5 / 255


def resolve_opacity_picture(tree: bpy.types.NodeTree, shader: bpy.types.Node) -> None:
    """Let the picture that feeds a shader's alpha, and nothing else, decide by what it has: importers only guess.

    Blender's OBJ importer takes the alpha of a gray picture, its FBX importer the colors of one with alpha.
    """
    for link in list(shader.inputs["Alpha"].links):
        node = link.from_node
        if node.type != "TEX_IMAGE" or node.image is None or 0 in tuple(node.image.size):
            continue
        others = [each for output in node.outputs for each in output.links if each.to_socket != link.to_socket]
        if others:
            continue
        if has_alpha(node.image):
            tree.links.new(node.outputs["Alpha"], shader.inputs["Alpha"])
        else:
            node.image = node.image.copy()  # the same picture may be a color too
            node.image.colorspace_settings.name = "Non-Color"
            node.image.alpha_mode = "CHANNEL_PACKED"
            tree.links.new(node.outputs["Color"], shader.inputs["Alpha"])


def has_alpha(image: bpy.types.Image) -> bool:
    """Tell whether alpha is below 1 anywhere in a picture."""
    width, height = image.size
    if image.channels != 4 or not width * height:
        return False
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    return bool(values[3::4].min() < _OPAQUE)


def surface_shaders(material: bpy.types.Material) -> list[bpy.types.Node]:
    """Return the Principled nodes of a material, of which importers make one each."""
    tree = material.node_tree
    return [node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"] if tree is not None else []
