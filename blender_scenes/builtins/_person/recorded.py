"""Objects that keep their places at many moments and take them when the scene's time comes to these.

Blender has no shape keys for hair curves: the places are attributes of the points, and a tree of geometry nodes finds
the two between which the present frame lies. Blur and subframes follow from that.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import NodeSocket

from synthmat.blender_scenes.blender.node_math import calculated
from synthmat.blender_scenes.builtins._parts.curve import Array

_AT = "at "
_BUILT = "built at"
_PROPERTY = "moment"


def record(item: bpy.types.Object, moments: Sequence[Array], action: str, seconds: float) -> None:
    """Let an object move, as the action of a name does: over and over, from its first moment on.

    Args:
        item: A mesh or hair curves, without animation yet. Its textures stay where they were on it.
        moments: Its points ``(n, 3)`` in the world, evenly spread over one round.
        action: The name of the action.
        seconds: How long one round takes; it begins at frame 0.
    """
    back = np.linalg.inv(np.array(item.matrix_basis))
    attributes = item.data.attributes
    for k, places in enumerate(moments):
        own = places @ back[:3, :3].T + back[:3, 3]
        layer = attributes.new(f"{_AT}{k}", "FLOAT_VECTOR", "POINT")
        layer.data.foreach_set("vector", own.astype(np.float32).reshape(-1))
    if item.type == "MESH":
        own = np.empty(len(item.data.vertices) * 3, np.float32)
        item.data.vertices.foreach_get("co", own)
        attributes.new(_BUILT, "FLOAT_VECTOR", "POINT").data.foreach_set("vector", own)
        for material in item.data.materials:
            _pin_textures(material)
    scene = bpy.context.scene
    frames = seconds * scene.render.fps / scene.render.fps_base
    modifier = item.modifiers.new("recorded", "NODES")
    modifier.node_group = _player(len(moments), frames)
    item.modifiers.move(len(item.modifiers) - 1, 0)
    _offer_action(item, action, frames)


def _pin_textures(material: bpy.types.Material) -> None:
    """Let textures that follow the object's own coordinates follow those that its points had when it was built."""
    tree = material.node_tree
    for node in [node for node in tree.nodes if node.type == "TEX_COORD"]:
        own = node.outputs["Object"]
        if not own.is_linked:
            continue
        built = tree.nodes.new("ShaderNodeAttribute")
        built.attribute_name = _BUILT
        for link in list(own.links):
            tree.links.new(built.outputs["Vector"], link.to_socket)


def _offer_action(item: bpy.types.Object, name: str, frames: float) -> None:
    """Add a slot for the object to the action of a name, which tells those who look for actions how long it is."""
    item[_PROPERTY] = 0.0
    data = item.animation_data_create()
    data.action = bpy.data.actions.get(name) or bpy.data.actions.new(name)
    data.action_slot = data.action.slots.new("OBJECT", item.name)
    layer = data.action.layers[0] if data.action.layers else data.action.layers.new("time")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    curve = strip.channelbag(data.action_slot, ensure=True).fcurves.new(f'["{_PROPERTY}"]')
    for frame, value in ((0.0, 0.0), (frames, 1.0)):
        curve.keyframe_points.insert(frame, value).interpolation = "LINEAR"


def _player(count: int, frames: float) -> bpy.types.NodeTree:
    """Return the geometry nodes that put points where they are at the present frame."""
    tree = bpy.data.node_groups.new("recorded", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = tree.nodes, tree.links
    source, sink = nodes.new("NodeGroupInput"), nodes.new("NodeGroupOutput")
    now = nodes.new("GeometryNodeInputSceneTime").outputs["Frame"]
    place = calculated(tree, "MULTIPLY", now, count / frames)
    whole = calculated(tree, "FLOOR", place)
    share = calculated(tree, "SUBTRACT", place, whole)
    ends = [_named(tree, calculated(tree, "FLOORED_MODULO", _plus(tree, whole, step), float(count))) for step in (0, 1)]
    mix = nodes.new("ShaderNodeMix")
    mix.data_type = "VECTOR"
    inputs = [socket for socket in mix.inputs if socket.enabled]
    for socket, value in zip(inputs, (share, *ends), strict=True):
        links.new(value, socket)
    put = nodes.new("GeometryNodeSetPosition")
    links.new(source.outputs[0], put.inputs["Geometry"])
    links.new(next(socket for socket in mix.outputs if socket.enabled), put.inputs["Position"])
    links.new(put.outputs[0], sink.inputs[0])
    return tree


def _plus(tree: bpy.types.NodeTree, value: NodeSocket, step: int) -> NodeSocket:
    return calculated(tree, "ADD", value, step + 0.25)  # a quarter, so that rounding never gives the one before


def _named(tree: bpy.types.NodeTree, number: NodeSocket) -> NodeSocket:
    """Return the vectors of the attribute whose name ends with a number, whose fraction does not count."""
    text = tree.nodes.new("FunctionNodeValueToString")
    text.data_type = "INT"
    tree.links.new(calculated(tree, "FLOOR", number), text.inputs[0])
    name = tree.nodes.new("FunctionNodeReplaceString")
    name.inputs["String"].default_value, name.inputs["Find"].default_value = f"{_AT}#", "#"
    tree.links.new(text.outputs[0], name.inputs["Replace"])
    named = tree.nodes.new("GeometryNodeInputNamedAttribute")
    named.data_type = "FLOAT_VECTOR"
    tree.links.new(name.outputs[0], named.inputs["Name"])
    return next(socket for socket in named.outputs if socket.enabled and socket.type == "VECTOR")
