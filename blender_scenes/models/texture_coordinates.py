"""Surfaces with a picture, but without the coordinates that say where on it they are: they show one pixel of it."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.materials.texture_roles import used_pictures
from synthmat.blender_scenes.models.geometry import visible_instances

_PASSING = {"MAPPING": "Vector", "VECT_MATH": 0, "REROUTE": 0}
"""Nodes that pass coordinates on, with the input by which they come."""
_MAX_STEPS = 16
_MAX_NAMED = 5


def coordinate_warnings() -> list[str]:
    """Return warnings about visible meshes that lack the texture coordinates which their materials ask for."""
    found: dict[str, set[str]] = {}
    wanted: dict[str, set[str | None]] = {}
    for instance in visible_instances():
        item = instance.object
        if item.type != "MESH" or not len(item.data.polygons):
            continue
        for slot in _used_slots(item.data):
            material = item.material_slots[slot].material if slot < len(item.material_slots) else None
            if material is None:
                continue
            names = wanted.setdefault(material.name_full, _wanted(material.node_tree))
            if any(not _has(item.data, name) for name in names):
                found.setdefault(material.name, set()).add(item.name)
    return [
        f"material {material} has pictures, but {_listed(items)} has no texture coordinates for them: a single pixel "
        "of each is shown all over"
        for material, items in sorted(found.items())
    ]


def _used_slots(mesh: bpy.types.Mesh) -> list[int]:
    used = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", used)
    return [int(slot) for slot in np.unique(used)]


def _listed(names: set[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(sorted(names)[:_MAX_NAMED]) + more


def _has(mesh: bpy.types.Mesh, name: str | None) -> bool:
    return bool(mesh.uv_layers) if not name else name in mesh.attributes


def _wanted(tree: bpy.types.NodeTree | None) -> set[str | None]:
    """Return the UV maps that a material's pictures ask for; None stands for whichever there is."""
    found: set[str | None] = set()
    for node in used_pictures(tree):
        if node.type == "TEX_IMAGE" and node.projection == "FLAT":
            found |= _source(node.inputs["Vector"])
    return found


def _source(socket: bpy.types.NodeSocket) -> set[str | None]:
    for _ in range(_MAX_STEPS):
        if not socket.links:
            return {None} if socket.node.type == "TEX_IMAGE" else set()
        link = socket.links[0]
        node = link.from_node
        if node.type == "UVMAP":
            return {node.uv_map or None}
        if node.type == "TEX_COORD":
            return {None} if link.from_socket.name == "UV" and node.object is None else set()
        if node.type not in _PASSING:
            return set()
        socket = node.inputs[_PASSING[node.type]]
    return set()
