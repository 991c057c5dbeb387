"""Renders single views with a given number of samples, as float layers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.animation.animation import set_view_time
from synthmat.blender_scenes.blender.pictures import read_layers
from synthmat.blender_scenes.blender.temporary_settings import TemporarySettings
from synthmat.blender_scenes.camera.camera import aim_camera
from synthmat.blender_scenes.scene.scene_setup import SceneSetup
from synthmat.errors import SynthmatError
from synthmat.render_job import RenderJob, View

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MAX_SAMPLES = 16_384
"""Samples a pixel that no render but the beauty pass exceeds."""

COLOR = "Combined"
"""The layer of premultiplied linear color and alpha, ``(H, W, 4)``."""


class ViewRenderer:
    """Renders views of one scene and records the seconds that each took.

    ``heartbeat`` is called after each render; other long work on a view must call it too.
    """

    def __init__(self, setup: SceneSetup, job: RenderJob, folder: Path, heartbeat: Callable[[], None]) -> None:
        self._setup = setup
        self._job = job
        self._file = folder / "shot.exr"
        self.heartbeat = heartbeat
        self.seconds: dict[str, float] = {view.name: 0.0 for view in job.views}
        self.camera_fields: dict[str, dict[str, Any]] = {}
        self.animation_fields: dict[str, dict[str, Any]] = {}
        setup.scene.render.filepath = str(self._file)
        self._fix_sampling()

    def set_sampling(self, *, samples: int, seed: int) -> None:
        """Set samples a pixel and the seed of the sampling pattern for the renders to come.

        A change makes Cycles sync the scene again, 80 ms and more: renders with equal values belong together.
        """
        cycles = self._setup.scene.cycles
        if (cycles.samples, cycles.seed) != (samples, seed):
            cycles.samples, cycles.seed = samples, seed
            self._setup.scene.update_tag()  # persistent data keeps the old ones otherwise

    def _fix_sampling(self) -> None:
        """Render one pixel with more samples than any render to come will have.

        With persistent data Cycles remembers the highest number of samples so far, and its sampling pattern depends on
        it: without this, a frame would come out differently for those rendered before it.
        """
        settings, view = self._job.settings, self._job.views[0]
        self.set_sampling(samples=max(MAX_SAMPLES, settings.samples, settings.max_color_samples), seed=view.seed)
        pixel = np.zeros((settings.height, settings.width), np.bool_)
        pixel[-1, 0] = True
        self.render(view, region=pixel)

    def render(self, view: View, *, far: float = 0.0, region: Mask | None = None) -> dict[str, Float]:
        """Render a view and return its layers by name; ``far`` is how far behind the object the camera sees.

        Where a ``region`` ``(H, W)`` is given, only a rectangle that holds it is rendered, and all else stays empty.

        Raises:
            SynthmatError: Blender gave no picture.
        """
        began = time.perf_counter()
        self.go_to(view)
        self._setup.camera.data.clip_end += far
        self._file.unlink(missing_ok=True)
        name = self._job.asset.name
        temporary = TemporarySettings()
        if region is not None:
            for border, value in _border(region).items():
                temporary.set(self._setup.scene.render, border, value)
        try:
            result = bpy.ops.render.render(write_still=True)
        except RuntimeError as error:
            raise SynthmatError(f"{name}: Blender could not render it: {str(error).strip()}") from None
        finally:
            temporary.restore()
        if "FINISHED" not in result or not self._file.is_file():
            raise SynthmatError(f"{name}: Blender gave no picture; the worker's log may say why")
        layers = read_layers(self._file)
        self.seconds[view.name] += time.perf_counter() - began
        self.heartbeat()
        return layers

    def go_to(self, view: View) -> None:
        """Bring the model and the camera to a view."""
        self.animation_fields[view.name] = set_view_time(self._setup.playback, view)
        self.camera_fields[view.name] = aim_camera(
            self._setup.camera, view, self._setup.normalized.profile, settings=self._job.settings
        )


def _border(region: Mask) -> dict[str, float | bool]:
    """Return the render settings that limit a render to the rectangle round a region."""
    height, width = region.shape
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    return {
        "use_border": True,
        "border_min_x": columns[0] / width,
        "border_max_x": (columns[-1] + 1) / width,
        "border_min_y": 1 - (rows[-1] + 1) / height,
        "border_max_y": 1 - rows[0] / height,
    }
