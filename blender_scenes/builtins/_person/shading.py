"""Colors in node trees: mixed by a factor, and bumps that make no shadow of their own."""

from __future__ import annotations

import bpy
from bpy.types import NodeSocket, NodeTree

from synthmat.blender_scenes.builtins._parts.material import Color, principled


def mixed_color(
    tree: NodeTree, factor: NodeSocket | float, first: NodeSocket | Color, second: NodeSocket | Color, kind: str = "MIX"
) -> NodeSocket:
    """Return two colors mixed by a factor from 0 to 1, or by another blend type, such as ``MULTIPLY``."""
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type, node.blend_type = "RGBA", kind
    fraction = next(socket for socket in node.inputs if socket.identifier == "Factor_Float")
    colors = [socket for socket in node.inputs if socket.type == "RGBA"]
    for socket, value in ((fraction, factor), *zip(colors, (first, second), strict=True)):
        if isinstance(value, NodeSocket):
            tree.links.new(value, socket)
        else:
            socket.default_value = (*value, 1.0) if isinstance(value, tuple) else value
    return next(socket for socket in node.outputs if socket.type == "RGBA")


def add_bump(material: bpy.types.Material, height: NodeSocket, strength: float, distance: float) -> None:
    """Let a height, of ``distance`` meters where it is 1, tilt the normals of a Principled material."""
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value, node.inputs["Distance"].default_value = strength, distance
    tree.links.new(height, node.inputs["Height"])
    tree.links.new(node.outputs["Normal"], principled(material).inputs["Normal"])


def object_place(tree: NodeTree) -> NodeSocket:
    """Return the place in the object's own coordinates."""
    node: bpy.types.ShaderNode = tree.nodes.new("ShaderNodeTexCoord")
    return node.outputs["Object"]
