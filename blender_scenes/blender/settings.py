"""Every render setting that can touch a pixel, set explicitly: nothing is inherited from Blender or from a file."""

from __future__ import annotations

from typing import Any

import bpy

from synthmat.blender_scenes.blender.devices import Device, use_device
from synthmat.blender_scenes.blender.versions import VERSION_SETTINGS
from synthmat.render_job import RenderSettings

TRANSPARENT_BOUNCES = 128
"""Transparent surfaces a ray may cross. Cycles' 8 turns a stack of leaves opaque; more costs nothing measurable."""


_FILE_SETTINGS: dict[str, Any] = {
    "render.image_settings.file_format": "OPEN_EXR_MULTILAYER",
    "render.image_settings.color_mode": "RGBA",
    "render.image_settings.color_depth": "32",
    "render.image_settings.exr_codec": "NONE",
    "render.image_settings.color_management": "FOLLOW_SCENE",
    "display_settings.display_device": "sRGB",
    "view_settings.view_transform": "Standard",
    "view_settings.look": "None",
    "view_settings.exposure": 0.0,
    "view_settings.gamma": 1.0,
    "view_settings.use_curve_mapping": False,
    "view_settings.use_white_balance": False,
}
_SAMPLING_SETTINGS: dict[str, Any] = {
    "cycles.shading_system": False,
    "cycles.use_adaptive_sampling": False,
    "cycles.use_denoising": False,
    "cycles.time_limit": 0.0,
    "cycles.sampling_pattern": "SOBOL_BURLEY",
    "cycles.use_animated_seed": False,
    "cycles.sample_offset": 0,
    "cycles.use_sample_subset": False,
    "cycles.use_layer_samples": "IGNORE",
    "cycles.auto_scrambling_distance": False,
    "cycles.scrambling_distance": 1.0,
    "cycles.pixel_filter_type": "BLACKMAN_HARRIS",
    "cycles.filter_width": 1.5,
    "cycles.film_exposure": 1.0,
    "cycles.film_transparent_glass": True,
    "cycles.film_transparent_roughness": 0.1,
}
_BOUNCES = (
    "cycles.max_bounces",
    "cycles.diffuse_bounces",
    "cycles.glossy_bounces",
    "cycles.transmission_bounces",
    "cycles.volume_bounces",
)
_LIGHT_SETTINGS: dict[str, Any] = {
    "cycles.transparent_max_bounces": TRANSPARENT_BOUNCES,
    "cycles.min_light_bounces": 0,
    "cycles.min_transparent_bounces": 0,
    "cycles.sample_clamp_direct": 16.0,
    "cycles.sample_clamp_indirect": 3.0,
    "cycles.caustics_reflective": True,
    "cycles.caustics_refractive": True,
    "cycles.blur_glossy": 1.0,
    "cycles.use_light_tree": True,
    "cycles.light_sampling_threshold": 0.01,
    "cycles.direct_light_sampling_type": "MULTIPLE_IMPORTANCE_SAMPLING",
    "cycles.use_guiding": False,
    "cycles.use_fast_gi": False,
    "cycles.use_camera_cull": False,
    "cycles.use_distance_cull": False,
    "cycles.texture_limit_render": "OFF",
    "cycles.dicing_rate": 1.0,
    "cycles.max_subdivisions": 12,
    "cycles.offscreen_dicing_scale": 4.0,
    "cycles.use_auto_tile": True,
    "cycles.tile_size": 2048,
    "cycles.debug_use_spatial_splits": False,
    "cycles.debug_use_hair_bvh": True,
    "cycles.debug_bvh_time_steps": 0,
    "cycles_curves.shape": "RIBBONS",
    "cycles_curves.subdivisions": 2,
}


def wanted_settings(settings: RenderSettings, *, threads: int, cycles_device: str) -> dict[str, Any]:
    """Return the value of every setting by its path from the scene.

    Frames come out as float EXR, linear and premultiplied, without dither and Cycles' denoiser (which smears the color
    of fractional pixels with black; see `denoiser`), at a fixed number of samples, with Blender's default filter.
    """
    return {
        **_frame_settings(settings, threads),
        **VERSION_SETTINGS,
        **_FILE_SETTINGS,
        "cycles.device": cycles_device,
        **_SAMPLING_SETTINGS,
        **dict.fromkeys(_BOUNCES, settings.max_bounces),
        **_LIGHT_SETTINGS,
        **({"render.threads": threads} if threads > 0 else {}),
    }


def _frame_settings(settings: RenderSettings, threads: int) -> dict[str, Any]:
    return {
        "render.engine": "CYCLES",
        "render.resolution_x": settings.width,
        "render.resolution_y": settings.height,
        "render.resolution_percentage": 100,
        "render.pixel_aspect_x": 1.0,
        "render.pixel_aspect_y": 1.0,
        "render.use_border": False,
        "render.use_crop_to_border": False,
        "render.film_transparent": True,
        "render.dither_intensity": 0.0,
        "render.filter_size": 1.5,
        "render.use_persistent_data": True,
        "render.threads_mode": "FIXED" if threads > 0 else "AUTO",
        "render.use_motion_blur": False,
        "render.use_simplify": False,
        "render.use_freestyle": False,
        "render.use_multiview": False,
        "render.use_compositing": False,
        "render.use_sequencer": False,
        "render.use_single_layer": False,
        "render.use_high_quality_normals": False,
        "render.hair_type": "STRAND",
        "render.hair_subdiv": 0,
        "render.use_overwrite": True,
        "render.use_placeholder": False,
        "render.use_file_extension": True,
        "render.use_stamp": False,
        "render.use_stamp_date": False,
        "render.use_stamp_time": False,
        "render.use_stamp_render_time": False,
        "render.use_stamp_hostname": False,
        "render.use_stamp_filename": False,
        "render.use_stamp_memory": False,
    }


def apply_settings(scene: bpy.types.Scene, settings: RenderSettings, *, device: Device, threads: int) -> None:
    """Set everything in `wanted_settings` on ``scene``; a setting that this Blender lacks is an AttributeError."""
    wanted = wanted_settings(settings, threads=threads, cycles_device=use_device(device))
    for path, value in wanted.items():
        owner, name = _owner(scene, path)
        setattr(owner, name, value)
    for layer in scene.view_layers:
        layer.material_override = None
        layer.use_grease_pencil = False


def read_settings(scene: bpy.types.Scene, paths: list[str]) -> dict[str, Any]:
    """Return what the scene holds now under the given paths."""
    return {path: getattr(*_owner(scene, path)) for path in paths}


def _owner(scene: bpy.types.Scene, path: str) -> tuple[Any, str]:
    owner: Any = scene
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, name
