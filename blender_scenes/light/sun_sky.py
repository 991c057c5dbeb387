"""Sun and sky, by formula, so that both are the same in every Blender: its own sky textures changed between versions.

The sky is a small panorama, the sun a lamp of its own: a disc half a degree wide would need a panorama of a thousand
rows.
"""

from __future__ import annotations

import math

import bpy
import mathutils
import numpy as np

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.blender.world import add_surroundings, set_world_color
from synthmat.blender_scenes.camera.orbit import orbit_matrix
from synthmat.blender_scenes.light.irradiance import Floats, exposure_factor, panorama_directions, white_sphere
from synthmat.blender_scenes.light.sky_model import Atmosphere, sky_radiance, sun_light
from synthmat.errors import AssetError
from synthmat.render_job import WHITE, SunSkyLight

_ROWS = 128
_DISTANCE = 10.0


def add_sun_sky(scene: bpy.types.Scene, light: SunSkyLight) -> None:
    """Add sun, sky and the light that the ground gives back, exposed such that a white object is well lit.

    Raises:
        AssetError: Neither the sun nor the sky shines.
    """
    sky, sun = sun_and_sky(light)
    image = bpy.data.images.new("synthmat sky", 2 * _ROWS, _ROWS, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Non-Color"  # the numbers are linear as they are
    image.pixels.foreach_set(np.dstack([sky, np.ones(sky.shape[:2])]).astype(np.float32).ravel())
    image.update()
    target = set_world_color(scene.world, WHITE)
    surroundings = add_surroundings(scene.world, image, 2 * _ROWS)
    node_tree(scene.world).links.new(surroundings.outputs["Color"], target)
    if sun.max() > 0:
        _add_sun(scene, light, sun)


def sun_and_sky(light: SunSkyLight) -> tuple[Floats, Floats]:
    """Return the panorama of sky and ground (H, W, 3), first row at the bottom, and what white paint gives back of
    the sun's light (3,); both linear and exposed.

    Raises:
        AssetError: Neither the sun nor the sky shines.
    """
    atmosphere = Atmosphere(light.air, light.dust)
    toward_sun = orbit_matrix(light.sun_azimuth, light.sun_elevation, 1.0)[:3, 3]
    directions, solid_angles = panorama_directions(_ROWS, 2 * _ROWS)
    above = directions[_ROWS // 2 :]
    sun = light.sun_strength * sun_light(light.sun_elevation, atmosphere)
    sky = light.sky_strength * sky_radiance(above, toward_sun, atmosphere)
    from_sky = (sky * (above[..., 2] * solid_angles[_ROWS // 2 :])[..., None]).sum(axis=(0, 1)) / math.pi
    ground = light.ground * (from_sky + sun * max(float(toward_sun[2]), 0.0))
    panorama = np.concatenate([np.broadcast_to(ground, sky.shape), sky])
    factor = light.strength * exposure_factor(white_sphere(panorama, sun, toward_sun))
    if factor == 0 and light.strength > 0:
        raise AssetError("sun_sky: neither the sun nor the sky shines; give sun_strength or sky_strength more than 0")
    return panorama * factor, sun * factor


def _add_sun(scene: bpy.types.Scene, light: SunSkyLight, sun: Floats) -> None:
    data = bpy.data.lights.new("synthmat sun", "SUN")
    data.angle = math.radians(light.sun_size)
    data.color = tuple((sun / sun.max()).tolist())
    data.energy = float(sun.max()) * math.pi
    data.use_shadow = True
    item = bpy.data.objects.new("synthmat sun", data)
    item.matrix_world = mathutils.Matrix(orbit_matrix(light.sun_azimuth, light.sun_elevation, _DISTANCE).tolist())
    scene.collection.objects.link(item)
