"""The camera of the scene."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from synthmat.blender_scenes.camera.depth_of_field import Aperture, choose_aperture
from synthmat.blender_scenes.camera.framing import CLEARANCE, Fit, Profile, fit_camera, seen_box
from synthmat.blender_scenes.camera.motion_blur import exposure_matrices, lead_camera
from synthmat.blender_scenes.camera.orbit import SENSOR_WIDTH_MM, Matrix, intrinsics, orbit_matrix
from synthmat.render_job import RenderSettings, View

_FILTER_PX = 1.0
"""How far outside its own area a pixel sees: the filter is 3 pixels wide."""

_MIN_ROOM_PX = 0.25


def add_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """Add the scene's camera, perspective, without depth of field or shift."""
    data = bpy.data.cameras.new("synthmat camera")
    data.type = "PERSP"
    data.lens_unit = "MILLIMETERS"
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR_WIDTH_MM
    data.shift_x = data.shift_y = 0.0
    data.dof.use_dof = False
    data.dof.focus_object = None
    data.dof.aperture_blades = 0
    data.dof.aperture_ratio = 1.0
    camera = bpy.data.objects.new("synthmat camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def aim_camera(camera: bpy.types.Object, view: View, profile: Profile, *, settings: RenderSettings) -> dict[str, Any]:
    """Set the camera up for a view of the object whose profile is given; return its part of the manifest row.

    Only the camera is touched, and the scene's motion blur is switched on where the camera moves (what the scene's
    shutter should be, and that it is off otherwise, is settled before); calling it again changes nothing. The clipping
    planes enclose a sphere of radius 1 about the origin with room to spare.
    """
    whole, profile = profile, profile.framed(view.framing)
    fit = _fit(view, whole, profile, settings)
    matrix = orbit_matrix(view.azimuth, view.elevation, fit.distance, view.roll)
    matrix[:3, 3] += matrix[:3, 0] * fit.right + matrix[:3, 1] * fit.up
    shift = _shift(view, profile, matrix, settings)
    data = camera.data
    data.lens = view.focal_length
    data.clip_start, data.clip_end = clipping_planes(fit.distance)
    # Blender measures both in frame widths and moves the frame, not the picture.
    data.shift_x, data.shift_y = -shift[0], -shift[1] * settings.height / settings.width
    return {
        "matrix_world": matrix.tolist(),
        "intrinsics": intrinsics(settings.width, settings.height, view.focal_length, shift).tolist(),
        "focal_length_mm": view.focal_length,
        "sensor_width_mm": SENSOR_WIDTH_MM,
        "distance": fit.distance,
        "fit": view.fit,
        "fill": view.fill,
        "roll_deg": view.roll,
        "shift": list(shift),
        **({"framing": view.framing} if view.framing != "whole" else {}),
        "cut_off": {"side": view.cut_off.side, "share": view.cut_off.share} if view.cut_off else None,
        "depth_of_field": _set_focus(camera, view, profile, matrix, fit.distance),
        "motion": _set_motion(camera, view, profile, matrix, fit.distance),
    }


def clipping_planes(distance: float) -> tuple[float, float]:
    """Return the depths between which a camera sees that looks at the origin from ``distance``."""
    return max(distance - 1.5, distance * 1e-3), distance + 1.5


def _fit(view: View, whole: Profile, profile: Profile, settings: RenderSettings) -> Fit:
    """Leave room for offsets, blur and smear, so that they cut nothing off; the camera stays out of the whole."""
    slide = view.motion.amount if view.motion and view.motion.kind == "slide" else 0.0
    rotation = view.motion.amount if view.motion and view.motion.kind == "spin" else 0.0
    blur_px = ((view.defocus.blur if view.defocus else 0.0) + slide) / 2 * settings.width
    focal_px = view.focal_length * settings.width / SENSOR_WIDTH_MM

    def room(edge: int, offset: float) -> float:
        free = min(0.5 - settings.margin, 0.5 - 1 / edge)  # the outermost pixels stay empty
        largest = edge * min(view.fill * free, free - abs(offset) - blur_px / edge)
        return max(largest - _FILTER_PX, _MIN_ROOM_PX) / focal_px

    # An orbit's fit is the same at every azimuth, to the last bit.
    azimuth = 0.0 if view.fit == "orbit" else view.azimuth
    axes = orbit_matrix(azimuth, view.elevation, 1.0, view.roll)[:3, :3]
    rooms = room(settings.width, view.offset_x), room(settings.height, view.offset_y)
    fit = fit_camera(profile, axes, rooms, fit=view.fit, rotation=rotation, lifted=profile is not whole)
    if profile is whole:
        return fit
    least = whole.reach(axes[:, 2], rotation=rotation) + CLEARANCE
    return Fit(max(fit.distance, least), fit.right, fit.up)


def _shift(view: View, profile: Profile, matrix: Matrix, settings: RenderSettings) -> tuple[float, float]:
    """Return how far the picture is moved to the right and up, as fractions of the frame's width and height."""
    if view.cut_off is None:
        return view.offset_x, view.offset_y
    focal = view.focal_length / SENSOR_WIDTH_MM
    left, right, bottom, top = np.array(seen_box(profile, matrix)) * focal
    aspect = settings.width / settings.height
    bottom, top = bottom * aspect, top * aspect
    beyond = {
        "left": -0.5 - left - view.cut_off.share * (right - left),
        "right": 0.5 - right + view.cut_off.share * (right - left),
        "bottom": -0.5 - bottom - view.cut_off.share * (top - bottom),
        "top": 0.5 - top + view.cut_off.share * (top - bottom),
    }[view.cut_off.side]
    if view.cut_off.side in ("left", "right"):
        return float(beyond), view.offset_y
    return view.offset_x, float(beyond)


def _set_focus(
    camera: bpy.types.Object, view: View, profile: Profile, matrix: Matrix, distance: float
) -> dict[str, Any] | None:
    lens = camera.data.dof
    lens.use_dof = view.defocus is not None
    if view.defocus is None:
        return None
    back = matrix[:3, 2]
    near, far = distance - profile.reach(back), distance + profile.reach(-back)
    aperture: Aperture = choose_aperture(view.defocus, near, far, focal_length=view.focal_length)
    lens.focus_distance = aperture.focus_distance
    lens.aperture_fstop = aperture.f_stop
    return {
        "blur": view.defocus.blur,
        "f_stop": aperture.f_stop,
        "aperture_diameter": aperture.diameter,
        "focus_distance": aperture.focus_distance,
    }


def _set_motion(
    camera: bpy.types.Object, view: View, profile: Profile, matrix: Matrix, distance: float
) -> dict[str, Any] | None:
    if view.motion is None:
        lead_camera(camera, [matrix], shutter_open=False)
        return None
    near = distance - profile.reach(matrix[:3, 2])
    way = view.motion.amount * SENSOR_WIDTH_MM / view.focal_length * near
    matrices = exposure_matrices(matrix, view.motion, way)
    lead_camera(camera, matrices, shutter_open=True)
    if view.motion.kind == "still":
        return None
    unit = "degrees" if view.motion.kind == "spin" else "frame widths"
    return {
        "kind": view.motion.kind,
        "amount": view.motion.amount,
        "unit": unit,
        "direction_deg": view.motion.direction if view.motion.kind == "slide" else None,
        "matrix_world_open": matrices[0].tolist(),
        "matrix_world_closed": matrices[-1].tolist(),
    }
