"""What Blender's USD importer leaves unsaid: textures and parts that it did not find, materials that it cannot read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import bpy

from synthmat.blender_scenes.models.formats.importer_output import as_warnings, captured_output

_NO_PICTURE = re.compile(r"^Couldn't open image file '(?P<file>.*)' for Texture Image node$")
_NO_LAYER = re.compile(r"Could not (?:open|load) asset @(?P<file>[^@]*)@ for (?P<kind>\w+) introduced by")
_PICTURE_NODE = "TEX_IMAGE"


def import_usd(path: Path, run: Callable[[], object]) -> list[str]:
    """Run the importer on a USD file and return warnings of what it could not read.

    It works in the file's folder, since USD looks up what it does not find beside the layer in the working directory.
    A texture that it did not find becomes an image with the path that the file states, for `textures` to resolve.
    """
    known = {material.session_uid for material in bpy.data.materials}
    with contextlib.chdir(path.parent), captured_output() as output:
        run()
    new = sorted(
        (material for material in bpy.data.materials if material.session_uid not in known),
        key=lambda material: int(material.session_uid),
    )
    for material in new:
        _opacity_as_alpha(material)
    pictures = [match["file"] for match in map(_NO_PICTURE.match, output.problems) if match]
    _restore_pictures(path, new, pictures)
    layers = [match for match in map(_NO_LAYER.search, output.problems) if match]
    rest = [text for text in output.problems if not _NO_PICTURE.match(text) and not _NO_LAYER.search(text)]
    missing = [f"missing {match['kind']} {_within(match['file'], path)}: it is not shown" for match in layers]
    return sorted(set(missing)) + as_warnings(rest, path) + _remove_unread(new)


def _opacity_as_alpha(material: bpy.types.Material) -> None:
    """Turn transmission into alpha: preview surfaces have no glass, but Blender 5 makes such of any opacity.

    A leaf cut out by its opacity would otherwise bend light, and both versions would give another matte.
    """
    tree = material.node_tree
    if tree is None:
        return
    for shader in [node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"]:
        glass, alpha = shader.inputs["Transmission Weight"], shader.inputs["Alpha"]
        if glass.links:
            node = glass.links[0].from_node
            complement = node.type == "MATH" and node.operation == "SUBTRACT" and node.inputs[1].links
            if complement and not node.inputs[0].links and node.inputs[0].default_value == 1:
                tree.links.new(node.inputs[1].links[0].from_socket, alpha)
                tree.nodes.remove(node)
        elif glass.default_value > 0 and not alpha.links:
            alpha.default_value = 1 - glass.default_value
        glass.default_value = 0.0


def _restore_pictures(path: Path, materials: list[bpy.types.Material], stated: list[str]) -> None:
    """Give nodes without an image the one that the file states: the importer tells them in the order of their making.

    Where it reported more or fewer than there are, they cannot be matched: each then has all of their names.
    """
    nodes = [
        node
        for material in materials
        if material.node_tree is not None
        for node in material.node_tree.nodes
        if node.type == _PICTURE_NODE and node.image is None
    ]
    if len(nodes) != len(stated):
        stated = [" or ".join(sorted(set(stated))) or "without a name"] * len(nodes)
    for node, file in zip(nodes, stated, strict=True):
        name = _within(file, path)
        image = bpy.data.images.new(re.split(r"[\\/]", name)[-1], 1, 1)
        image.source = "TILED" if "<UDIM>" in name else "FILE"
        image.filepath = str(path.parent.absolute() / name)
        image.colorspace_settings.name = "sRGB" if _shows_color(node) else "Non-Color"
        node.image = image


def _within(file: str, path: Path) -> str:
    """Return a path as the file states it: from its folder on where it lies below that."""
    for folder in (path.parent.absolute(), path.parent.resolve()):
        file = file.removeprefix(f"{folder}/")
    return file.removeprefix("./")


def _shows_color(node: bpy.types.Node) -> bool:
    targets = [link for output in node.outputs if output.name == "Color" for link in output.links]
    return any(
        link.to_socket.type == "RGBA" and link.to_node.type not in ("SEPARATE_COLOR", "NORMAL_MAP") for link in targets
    )


def _remove_unread(materials: list[bpy.types.Material]) -> list[str]:
    """Remove the materials that came without a shader, since they have none but, say, one in MDL; and name them.

    Their surfaces then count as such without a material.
    """
    unread = [each for each in materials if each.node_tree is None or not each.node_tree.nodes]
    warnings = [
        f"material {material.name} has no UsdPreviewSurface, and Blender reads neither MDL nor MaterialX: its surfaces "
        "are shown in vertex colors or gray; export it with preview surfaces"
        for material in sorted(unread, key=lambda material: str(material.name))
    ]
    for material in unread:
        bpy.data.materials.remove(material)
    return warnings
