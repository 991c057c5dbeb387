"""The alpha of each object of a group: how much of a pixel it covers, as far as nothing in front covers it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.temporary_settings import TemporarySettings
from synthmat.blender_scenes.materials.matte_materials import MatteMaterials
from synthmat.blender_scenes.matte.alpha_estimate import AlphaEstimate, first_samples
from synthmat.blender_scenes.matte.coverage_mattes import SOURCE
from synthmat.blender_scenes.scene.scene_setup import SceneSetup
from synthmat.blender_scenes.scene.view_renderer import COLOR, MAX_SAMPLES, ViewRenderer
from synthmat.render_job import RenderSettings, View

Float = npt.NDArray[np.float32]

_CHANNELS = 3
_TRACE = 1e-6


def measure_object_alphas(
    renderer: ViewRenderer,
    setup: SceneSetup,
    settings: RenderSettings,
    views: list[View],
    mattes: dict[str, AlphaEstimate],
    materials: MatteMaterials,
) -> dict[str, Float]:
    """Return the alpha of each member, ``(members, H, W)`` in 0..1, by the view's name; they add up to the matte.

    Three members at a time shine red, green and blue. Called within `matte.matte_scene`. What glass and smoke cover is
    what the others leave, so that only one member may hold any: with more, it is divided evenly among them.
    """
    members = setup.members
    full = [bool(names & set(materials.full)) for names in members]
    found = {view.name: np.zeros((len(members), *mattes[view.name].alpha.shape), np.float32) for view in views}
    temporary = TemporarySettings()
    try:
        for first in range(0, len(members), _CHANNELS):
            shining = members[first : first + _CHANNELS]
            for name, nodes in materials.white.items():
                color = [float(channel < len(shining) and name in shining[channel]) for channel in range(_CHANNELS)]
                for node in nodes:
                    temporary.set(node.inputs["Color"], "default_value", (*color, 1.0))
            setup.scene.update_tag()
            for view in views:
                renderer.set_sampling(samples=_samples(mattes[view.name], settings), seed=view.seed)
                rgb = renderer.render(view)[COLOR][..., :_CHANNELS]
                for channel in range(len(shining)):
                    found[view.name][first + channel] = rgb[..., channel]
    finally:
        temporary.restore()
        setup.scene.update_tag()
    return {name: _adding_up(np.clip(alphas, 0, 1), mattes[name].alpha, full) for name, alphas in found.items()}


def _samples(matte: AlphaEstimate, settings: RenderSettings) -> int:
    """Return as many samples as the matte had in each half, or would have had."""
    if matte.source == SOURCE:
        return first_samples(matte.alpha, settings.alpha_error, settings.max_alpha_samples)
    return min(sum(matte.samples), MAX_SAMPLES)


def _adding_up(alphas: Float, whole: Float, full: list[bool]) -> Float:
    """Scale the members' alphas so that they add up to the whole; what is missing goes to those of full material."""
    if any(full):
        alphas[full] = 0
        left = np.clip(whole - alphas.sum(axis=0), 0, 1)
        alphas[full] = left / sum(full)
    # Where the matte found a trace that these renders missed, it belongs to whatever is near.
    alphas += _TRACE * np.stack([cv2.blur(alpha, (7, 7)) for alpha in alphas]) + _TRACE**2
    return np.asarray(alphas * (whole / alphas.sum(axis=0)), np.float32)
