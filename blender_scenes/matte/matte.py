"""The matte pass: the scene as it is when only coverage counts, and renders of it until alpha is exact enough.

In it the error that Cycles sees is the error of alpha itself. Pixels that are wholly inside or outside never differ
between samples and stop after the fewest; all others get the same number of samples, which stratified sampling turns
into an error that falls with their 0.75th power. (A threshold that stops each pixel by its own luck needs up to twice
the time for the same error: most of what is left then sits in pixels that stopped too early. Glass is the exception.)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.temporary_settings import TemporarySettings
from synthmat.blender_scenes.blender.world import set_world_color
from synthmat.blender_scenes.camera.instants import is_sharp
from synthmat.blender_scenes.materials.matte_materials import MatteMaterials, to_matte
from synthmat.blender_scenes.matte.alpha_estimate import AlphaEstimate, first_samples
from synthmat.blender_scenes.matte.coverage_mattes import Covered
from synthmat.blender_scenes.models.geometry import visible_materials
from synthmat.blender_scenes.scene.view_renderer import COLOR, ViewRenderer
from synthmat.render_job import WHITE, RenderSettings, View

Float = npt.NDArray[np.float32]

PARTLY = "coverage, matte pass where it is seen through"
"""`AlphaEstimate.source` of mattes that were rendered only where they are not plain coverage."""

_MIN_SAMPLES = 16
_NEVER_CONVERGED = 1e-6
_MAX_ROUNDS = 5
_CROSSINGS = 24
_GLASS_THRESHOLD = 1.25
"""Times the wanted error, the noise at which a pixel behind glass stops. Nearly all of them are fractional there, most
are smooth: it takes a quarter to a half of the time, and an error far below what is wanted grows by a third at most."""
_FIRST_OF_FULL, _FIRST_OF_GLASS = 128, 64


@contextlib.contextmanager
def matte_scene(scene: bpy.types.Scene, wanted: float) -> Iterator[MatteMaterials]:
    """Replace all light and materials by white emission while the block runs; ``wanted`` is the error of alpha.

    Where a material stays full (glass, volumes), the world is white too: then all that is not seen straight through
    comes back white, however often it was bent, so that there too color is alpha.
    """
    materials = to_matte(visible_materials())
    temporary = TemporarySettings()
    try:
        for item in scene.objects:
            if item.type == "LIGHT":
                temporary.set(item, "hide_render", True)
        temporary.set(scene, "world", _white_world(1.0 if materials.full else 0.0))
        if materials.full or materials.glass:
            _follow_what_goes_through(scene, temporary)
        else:
            temporary.set(scene.cycles, "max_bounces", 0)
        temporary.set(scene.cycles, "use_light_tree", False)  # asked at each rough hit even where no lamp is left
        temporary.set(scene.view_layers[0].cycles, "denoising_store_passes", False)
        temporary.set(scene.cycles, "samples", scene.cycles.samples)
        temporary.set(scene.cycles, "seed", scene.cycles.seed)
        temporary.set(scene.cycles, "use_adaptive_sampling", True)
        by_noise = materials.glass and not materials.full
        threshold = max(_NEVER_CONVERGED, _GLASS_THRESHOLD * wanted if by_noise else 0.0)
        temporary.set(scene.cycles, "adaptive_threshold", threshold)
        temporary.set(scene.cycles, "adaptive_min_samples", _MIN_SAMPLES)
        # Else a ray through clear layers or tinted glass may be ended by chance: noise where alpha needs none.
        temporary.set(scene.cycles, "min_transparent_bounces", scene.cycles.transparent_max_bounces)
        temporary.set(scene.cycles, "min_light_bounces", scene.cycles.max_bounces)
        for socket, value in _dark_volumes(visible_materials()):
            temporary.set(socket, "default_value", value)
        scene.update_tag()
        yield materials
    finally:
        temporary.restore()
        materials.restore()
        scene.update_tag()


def _follow_what_goes_through(scene: bpy.types.Scene, temporary: TemporarySettings) -> None:
    """Follow light through glass as far as it goes, and drop it soon after it was mirrored or scattered.

    What was mirrored counts as opaque, whatever becomes of it. It is followed once, so that its pixel shows that it is
    not done yet.
    """
    temporary.set(scene.cycles, "max_bounces", _CROSSINGS + 1)
    temporary.set(scene.cycles, "transmission_bounces", _CROSSINGS)
    temporary.set(scene.cycles, "glossy_bounces", 1)
    temporary.set(scene.cycles, "diffuse_bounces", 0)
    temporary.set(scene.cycles, "volume_bounces", 0)


def _dark_volumes(materials: list[bpy.types.Material]) -> Iterator[tuple[bpy.types.NodeSocket, Any]]:
    """Yield what makes volumes absorb all that they now scatter: transmittance stays, and its noise goes.

    Of each unit of density Cycles scatters the share c of Color and absorbs (1 - c) (1 - sqrt(a)), with a for
    Absorption Color; with c = 0 it takes as much away in all where a is (1 - c)^2 a. A little light of their own tells
    Cycles where they are.
    """
    for material in materials:
        for node in material.node_tree.nodes if material.node_tree else ():
            if node.type != "PRINCIPLED_VOLUME":
                continue
            scattered, absorbed = node.inputs["Color"], node.inputs["Absorption Color"]
            if not scattered.is_linked and not absorbed.is_linked:
                fractions = zip(scattered.default_value[:3], absorbed.default_value[:3], strict=True)
                yield absorbed, (*(max(1 - c, 0.0) ** 2 * max(a, 0.0) for c, a in fractions), 1.0)
                yield scattered, (0.0, 0.0, 0.0, 1.0)
                if not node.inputs["Emission Strength"].is_linked:
                    yield node.inputs["Emission Strength"], 1.0


def measure_mattes(
    renderer: ViewRenderer,
    settings: RenderSettings,
    views: list[View],
    rough: dict[str, Float],
    materials: MatteMaterials,
    covered: dict[str, Covered],
) -> dict[str, AlphaEstimate]:
    """Render mattes within `matte_scene` until each is as exact as ``settings`` want it, by the view's name.

    ``rough`` is the beauty pass's alpha ``(H, W)`` of each view, by which the first renders choose their samples.
    Of views in ``covered`` only what is unknown there is rendered.
    """
    wanted, limit = settings.alpha_error, settings.max_alpha_samples
    estimates = {
        view.name: AlphaEstimate(PARTLY, covered[view.name].estimate.systematic)
        if view.name in covered
        else AlphaEstimate("matte pass")
        for view in views
    }
    blurred = {view.name: not is_sharp(renderer.camera_fields[view.name]) for view in views}
    samples = {name: first_samples(rough[name], wanted, limit, blurred=blurred[name]) for name in estimates}
    if materials.full or materials.glass:
        max_samples = _FIRST_OF_FULL if materials.full else _FIRST_OF_GLASS
        samples = {name: min(first, max_samples) for name, first in samples.items()}
    for number in range(_MAX_ROUNDS):
        unfinished = sorted((view for view in views if samples[view.name]), key=lambda view: samples[view.name])
        halves: tuple[list[Float], list[Float]] = ([], [])
        for half in (0, 1):
            for view in unfinished:
                renderer.set_sampling(samples=samples[view.name], seed=_seed(view.seed, 2 * number + half))
                known = covered.get(view.name)
                alpha = renderer.render(view, region=known.unknown if known else None)[COLOR][..., 3]
                if known:
                    alpha = np.where(known.unknown, alpha, known.estimate.means()[half])
                halves[half].append(alpha)
        for view, first, second in zip(unfinished, *halves, strict=True):
            estimates[view.name].add(first, second, samples[view.name])
            samples[view.name] = estimates[view.name].more_samples(wanted, limit)
        if not any(samples.values()):
            break
    return estimates


def _seed(seed: int, number: int) -> int:
    """Return a seed of the sampling pattern that no other render of the frame has."""
    return (seed + 0x3C6EF372 * (number + 1)) % 2**31


def _white_world(strength: float) -> bpy.types.World:
    """Return a world that emits white in all directions."""
    name = f"synthmat white {strength:g}"
    known = bpy.data.worlds.get(name)
    if known is not None:
        return known
    world = bpy.data.worlds.new(name)
    set_world_color(world, WHITE, strength)
    return world
