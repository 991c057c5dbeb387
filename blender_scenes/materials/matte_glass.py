"""Glass in the matte pass: reflections are white, transmitted rays are refracted, and nothing is sampled at random.

Cycles mirrors a ray off glass or lets it through at random, by Fresnel's law: hundreds of samples go into telling how
often. Here one ray goes through with the share that the law gives it, and the rest is white at once. Film alpha is the
same: of light that was ever mirrored on its way, Cycles counts nothing as transparent.
"""

from __future__ import annotations

import bpy

FILM_ROUGHNESS = 0.1
"""Glass at least as rough as this counts as opaque in film alpha (Cycles' own default)."""

_NEAR_FILM_ROUGHNESS = 0.01
_PLAIN = {
    "Metallic": 0.0,
    "Specular IOR Level": 0.5,
    "Coat Weight": 0.0,
    "Sheen Weight": 0.0,
    "Thin Film Thickness": 0.0,
    "Subsurface Weight": 0.0,
}
"""Inputs of a Principled shader, and the values at which its glass reflects by the plain law of Fresnel."""


def transmits(principled: bpy.types.Node) -> bool:
    """Tell whether a Principled shader lets light through by bending it."""
    weight = principled.inputs["Transmission Weight"]
    return bool(weight.is_linked or weight.default_value > 0)


def is_plain_glass(node: bpy.types.Node) -> bool:
    """Tell whether `see_through` knows what a shader lets through."""
    if node.type == "BSDF_PRINCIPLED":
        inputs = [(node.inputs[name], value) for name, value in _PLAIN.items() if name in node.inputs]
        if any(socket.is_linked or abs(socket.default_value - value) > 1e-6 for socket, value in inputs):
            return False
    elif node.type != "BSDF_GLASS":
        return False
    roughness = node.inputs["Roughness"]
    return not roughness.is_linked and abs(roughness.default_value - FILM_ROUGHNESS) > _NEAR_FILM_ROUGHNESS


def see_through(
    tree: bpy.types.NodeTree, node: bpy.types.Node, white: bpy.types.NodeSocket, added: list[bpy.types.Node]
) -> bpy.types.NodeSocket:
    """Return a shader that bends what a Glass or Principled shader lets through, and is ``white`` for the rest.

    New nodes are added to ``added``. Principled shaders tint light by the root of their color at each surface.
    """
    if node.inputs["Roughness"].default_value > FILM_ROUGHNESS:
        return white

    def new(kind: str) -> bpy.types.Node:
        added.append(tree.nodes.new(kind))
        return added[-1]

    fresnel, through = new("ShaderNodeFresnel"), new("ShaderNodeBsdfRefraction")
    principled = node.type == "BSDF_PRINCIPLED"
    for name in ("IOR", "Normal"):
        _copy(tree, node.inputs[name], fresnel.inputs[name])
        _copy(tree, node.inputs[name], through.inputs[name])
    _copy(tree, node.inputs["Roughness"], through.inputs["Roughness"])
    color = node.inputs["Base Color" if principled else "Color"]
    if principled:
        root = new("ShaderNodeGamma")
        root.inputs["Gamma"].default_value = 0.5
        _copy(tree, color, root.inputs["Color"])
        tree.links.new(root.outputs[0], through.inputs["Color"])
    else:
        _copy(tree, color, through.inputs["Color"])
    glass = new("ShaderNodeMixShader")
    tree.links.new(fresnel.outputs[0], glass.inputs[0])
    tree.links.new(through.outputs[0], glass.inputs[1])
    tree.links.new(white, glass.inputs[2])
    if not principled:
        return glass.outputs[0]
    whole = new("ShaderNodeMixShader")
    _copy(tree, node.inputs["Transmission Weight"], whole.inputs[0])
    tree.links.new(white, whole.inputs[1])
    tree.links.new(glass.outputs[0], whole.inputs[2])
    return whole.outputs[0]


def _copy(tree: bpy.types.NodeTree, source: bpy.types.NodeSocket, target: bpy.types.NodeSocket) -> None:
    """Feed ``target`` with what feeds ``source``."""
    if source.is_linked:
        tree.links.new(source.links[0].from_socket, target)
    elif source.type != "VECTOR":  # an unlinked normal is the surface's own
        target.default_value = source.default_value
