"""Which nodes of a glTF file are shown: those of its default scene that are visible, in their finest level of detail.

Blender's importer brings in all nodes of all scenes. Here it is asked, as each object is made, to keep some unseen;
they stay as bones and parents.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import bpy

_MAX_NAMES = 5


class glTF2ImportUserExtension:  # noqa: N801  Blender's importer looks for a class of this name in each add-on
    """What Blender's glTF importer calls for each object that it makes."""

    hidden: ClassVar[set[int]] = set()
    """The numbers of the nodes that are not to be seen."""

    def gather_import_node_after_hook(self, vnode: Any, _node: Any, item: bpy.types.Object, gltf: Any) -> None:
        """Hide the object made from a node, or from an instance of it."""
        number = vnode.mesh_node_idx
        while number is None and vnode.parent is not None:
            number = vnode.parent if isinstance(vnode.parent, int) else None
            vnode = gltf.vnodes[vnode.parent]
        if number in self.hidden:
            item.hide_render = True


@contextlib.contextmanager
def hiding_nodes(hidden: set[int]) -> Iterator[None]:
    """Import glTF files without showing the meshes of nodes with these numbers while the block runs."""
    addon = bpy.context.preferences.addons.new()
    addon.module = __name__
    glTF2ImportUserExtension.hidden = hidden
    try:
        yield
    finally:
        glTF2ImportUserExtension.hidden = set()
        bpy.context.preferences.addons.remove(addon)


def hidden_nodes(content: dict[str, Any]) -> tuple[set[int], list[str]]:
    """Return the numbers of the nodes with a mesh that are not to be seen, and warnings that say which and why.

    ``content`` is what a glTF file says. Without a default scene its first one is shown, without any scene all nodes.
    Of a file that is not as it should be nothing is hidden: the importer will say what is wrong.
    """
    try:
        return _hidden_nodes(content)
    except (AttributeError, IndexError, TypeError):
        return set(), []


def _hidden_nodes(content: dict[str, Any]) -> tuple[set[int], list[str]]:
    nodes, scenes = content.get("nodes", []), content.get("scenes", [])
    meshes = {number for number, node in enumerate(nodes) if "mesh" in node}
    coarse = _below(nodes, (i for node in nodes for i in _extension(node, "MSFT_lod").get("ids", ())))
    unseen = _below(
        nodes, (i for i, node in enumerate(nodes) if _extension(node, "KHR_node_visibility").get("visible") is False)
    )
    shown = set(range(len(nodes)))
    if scenes:
        shown = _below(nodes, scenes[content.get("scene", 0)].get("nodes", ()))
    elsewhere = set.union(set(), *(_below(nodes, scene.get("nodes", ())) for scene in scenes)) - shown
    reasons = {
        "a coarser level of detail (MSFT_lod)": coarse,
        "in a scene that is not the file's default": elsewhere - coarse,
        "in none of the file's scenes": set(range(len(nodes))) - shown - elsewhere - coarse,
        "hidden (KHR_node_visibility)": (unseen & shown) - coarse,
    }
    warnings = [
        f"not shown, being {reason}: {_named(nodes, numbers & meshes)}"
        for reason, numbers in reasons.items()
        if numbers & meshes
    ]
    return set.union(*reasons.values()) & meshes, warnings


def _extension(node: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = node.get("extensions", {}).get(name, {})
    return found


def _below(nodes: list[dict[str, Any]], roots: Iterable[int]) -> set[int]:
    """Return the numbers of some nodes and of all below them."""
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number not in found and 0 <= number < len(nodes):
            found.add(number)
            waiting += nodes[number].get("children", ())
    return found


def _named(nodes: list[dict[str, Any]], numbers: set[int]) -> str:
    names = [nodes[number].get("name") or f"node {number}" for number in sorted(numbers)]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more
