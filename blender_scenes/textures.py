"""Textures that are not where the model says: looked for beside it, then reported by name, never rendered magenta."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import bpy

from synthmat.errors import AssetError
from synthmat.texture_files import files_at, find_texture

_MID_GREY = (0.5, 0.5, 0.5, 1.0)
_FLAT_NORMAL = (0.5, 0.5, 1.0, 1.0)


def settle_textures(
    model: Path, materials: Iterable[bpy.types.Material], others: Iterable[bpy.types.Image], *, replace: bool
) -> list[str]:
    """See to it that every texture in use can be read and return warnings about those that cannot.

    A file that is not at its place is looked for by its name beside the model and in sub-folders such as ``textures``.

    Args:
        model: The model file.
        materials: Those that are rendered.
        others: Further images that the model refers to.
        replace: Paint what is missing mid grey (normal maps flat) instead of failing.

    Raises:
        AssetError: Textures are missing and ``replace`` is off; all of them are named.
    """
    nodes = [node for material in materials for node in _image_nodes(material.node_tree, set())]
    used = {node.image.name_full: node.image for node in nodes}
    used |= {image.name_full: image for image in others}
    flat = {node.image.name_full for node in nodes if _feeds_normal_map(node)}
    faults: list[str] = []
    for name in sorted(used):
        image = used[name]
        fault = _fault(image, model)
        if fault:
            faults.append(fault)
            if replace:
                _paint(image, _FLAT_NORMAL if name in flat else _MID_GREY)
    if faults and not replace:
        named = "; ".join(sorted(set(faults)))
        raise AssetError(
            f"{model}: {named}. Put the files beside the model or into its sub-folder `textures`, "
            "or set render.missing_textures to grey"
        )
    return [f"{fault}: painted grey" for fault in sorted(set(faults))]


def _image_nodes(tree: bpy.types.NodeTree | None, seen: set[str]) -> Iterator[bpy.types.Node]:
    if tree is None:
        return
    for node in tree.nodes:
        if node.type in ("TEX_IMAGE", "TEX_ENVIRONMENT") and node.image is not None:
            yield node
        elif node.type == "GROUP" and node.node_tree is not None and node.node_tree.name_full not in seen:
            seen.add(node.node_tree.name_full)
            yield from _image_nodes(node.node_tree, seen)


def _feeds_normal_map(node: bpy.types.Node) -> bool:
    return any(link.to_node.type == "NORMAL_MAP" for output in node.outputs for link in output.links)


def _fault(image: bpy.types.Image, model: Path) -> str | None:
    """Return what is wrong with an image, after an attempt to find its file; None if it can be read."""
    if image.source not in ("FILE", "SEQUENCE", "MOVIE", "TILED"):
        return None
    if image.packed_file is None and not image.packed_files:
        stated = image.filepath or image.name
        path = Path(bpy.path.abspath(image.filepath, library=image.library)) if image.filepath else None
        if path is None or not files_at(path):
            found = find_texture(stated, model)
            if found is None:
                return f"missing texture {stated}"
            image.filepath = str(found)
            image.reload()
    if image.source == "FILE" and 0 in tuple(image.size):
        return f"texture {image.filepath or image.name} is no picture that Blender can read"
    return None


def _paint(image: bpy.types.Image, color: tuple[float, float, float, float]) -> None:
    image.source = "GENERATED"
    image.generated_type = "BLANK"
    image.generated_width = image.generated_height = 4
    image.generated_color = color
