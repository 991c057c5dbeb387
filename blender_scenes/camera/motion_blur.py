"""Movement of the camera while the shutter is open."""

from __future__ import annotations

import math
from collections.abc import Sequence

import bpy
import mathutils

from synthmat.blender_scenes.camera.orbit import Matrix, rotated_about_vertical
from synthmat.render_job import CameraMotion

_DEGREES_A_STEP = 2.5


def exposure_matrices(matrix: Matrix, motion: CameraMotion, smear: float) -> list[Matrix]:
    """Return camera-to-world matrices at evenly spaced times from shutter opening to closing.

    They are 2**k + 1, or a single one for a camera that does not move.
    ``matrix`` belongs to the middle of the exposure; ``smear`` is how far a slide moves the camera, in object radii.
    """
    if motion.kind == "still":
        return [matrix]
    if motion.kind == "spin":
        parts = 2 ** max(1, math.ceil(math.log2(max(abs(motion.amount) / _DEGREES_A_STEP, 1))))
        return [rotated_about_vertical(matrix, motion.amount * (i / parts - 0.5)) for i in range(parts + 1)]
    direction = math.radians(motion.direction)
    way = matrix[:3, 0] * math.cos(direction) + matrix[:3, 1] * math.sin(direction)
    moved = [matrix.copy() for _ in range(3)]
    for copy, fraction in zip(moved, (-0.5, 0.0, 0.5), strict=True):
        copy[:3, 3] += way * smear * fraction
    return moved


def lead_camera(camera: bpy.types.Object, matrices: Sequence[Matrix], *, shutter_open: bool) -> None:
    """Lead the camera through matrices, evenly in time, while the shutter is open; a single matrix leaves it still.

    ``shutter_open`` switches the scene's motion blur on; it must be the same for all renders of a scene.
    The scene's frame is the middle of the exposure. Every view edits the keys of one and the same action: with
    persistent data, a camera that gets its first action after the first render stays where its first movement was.
    """
    scene = bpy.context.scene
    rows = []
    for matrix in matrices:
        _put(camera, matrix)
        rows.append([*camera.location, *camera.rotation_quaternion])
    _put(camera, matrices[len(matrices) // 2])
    last = max(len(matrices) - 1, 1)
    fractions = [place / last - 0.5 for place in range(len(matrices))] if len(matrices) > 1 else [0.0]
    frames = [scene.frame_current_final + scene.render.motion_blur_shutter * fraction for fraction in fractions]
    for curve, values in zip(_curves(camera), zip(*rows, strict=True), strict=True):
        keys = curve.keyframe_points
        keys.clear()
        keys.add(len(frames))
        for key, frame, value in zip(keys, frames, values, strict=True):
            key.co = frame, value
            key.interpolation = "LINEAR"
        curve.update()
    camera.animation_data.action.update_tag()
    camera.cycles.use_motion_blur = True
    camera.cycles.motion_steps = max(1, int(math.log2(last)))
    if shutter_open:
        scene.render.motion_blur_position = "CENTER"
        scene.render.use_motion_blur = True


def _put(camera: bpy.types.Object, matrix: Matrix) -> None:
    location, rotation, _ = mathutils.Matrix(matrix.tolist()).decompose()
    # A quaternion and its negative are one rotation, but what lies between two keys of different sign is not.
    if rotation.dot(camera.rotation_quaternion) < 0:
        rotation.negate()
    camera.rotation_mode = "QUATERNION"
    camera.location = location
    camera.rotation_quaternion = rotation


def _curves(camera: bpy.types.Object) -> list[bpy.types.FCurve]:
    """Return the curves of the camera's place and rotation, three and four; made where it has none yet."""
    if camera.animation_data is None:
        camera.keyframe_insert("location")
        camera.keyframe_insert("rotation_quaternion")
    assert camera.animation_data is not None  # it is keyed
    strips = [strip for layer in camera.animation_data.action.layers for strip in layer.strips]
    curves = [curve for strip in strips for bag in strip.channelbags for curve in bag.fcurves]
    return sorted(curves, key=lambda curve: (curve.data_path, curve.array_index))
