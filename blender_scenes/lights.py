"""Light: key, fill and rim light, or a panorama. Lights stand still while the camera orbits."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import mathutils
import numpy as np

from synthmat.blender_scenes.color_temperature import color_temperature
from synthmat.blender_scenes.orbit import orbit_matrix
from synthmat.blender_scenes.versions import node_tree
from synthmat.errors import AssetError
from synthmat.records import HdriLight, Light, ThreePointLight

_DISTANCE = 6.0
_KEY_RADIANCE = 0.5
_FILL_ELEVATION = 15.0
_RIM_ELEVATION = 45.0
_IMPORTANCE_MAP = 256


def add_light(scene: bpy.types.Scene, light: Light) -> None:
    """Light the scene, whose object has radius 1 about the origin; azimuth 0 is the camera of azimuth 0.

    Raises:
        AssetError: A panorama is not there or cannot be read.
    """
    scene.world = bpy.data.worlds.new("synthmat world")
    if isinstance(light, HdriLight):
        _add_panorama(scene.world, light)
    else:
        _add_three_point(scene, light)


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


def _add_three_point(scene: bpy.types.Scene, light: ThreePointLight) -> None:
    """Add the three lights, such that a white matte object facing the key light is well exposed at strength 1.

    The fill light stands on the camera's other side, the rim light behind the object, opposite the key light.
    """
    tint = color_temperature(light.temperature)
    white = (1.0, 1.0, 1.0)
    lamps = [
        ("key", 1.0, tint, light.key_azimuth, light.key_elevation),
        ("fill", light.fill, white, -light.key_azimuth, _FILL_ELEVATION),
        ("rim", light.rim, white, light.key_azimuth + 180.0, _RIM_ELEVATION),
    ]
    for name, share, color, azimuth, elevation in lamps:
        radiance = _KEY_RADIANCE * light.strength * share
        if radiance > 0:
            _add_area_light(scene, name, radiance, color, light.size, orbit_matrix(azimuth, elevation, _DISTANCE))
    _shine(scene.world, (light.ambient,) * 3, 1.0)


def _add_area_light(
    scene: bpy.types.Scene,
    name: str,
    radiance: float,
    color: tuple[float, float, float],
    size: float,
    matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    """Add a square light that gives a white matte surface at the origin, facing it, the given radiance.

    A square that emits P watts has the radiance P / (pi * area); at distance d it lights a surface with P / (pi d^2),
    and white paint returns 1 / pi of that.
    """
    data = bpy.data.lights.new(f"synthmat {name}", "AREA")
    data.shape = "SQUARE"
    data.size = max(size, 1e-3)
    data.color = color
    data.energy = radiance * math.pi**2 * _DISTANCE**2
    data.use_shadow = True
    item = bpy.data.objects.new(f"synthmat {name}", data)
    item.matrix_world = mathutils.Matrix(matrix.tolist())
    item.visible_camera = False
    scene.collection.objects.link(item)


def _shine(world: bpy.types.World, color: tuple[float, ...], strength: float) -> bpy.types.Node:
    tree = node_tree(world)
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputWorld")
    background = tree.nodes.new("ShaderNodeBackground")
    background.inputs["Color"].default_value = (*color, 1.0)
    background.inputs["Strength"].default_value = strength
    tree.links.new(background.outputs["Background"], output.inputs["Surface"])
    return background


def _add_panorama(world: bpy.types.World, light: HdriLight) -> None:
    """Surround the scene with a panorama, turned counter-clockwise seen from above.

    The map by which Cycles finds its bright spots is kept small: at full size it is worth seconds and nothing else.
    """
    path = find_hdri(light.file)
    try:
        image = bpy.data.images.load(str(path.resolve()))
        readable = 0 not in tuple(image.size)
    except RuntimeError:
        readable = False
    if not readable:
        raise AssetError(f"HDRI {path}: not a picture that Blender can read; it must be a .hdr or .exr panorama")
    background = _shine(world, (1.0, 1.0, 1.0), light.strength)
    tree = node_tree(world)
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    texture.projection = "EQUIRECTANGULAR"
    texture.interpolation = "Linear"
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.vector_type = "POINT"
    mapping.inputs["Rotation"].default_value[2] = -math.radians(light.rotation)
    place = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(place.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], background.inputs["Color"])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = _IMPORTANCE_MAP
