"""Light from a panorama: one of Blender's own, or a .hdr or .exr file."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.blender.world import add_surroundings, set_world_color
from synthmat.blender_scenes.light.importance_map import map_size
from synthmat.blender_scenes.light.irradiance import Floats, exposure_factor, white_sphere
from synthmat.errors import AssetError
from synthmat.render_job import WHITE, HdriLight

_FORMATS = ("HDR", "OPEN_EXR", "OPEN_EXR_MULTILAYER")


def hdri_names() -> dict[str, Path]:
    """Return the panoramas that this Blender brought along, by name."""
    folders = [bpy.utils.resource_path(kind) for kind in ("LOCAL", "SYSTEM")]
    worlds = [Path(folder) / "datafiles" / "studiolights" / "world" for folder in folders if folder]
    return {file.stem: file for folder in reversed(worlds) for file in sorted(folder.glob("*.exr"))}


def find_hdri(file: str) -> Path:
    """Return the panorama that ``file`` means: a path, or the name of one of Blender's own.

    Raises:
        AssetError: It is neither.
    """
    known = hdri_names()
    if file in known:
        return known[file]
    if Path(file).is_file():
        return Path(file)
    own = f"Blender's own are {', '.join(sorted(known))}" if known else "this Blender brought none along"
    raise AssetError(f"HDRI {file}: no such file; {own}")


def add_panorama(world: bpy.types.World, light: HdriLight) -> None:
    """Surround the scene with a panorama, turned counter-clockwise seen from above.

    Raises:
        AssetError: It is not there, broken, of another format or, with ``normalize``, black.
    """
    path = find_hdri(light.file)
    image = _load(path)
    radiance = _radiance(image)
    strength = light.strength * (_normalization(path, radiance) if light.normalize else 1.0)
    target = set_world_color(world, WHITE, strength)
    tree = node_tree(world)
    texture = add_surroundings(world, image, map_size(radiance, light.rotation))
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.vector_type = "POINT"
    mapping.inputs["Rotation"].default_value[2] = -math.radians(light.rotation)
    place = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(place.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    tree.links.new(_tinted(tree, texture.outputs["Color"], light), target)


def _load(path: Path) -> bpy.types.Image:
    try:
        image = bpy.data.images.load(str(path.resolve()))
    except RuntimeError:
        raise AssetError(f"HDRI {path}: Blender cannot read it; it must be a .hdr or .exr panorama") from None
    if 0 in tuple(image.size):
        raise AssetError(f"HDRI {path}: not a panorama or a broken one; it must be a whole .hdr or .exr file")
    if image.file_format not in _FORMATS:
        raise AssetError(
            f"HDRI {path}: it is a {image.file_format} picture, whatever its name says; lights need a .hdr or .exr "
            "panorama, whose bright spots are not cut off"
        )
    return image


def _tinted(tree: bpy.types.NodeTree, color: bpy.types.NodeSocket, light: HdriLight) -> bpy.types.NodeSocket:
    """Pass a color through the light's saturation and tint, as far as they change anything."""
    if light.saturation != 1:
        node = tree.nodes.new("ShaderNodeHueSaturation")
        node.inputs["Saturation"].default_value = light.saturation
        tree.links.new(color, node.inputs["Color"])
        color = node.outputs["Color"]
    if light.tint != WHITE:
        node = tree.nodes.new("ShaderNodeVectorMath")
        node.operation = "MULTIPLY"
        node.inputs[1].default_value = light.tint
        tree.links.new(color, node.inputs[0])
        color = node.outputs["Vector"]
    return color


def _normalization(path: Path, radiance: Floats) -> float:
    factor = exposure_factor(white_sphere(radiance))
    if not 0 < factor < math.inf:
        raise AssetError(f"HDRI {path}: black, or not numbers throughout, so it cannot be normalized")
    return factor


def _radiance(image: bpy.types.Image) -> Floats:
    """Return the pixels of a panorama, linear (H, W, 3), first row at the bottom."""
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    channels = pixels.reshape(height, width, image.channels)
    return np.asarray(channels[:, :, :3] if image.channels >= 3 else channels[:, :, [0, 0, 0]])
