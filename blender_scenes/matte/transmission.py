"""What each pixel lets through of the background, per color channel: colored glass that one alpha cannot tell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.temporary_settings import TemporarySettings
from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.blender.world import set_world_color
from synthmat.blender_scenes.materials.matte_materials import MatteMaterials
from synthmat.blender_scenes.scene.view_renderer import COLOR, MAX_SAMPLES, ViewRenderer
from synthmat.render_job import WHITE, RenderSettings, View

Float = npt.NDArray[np.float32]

_TIMES_SAMPLES, _SAMPLES = 4, 256
"""Samples a pixel: times those of the beauty pass where their number is fixed, or else so many."""


def measure_transmission(
    renderer: ViewRenderer,
    scene: bpy.types.Scene,
    settings: RenderSettings,
    views: list[View],
    mattes: MatteMaterials,
) -> dict[str, Float]:
    """Return the linear fraction of background light that reaches the camera, ``(H, W, 3)``, by the view's name.

    Counts light that comes through without being mirrored or scattered, from wherever it is bent to. Called within
    `matte.matte_scene`; views of scenes without glass and volumes are left out: there it is 1 - alpha.
    """
    if not (mattes.full or mattes.glass):
        return {}
    through = {}
    with _see_through(scene, mattes):
        for view in views:
            samples = min(settings.samples * _TIMES_SAMPLES or _SAMPLES, MAX_SAMPLES)
            renderer.set_sampling(samples=samples, seed=view.seed)
            through[view.name] = np.clip(renderer.render(view)[COLOR][..., :3], 0, 1)
    return through


@contextlib.contextmanager
def _see_through(scene: bpy.types.Scene, mattes: MatteMaterials) -> Iterator[None]:
    """Make opaque things black and the world white to the eye, but black to whatever mirrors or scatters it."""
    temporary = TemporarySettings()
    for node in (node for nodes in mattes.white.values() for node in nodes):
        temporary.set(node.inputs["Strength"], "default_value", 0.0)
    temporary.set(scene.render, "film_transparent", False)
    temporary.set(scene, "world", _background_world())
    scene.update_tag()
    try:
        yield
    finally:
        temporary.restore()
        scene.update_tag()


def _background_world() -> bpy.types.World:
    """Return a world that emits white on paths that were neither mirrored nor scattered on their way."""
    known = bpy.data.worlds.get("synthmat background")
    if known is not None:
        return known
    world = bpy.data.worlds.new("synthmat background")
    strength = set_world_color(world, WHITE).node.inputs["Strength"]
    tree = node_tree(world)
    path = tree.nodes.new("ShaderNodeLightPath")
    bounces = tree.nodes.new("ShaderNodeMath")
    bounces.operation = "ADD"
    tree.links.new(path.outputs["Glossy Depth"], bounces.inputs[0])
    tree.links.new(path.outputs["Diffuse Depth"], bounces.inputs[1])
    straight = tree.nodes.new("ShaderNodeMath")
    straight.operation = "LESS_THAN"
    straight.inputs[1].default_value = 0.5
    tree.links.new(bounces.outputs[0], straight.inputs[0])
    tree.links.new(straight.outputs[0], strength)
    return world
