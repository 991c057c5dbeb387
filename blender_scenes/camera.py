"""The camera of the scene."""

from __future__ import annotations

from typing import Any

import bpy
import mathutils

from synthmat.blender_scenes.framing import Points, fit_distance
from synthmat.blender_scenes.orbit import SENSOR_WIDTH_MM, intrinsics, orbit_matrix
from synthmat.records import RenderSettings, View


def add_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """Add the scene's camera, perspective, without depth of field or shift."""
    data = bpy.data.cameras.new("synthmat camera")
    data.type = "PERSP"
    data.lens_unit = "MILLIMETERS"
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR_WIDTH_MM
    data.shift_x = data.shift_y = 0.0
    data.dof.use_dof = False
    camera = bpy.data.objects.new("synthmat camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def aim_camera(camera: bpy.types.Object, view: View, profile: Points, *, settings: RenderSettings) -> dict[str, Any]:
    """Move the camera to a view of the object whose profile (see `framing`) is given; return its part of the row.

    The clipping planes enclose a sphere of radius 1 about the origin with room to spare.
    """
    distance = fit_distance(
        profile,
        elevation=view.elevation,
        focal_length=view.focal_length,
        width=settings.width,
        height=settings.height,
        margin=settings.margin,
    )
    matrix = orbit_matrix(view.azimuth, view.elevation, distance)
    camera.data.lens = view.focal_length
    camera.data.clip_start = max(distance - 1.5, distance * 1e-3)
    camera.data.clip_end = distance + 1.5
    camera.matrix_world = mathutils.Matrix(matrix.tolist())
    return {
        "matrix_world": matrix.tolist(),
        "intrinsics": intrinsics(settings.width, settings.height, view.focal_length).tolist(),
        "focal_length_mm": view.focal_length,
        "sensor_width_mm": SENSOR_WIDTH_MM,
        "distance": distance,
    }
