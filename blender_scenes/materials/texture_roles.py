"""What the pictures of a material are for: which nodes its look depends on, and what a missing picture becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy

Channels = tuple[float, float, float]

_PICTURES = ("TEX_IMAGE", "TEX_ENVIRONMENT")
_GRAY: Channels = (0.5, 0.5, 0.5)
_WHITE: Channels = (1.0, 1.0, 1.0)
_BLACK: Channels = (0.0, 0.0, 0.0)
_FLAT: Channels = (0.5, 0.5, 1.0)
GRAY_PAINT = "painted grey"
_NEUTRAL = {
    "Base Color": (GRAY_PAINT, _GRAY),
    "Alpha": ("taken as opaque", _WHITE),
    "Emission Color": ("taken as without glow", _BLACK),
    "Emission Strength": ("taken as without glow", _BLACK),
    "Emission": ("taken as without glow", _BLACK),
    "Metallic": ("taken as no metal", _BLACK),
    "Transmission Weight": ("taken as not see-through", _BLACK),
    "Transmission": ("taken as not see-through", _BLACK),
    "Coat Weight": ("taken as uncoated", _BLACK),
    "Sheen Weight": ("taken as without sheen", _BLACK),
    "Subsurface Weight": ("taken as without light below the surface", _BLACK),
    "Roughness": ("taken as half rough", _GRAY),
}
_COLOR_PARTS = {"Red": 0, "Green": 1, "Blue": 2, "R": 0, "G": 1, "B": 2}
_MAX_STEPS = 64


@dataclass(frozen=True)
class Role:
    """What a missing picture should be, or one ``channel`` of it (None: all, 3: alpha); ``description`` says which."""

    description: str
    value: Channels
    channel: int | None = None


def used_pictures(tree: bpy.types.NodeTree | None) -> Iterator[bpy.types.Node]:
    """Yield the image nodes of a material, groups included, on which its look depends."""
    if tree is None:
        return
    output = tree.get_output_node("CYCLES")
    if output is not None:
        yield from _pictures_behind(output, set())


def roles(node: bpy.types.Node) -> set[Role]:
    """Return what a missing picture of an image node should be, by the sockets that it feeds."""
    found = {role for output in node.outputs if output.name == "Color" for role in _roles(output, None, False, 0)}
    alpha = any(output.name == "Alpha" and output.links for output in node.outputs)
    return found | ({Role("taken as opaque", _WHITE, 3)} if alpha else set())


def _pictures_behind(node: bpy.types.Node, seen: set[tuple[str, str]]) -> Iterator[bpy.types.Node]:
    key = (node.id_data.name_full, node.name)
    if key in seen or node.mute:
        return
    seen.add(key)
    if node.type in _PICTURES:
        yield node
    elif node.type == "GROUP" and node.node_tree is not None:
        for inner in node.node_tree.nodes:
            if inner.type == "GROUP_OUTPUT":
                yield from _pictures_behind(inner, seen)
    for socket in node.inputs:
        for link in socket.links:
            yield from _pictures_behind(link.from_node, seen)


def _roles(socket: bpy.types.NodeSocket, channel: int | None, inverted: bool, steps: int) -> Iterator[Role]:
    """Follow a value from a socket to what it decides on in the end."""
    if steps > _MAX_STEPS:
        return
    for link in socket.links:
        node, target = link.to_node, link.to_socket
        if node.type in ("NORMAL_MAP", "BUMP", "DISPLACEMENT", "VECTOR_DISPLACEMENT"):
            yield Role("taken as flat", _FLAT if node.type == "NORMAL_MAP" else _GRAY, channel)
        elif node.type == "MIX_SHADER":
            yield from _mixed(node, channel, inverted)
        elif target.name in _NEUTRAL and (node.type.startswith(("BSDF", "EEVEE")) or node.type == "EMISSION"):
            yield _role(*_NEUTRAL[target.name], channel, inverted)
        elif node.type == "EMISSION":
            yield _role("taken as without glow", _BLACK, channel, inverted)
        elif node.type == "SEPARATE_COLOR" or node.type == "SEPRGB":
            for output in node.outputs:
                yield from _roles(output, _COLOR_PARTS.get(output.name), inverted, steps + 1)
        elif node.type == "GROUP" and node.node_tree is not None:
            for inner in node.node_tree.nodes:
                if inner.type == "GROUP_INPUT":
                    same = (each for each in inner.outputs if each.identifier == target.identifier)
                    for output in same:
                        yield from _roles(output, channel, inverted, steps + 1)
        elif not node.type.startswith(("BSDF", "OUTPUT")):
            turned = node.type == "INVERT" or (
                node.type == "MATH" and node.operation == "SUBTRACT" and target == node.inputs[1]
            )
            for output in node.outputs:
                yield from _roles(output, channel, inverted != turned, steps + 1)


def _mixed(node: bpy.types.Node, channel: int | None, inverted: bool) -> Iterator[Role]:
    """Return the role of a Mix Shader's share: opaque, if one of the two shaders is clear."""
    clear = [
        bool(socket.links) and socket.links[0].from_node.type == "BSDF_TRANSPARENT" for socket in tuple(node.inputs)[1:]
    ]
    if clear[0] != clear[1]:
        yield _role("taken as opaque", _WHITE if clear[0] else _BLACK, channel, inverted)


def _role(description: str, value: Channels, channel: int | None, inverted: bool) -> Role:
    red, green, blue = value
    return Role(description, (1 - red, 1 - green, 1 - blue) if inverted else value, channel)
