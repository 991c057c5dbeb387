"""Helper meshes that a model's author does not show: hidden ones, collision hulls and coarser levels of detail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import bpy

_MAX_NAMES = 5
_ASCII_FBX = re.compile(
    rb'^\s*Model: [^"\n]*"Model::(?P<name>[^"]*)"|^\s*P: "Show", "bool", "[^"]*", "[^"]*", *(?P<show>\d)', re.MULTILINE
)
_BINARY_FBX = re.compile(
    rb"S.{3}\0(?P<name>[^\0]{0,255})\0\x01Model"
    rb"|S\x04\0\0\0ShowS\x04\0\0\0boolS.\0\0\0[^\0]{0,15}?S.\0\0\0[^\0]{0,15}?I(?P<show>.)",
    re.DOTALL,
)
"""The beginning of a node, or the value of its property Show."""
_COPY = re.compile(r"\.\d{3}$")
_LEVEL = re.compile(r"(?:^|[_\-. ])lod[_\-. ]?(\d+)(?=$|[_\-. ])", re.IGNORECASE)
_HULL = re.compile(
    r"^(?:UCX|UBX|USP|UCP|UCL)_"  # Unreal
    r"|(?i:^coll(?:ision|ider)s?(?:$|[_\-. ]))"
    r"|(?i:[_\-. ](?:coll(?:ision|ider)s?|collision[_\-. ]?mesh|hitbox)(?:[_\-. ]?\d+)?$)"
    # Godot: -col and -convcol are seen, these only collide, hide or guide
    r"|(?i:[-_$](?:colonly|convcolonly|occonly|navmesh|noimp)$)"
)


def hide_helper_meshes(others: Iterable[str] = ()) -> list[str]:
    """Hide collision hulls and all but the finest levels of detail, as names tell them in games; return warnings.

    A model that has nothing but hulls to show shows them. Objects named in ``others`` are of other models.
    """
    model = [item for item in bpy.data.objects if item.name not in set(others)]
    coarse = _with_children(_coarser_levels(model))
    hulls = _with_children(item for item in model if any(map(_HULL.search, _names(item)))) - coarse
    warnings = []
    shown = {item for item in model if item.type == "MESH" and not item.hide_render}
    if shown & hulls and shown <= hulls | coarse:
        warnings.append(f"shown, since there is nothing else, though their names are those of hulls: {_list(hulls)}")
        hulls = set()
    for reason, items in (("coarser levels of detail", coarse), ("collision hulls", hulls)):
        if items & shown:
            warnings.append(f"not shown, being {reason} by their names: {_list(items & shown)}")
        for item in items:
            item.hide_render = True
    return warnings


def hide_as_in_fbx(path: Path) -> list[str]:
    """Hide the objects that an FBX file hides, and all below them; return warnings that name them.

    Blender hides what has no Visibility, in the viewport only, and takes no notice of Show.
    """
    unshown = fbx_hidden_names(path.read_bytes())
    hidden = _with_children(
        item for item in bpy.data.objects if item.hide_viewport or _COPY.sub("", item.name) in unshown
    )
    meshes = {item for item in hidden if item.type == "MESH" and not item.hide_render}
    for item in hidden:
        item.hide_render = True
    return [f"not shown, being hidden in the file: {_list(meshes)}"] if meshes else []


def fbx_hidden_names(data: bytes) -> set[str]:
    """Return the names of the nodes with the property Show switched off in the bytes of an FBX file of either kind."""
    unshown: set[str] = set()
    name = None
    for found in (_BINARY_FBX if data.startswith(b"Kaydara FBX Binary") else _ASCII_FBX).finditer(data):
        if found["name"] is not None:
            name = found["name"].decode(errors="replace")
        elif name is not None and not int.from_bytes(found["show"], "little") % 16:  # the byte 0, or the digit
            unshown.add(name)
    return unshown


def _coarser_levels(model: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the objects of a model of which there is a finer level of detail."""
    levels: dict[tuple[str, str], dict[int, list[bpy.types.Object]]] = {}
    for item in model:
        for name in _names(item):
            found = _LEVEL.search(name)
            if found:
                rest = (name[: found.start()] + name[found.end() :]).casefold()
                # A name that is nothing but a level is one of its parent's.
                group = rest, "" if rest or item.parent is None else item.parent.name
                levels.setdefault(group, {}).setdefault(int(found[1]), []).append(item)
                break
    return [item for group in levels.values() for level in group if level > min(group) for item in group[level]]


def _names(item: bpy.types.Object) -> list[str]:
    """Return the names of an object and of its mesh, without the numbers that tell copies apart."""
    names = [item.name, *([item.data.name] if item.type == "MESH" else [])]
    return [_COPY.sub("", name) for name in names]


def _with_children(items: Iterable[bpy.types.Object]) -> set[bpy.types.Object]:
    found: set[bpy.types.Object] = set()
    for item in items:
        found |= {item, *item.children_recursive}
    return found


def _list(items: set[bpy.types.Object]) -> str:
    names = sorted(item.name for item in items if item.type == "MESH")
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more
