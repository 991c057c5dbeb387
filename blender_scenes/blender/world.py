"""The world shader: light from all directions."""

from __future__ import annotations

import bpy

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.render_job import Color


def set_world_color(world: bpy.types.World, color: Color, strength: float = 1.0) -> bpy.types.NodeSocket:
    """Give the world one linear color; return the input to which a texture can be linked instead."""
    tree = node_tree(world)
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputWorld")
    background = tree.nodes.new("ShaderNodeBackground")
    background.inputs["Color"].default_value = (*color, 1.0)
    background.inputs["Strength"].default_value = strength
    tree.links.new(background.outputs["Background"], output.inputs["Surface"])
    return background.inputs["Color"]


def add_surroundings(world: bpy.types.World, image: bpy.types.Image, map_size: int) -> bpy.types.Node:
    """Add a texture node that shows an equirectangular panorama around the scene, and return it.

    ``map_size`` is the width of the map by which Cycles finds bright spots; see `importance_map.map_size`. Left to
    itself Cycles takes 4096, which costs 3 s whenever it loads a scene.
    """
    texture = node_tree(world).nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    texture.projection = "EQUIRECTANGULAR"
    texture.interpolation = "Linear"
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = map_size
    return texture
