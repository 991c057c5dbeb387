"""Light of any kind. Lights do not move while the camera orbits."""

from __future__ import annotations

import bpy

from synthmat.blender_scenes.blender.world import set_world_color
from synthmat.blender_scenes.light.area_lights import add_lamps, three_lamps
from synthmat.blender_scenes.light.panorama import add_panorama
from synthmat.blender_scenes.light.sun_sky import add_sun_sky
from synthmat.render_job import HdriLight, Light, PhotoLight, RandomLight, SunSkyLight, ThreePointLight


def add_light(scene: bpy.types.Scene, light: Light) -> None:
    """Light the scene, whose object has radius 1 about the origin; azimuth 0 is the camera of azimuth 0.

    Raises:
        AssetError: A panorama is not there or cannot be used, or a light gives no light at all.
    """
    scene.world = bpy.data.worlds.new("synthmat world")
    match light:
        case HdriLight():
            add_panorama(scene.world, light)
        case SunSkyLight():
            add_sun_sky(scene, light)
        case ThreePointLight():
            set_world_color(scene.world, (light.ambient, light.ambient, light.ambient))
            add_lamps(scene, three_lamps(light))
        case RandomLight() | PhotoLight():
            set_world_color(scene.world, light.ambient)
            add_lamps(scene, light.lamps)
