"""What Cycles shows of objects from the front, for scripts of `support.blender_script`."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np


def alpha_from_the_front(low: Any, high: Any, size: int, samples: int) -> np.ndarray[Any, Any]:
    """Return the alpha ``(size, size)``, float, of what the scene holds between two corners of a box.

    The camera looks along +Y without perspective, glass is transparent, and one thread renders.
    """
    scene, low, high = bpy.context.scene, np.asarray(low), np.asarray(high)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", float(max((high - low)[[0, 2]])) * 1.02
    camera.location, camera.rotation_euler = ((low + high) / 2 - [0, 10, 0]).tolist(), (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera, scene.world = camera, bpy.data.worlds.new("world")
    scene.render.engine, cycles = "CYCLES", scene.cycles
    scene.render.film_transparent = cycles.film_transparent_glass = True
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = samples, False, False
    cycles.max_bounces = cycles.transmission_bounces = 12
    if hasattr(cycles, "volume_biased"):
        cycles.volume_biased = True
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x = scene.render.resolution_y = size
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "OPEN_EXR", "RGBA", "32"
    scene.render.filepath = bpy.app.tempdir + "frame.exr"
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(size, size, 4)[..., 3]
