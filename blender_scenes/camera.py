"""The camera of the scene."""

from __future__ import annotations

import bpy
import mathutils

from synthmat.blender_scenes.orbit import SENSOR_WIDTH_MM, Matrix


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


def place_camera(camera: bpy.types.Object, matrix: Matrix, focal_length: float, distance: float) -> None:
    """Move the camera; the clipping planes enclose a sphere of radius 1 about the origin with room to spare."""
    camera.data.lens = focal_length
    camera.data.clip_start = max(distance - 1.5, distance * 1e-3)
    camera.data.clip_end = distance + 1.5
    camera.matrix_world = mathutils.Matrix(matrix.tolist())
