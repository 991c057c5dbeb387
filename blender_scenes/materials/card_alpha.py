"""What textured cards let through: materials whose opacity follows one channel of one picture, and from it alone.

Whatever a material makes of the channel (scales, inverts, compares, mixes) becomes a table of 256 values, by Cycles'
own order: the picture is interpolated first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.card import CardAlpha, Lookup
from synthmat.blender_scenes.materials.matte_materials import OPAQUE_SHADERS, SEEN_FROM_BEHIND, Cover, cover

Float = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

_LEVELS = np.arange(256) / 255
_TRANSFORMS = {"Non-Color", "Raw", "Linear Rec.709", "Linear"}
_SAME = 1e-4
_MATH: dict[str, Callable[[Any, Any], Any]] = {
    "ADD": np.add,
    "SUBTRACT": np.subtract,
    "MULTIPLY": np.multiply,
    "MINIMUM": np.minimum,
    "MAXIMUM": np.maximum,
    "LESS_THAN": np.less,
    "GREATER_THAN": np.greater,
}
"""Of two values; of a Math node's three inputs these use the first ones."""


class _OddError(Exception):
    """A material is fed by more than is understood here."""


class _Signal:
    """A value on a surface: (256,) by the level of what is looked up."""

    def __init__(self, values: Float | float, *lookups: Lookup | None) -> None:
        found = {lookup for lookup in lookups if lookup is not None}
        if len(found) > 1:
            raise _OddError
        self.lookup = found.pop() if found else None
        self.values = np.broadcast_to(np.asarray(values, np.float64), 256)


def card_alpha(material: bpy.types.Material, pictures: dict[str, Bytes]) -> CardAlpha | None:
    """Return what a material lets through unbent, None where that is more than a table of one picture's channel.

    ``pictures`` keeps what was read, (H, W, 4) by the image's name.
    """
    output = material.node_tree.get_output_node("CYCLES")
    try:
        through = _through(output.inputs["Surface"], pictures)
    except _OddError:
        return None
    if not np.isfinite(through.values).all():
        return None
    lookup = through.lookup
    picture = np.zeros((1, 1), np.uint8) if lookup is None else pictures[lookup.image][..., lookup.channel]
    return CardAlpha(np.clip(through.values, 0, 1), lookup, np.ascontiguousarray(picture))


def is_clear(material: bpy.types.Material | None) -> bool:
    """Tell whether a material lets everything through, whatever its textures are; they are not read."""
    if material is None or cover(material) != Cover.TRANSPARENT:
        return False
    found = card_alpha(material, _Unread())
    return found is not None and bool(found.transmittance.min() > 1 - _SAME)


class _Unread(dict[str, Bytes]):
    """Placeholders for pictures that are not read."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> Bytes:
        return np.full((1, 1, 4), 255, np.uint8)


def _through(socket: bpy.types.NodeSocket, pictures: dict[str, Bytes]) -> _Signal:
    """Return the fraction of light that the shader which feeds a socket lets through, seen from the front."""
    if not socket.is_linked:
        return _Signal(0.0)
    node = socket.links[0].from_node
    if node.type in OPAQUE_SHADERS:
        return _Signal(0.0)
    if node.type == "REROUTE":
        return _through(node.inputs[0], pictures)
    if node.name == SEEN_FROM_BEHIND:
        return _through(node.inputs[1], pictures)
    if node.type == "BSDF_PRINCIPLED":
        alpha = _value(node.inputs["Alpha"], pictures)
        return _Signal(1 - np.clip(alpha.values, 0, 1), alpha.lookup)
    if node.type == "BSDF_TRANSPARENT" and not node.inputs["Color"].is_linked:
        color = node.inputs["Color"].default_value[:3]
        if max(color) - min(color) < _SAME and max(color) <= 1:
            return _Signal(color[0])
    if node.type == "MIX_SHADER":
        fraction = _value(node.inputs[0], pictures)
        first, second = (_through(node.inputs[i], pictures) for i in (1, 2))
        mixed = first.values + np.clip(fraction.values, 0, 1) * (second.values - first.values)
        return _Signal(mixed, fraction.lookup, first.lookup, second.lookup)
    raise _OddError


def _value(socket: bpy.types.NodeSocket, pictures: dict[str, Bytes]) -> _Signal:
    """Return the number that arrives at a socket."""
    if not socket.is_linked:
        if socket.type != "VALUE":
            raise _OddError
        return _Signal(socket.default_value)
    source = socket.links[0].from_socket
    node = source.node
    if node.type == "REROUTE":
        return _value(node.inputs[0], pictures)
    if node.type == "VALUE":
        return _Signal(source.default_value)
    if node.type == "TEX_IMAGE":
        return _alpha(node, pictures) if source.name == "Alpha" else _color(node, None, pictures)
    if node.type == "SEPARATE_COLOR" and node.mode == "RGB" and node.inputs[0].is_linked:
        picture = node.inputs[0].links[0].from_socket
        if picture.node.type == "TEX_IMAGE" and picture.name == "Color":
            return _color(picture.node, ["Red", "Green", "Blue"].index(source.name), pictures)
    if node.type == "MATH" and node.operation in _MATH:
        inputs = [_value(each, pictures) for each in node.inputs[:2]]
        values = _MATH[node.operation](*(each.values for each in inputs))
        return _Signal(np.clip(values, 0, 1) if node.use_clamp else values, *(each.lookup for each in inputs))
    if node.type == "CLAMP" and node.clamp_type == "MINMAX":
        inputs = [_value(each, pictures) for each in node.inputs]
        value, lowest, highest = (each.values for each in inputs)
        return _Signal(np.minimum(np.maximum(value, lowest), highest), *(each.lookup for each in inputs))
    if node.type == "MIX" and node.data_type == "FLOAT":
        fraction, first, second = (_value(node.inputs[i], pictures) for i in (0, 2, 3))
        by = np.clip(fraction.values, 0, 1) if node.clamp_factor else fraction.values
        values = first.values + by * (second.values - first.values)
        return _Signal(values, fraction.lookup, first.lookup, second.lookup)
    raise _OddError


def _alpha(node: bpy.types.Node, pictures: dict[str, Bytes]) -> _Signal:
    lookup = _lookup(node, 3, pictures)
    return _Signal(1.0) if node.image.alpha_mode == "NONE" else _Signal(_LEVELS, lookup)


def _color(node: bpy.types.Node, channel: int | None, pictures: dict[str, Bytes]) -> _Signal:
    """Return one channel of a picture's linear color; without a ``channel`` its gray."""
    lookup = _lookup(node, channel or 0, pictures)
    picture = pictures[lookup.image]
    if channel is None and (picture[..., :1] != picture[..., 1:3]).any():
        raise _OddError
    if node.image.alpha_mode not in ("NONE", "CHANNEL_PACKED") and (picture[..., 3] != 255).any():
        raise _OddError  # Cycles interpolates premultiplied color there
    space = node.image.colorspace_settings.name
    if space == "sRGB":
        return _Signal(np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4), lookup)
    if space not in _TRANSFORMS:
        raise _OddError
    return _Signal(_LEVELS, lookup)


def _lookup(node: bpy.types.Node, channel: int, pictures: dict[str, Bytes]) -> Lookup:
    """Return how an Image Texture node looks up its picture, and read that."""
    image = node.image
    if image is None or image.source not in ("FILE", "GENERATED") or image.is_float:
        raise _OddError
    if 0 in tuple(image.size) or image.channels not in (3, 4) or node.projection != "FLAT":
        raise _OddError
    if node.interpolation not in ("Linear", "Closest"):
        raise _OddError
    uv_map, matrix = _coordinates(node.inputs["Vector"])
    if image.name_full not in pictures:
        pictures[image.name_full] = _read(image)
    return Lookup(image.name_full, channel, uv_map, matrix, node.extension, node.interpolation)


def _coordinates(socket: bpy.types.NodeSocket) -> tuple[str, Any]:
    """Return the name of the UV map that feeds a socket, and the rows of the transform ``(2, 3)`` on the way."""
    rows: Any = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    if not socket.is_linked:
        return "", rows
    source = socket.links[0].from_socket
    node = source.node
    if node.type == "REROUTE":
        return _coordinates(node.inputs[0])
    if node.type == "UVMAP" and not node.from_instancer:
        return node.uv_map, rows
    if node.type == "TEX_COORD" and source.name == "UV" and not node.from_instancer:
        return "", rows
    inputs = {each.name: each for each in node.inputs}
    if (
        node.type == "MAPPING"
        and node.vector_type == "POINT"
        and not any(inputs[name].is_linked for name in ("Location", "Rotation", "Scale"))
    ):
        uv_map, inner = _coordinates(inputs["Vector"])
        rotation = np.array(inputs["Rotation"].default_value.to_matrix())
        outer = np.array(rotation * np.array(inputs["Scale"].default_value))[:2, :2]
        moved = np.array(inputs["Location"].default_value)[:2]
        whole = outer @ np.array(inner)
        whole[:, 2] += moved
        return uv_map, tuple(tuple(float(x) for x in row) for row in whole)
    raise _OddError


def _read(image: bpy.types.Image) -> Bytes:
    """Return the bytes of an image, (H, W, 4), lowest row first."""
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    values *= 255
    return np.asarray((values + 0.5).astype(np.uint8).reshape(height, width, 4))
