"""Arithmetic with the nodes of a material: every operand is a socket or a number."""

from __future__ import annotations

from collections.abc import Sequence

from bpy.types import NodeSocket, NodeTree, ShaderNode


def calculated(tree: NodeTree, operation: str, *operands: NodeSocket | float) -> NodeSocket:
    """Return the value of a math node, such as ``ADD``, ``MULTIPLY_ADD`` or ``SINE``."""
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(tree, socket, operand)
    return node.outputs["Value"]


def moved(tree: NodeTree, operation: str, *operands: NodeSocket | Sequence[float]) -> NodeSocket:
    """Return the vector, or for ``LENGTH`` and ``DISTANCE`` the value, of a vector math node."""
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = operation
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(tree, socket, operand)
    return node.outputs["Value" if operation in ("LENGTH", "DISTANCE", "DOT_PRODUCT") else "Vector"]


def smooth_step(tree: NodeTree, value: NodeSocket, low: float, high: float) -> NodeSocket:
    """Return 0 up to ``low``, 1 from ``high`` on and a smooth rise between; ``low`` may be the greater."""
    node = tree.nodes.new("ShaderNodeMapRange")
    node.interpolation_type = "SMOOTHSTEP"
    _feed(tree, node.inputs["Value"], value)
    falls = low > high
    node.inputs["From Min"].default_value, node.inputs["From Max"].default_value = sorted((low, high))
    node.inputs["To Min"].default_value, node.inputs["To Max"].default_value = float(falls), float(not falls)
    return node.outputs["Result"]


def noise(tree: NodeTree, place: NodeSocket, scale: float, detail: float, roughness: float = 0.5) -> ShaderNode:
    """Return a node of fractal noise about 0.5; its outputs are a value first, and a color."""
    node = tree.nodes.new("ShaderNodeTexNoise")
    tree.links.new(place, node.inputs["Vector"])
    node.inputs["Scale"].default_value = scale
    node.inputs["Detail"].default_value = detail
    node.inputs["Roughness"].default_value = roughness
    return node


def _feed(tree: NodeTree, socket: NodeSocket, operand: NodeSocket | float | Sequence[float]) -> None:
    if isinstance(operand, NodeSocket):
        tree.links.new(operand, socket)
    else:
        socket.default_value = operand
