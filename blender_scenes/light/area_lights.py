"""Square lamps around the object: key, fill and rim light, or any others."""

from __future__ import annotations

import math
from collections.abc import Iterable

import bpy
import mathutils

from synthmat.blender_scenes.camera.orbit import orbit_matrix
from synthmat.blender_scenes.light.color_temperature import color_temperature
from synthmat.render_job import AreaLamp, ThreePointLight

_DISTANCE = 6.0
_KEY_RADIANCE = 0.5
_FILL_ELEVATION = 15.0
_RIM_ELEVATION = 45.0


def add_lamps(scene: bpy.types.Scene, lamps: Iterable[AreaLamp]) -> None:
    """Add square lamps that face the origin and that no camera sees.

    A square that emits P watts has the radiance P / (pi * area); at distance d it lights a surface with P / (pi d^2),
    and white paint returns 1 / pi of that.
    """
    for number, lamp in enumerate(lamps):
        if lamp.radiance <= 0:
            continue
        data = bpy.data.lights.new(f"synthmat lamp {number}", "AREA")
        data.shape = "SQUARE"
        data.size = max(lamp.size, 1e-3)
        data.color = lamp.color
        data.energy = lamp.radiance * math.pi**2 * _DISTANCE**2
        data.use_shadow = True
        item = bpy.data.objects.new(data.name, data)
        item.matrix_world = mathutils.Matrix(orbit_matrix(lamp.azimuth, lamp.elevation, _DISTANCE).tolist())
        item.visible_camera = False
        scene.collection.objects.link(item)


def three_lamps(light: ThreePointLight) -> list[AreaLamp]:
    """Return key, fill and rim light, such that a white object facing the key light is well exposed at strength 1.

    The fill light is on the camera's other side, the rim light behind the object, opposite the key light.
    """
    radiance = _KEY_RADIANCE * light.strength
    red, green, blue = (
        channel * tint for channel, tint in zip(color_temperature(light.temperature), light.key_color, strict=True)
    )
    side, behind = -light.key_azimuth, light.key_azimuth + 180.0
    return [
        AreaLamp(light.key_azimuth, light.key_elevation, radiance, light.size, (red, green, blue)),
        AreaLamp(side, _FILL_ELEVATION, radiance * light.fill, light.size, light.fill_color),
        AreaLamp(behind, _RIM_ELEVATION, radiance * light.rim, light.size, light.rim_color),
    ]
