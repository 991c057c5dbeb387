"""From a recipe to render jobs, one an object, in which every random draw is already a number."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from synthmat.generator.animation import expand_sequence, plan_animation
from synthmat.generator.lights import Lights
from synthmat.generator.looks import plan_look
from synthmat.generator.objects import plan_assets
from synthmat.generator.views import plan_views
from synthmat.random_streams import stream
from synthmat.recipe import Recipe, draw
from synthmat.render_job import Asset, RenderJob, RenderSettings
from synthmat.storage.output_folder import OutputFolder


def plan_render(recipe: Recipe, base: Path, output: OutputFolder) -> list[RenderJob]:
    """Return a job for each object with all of its views.

    Every draw comes from a stream named after the object and the quantity, so adding an object changes no other.

    Raises:
        RecipeError: A model or panorama that the recipe names is not there.
    """
    width, height = recipe.render.size
    settings = RenderSettings(
        width=width,
        height=height,
        samples=recipe.render.samples or 0,
        bit_depth=recipe.render.bit_depth,
        exposure=0.0,
        max_bounces=recipe.render.max_bounces,
        margin=recipe.render.camera.margin,
        missing_textures=recipe.render.missing_textures,
        alpha_error=recipe.render.alpha_error,
        max_alpha_samples=recipe.render.max_alpha_samples,
        passes=tuple(sorted(set(recipe.render.passes))),
        color_error=recipe.render.color_error,
        max_color_samples=recipe.render.max_color_samples,
        denoise=recipe.render.denoise,
    )
    lights = Lights(recipe, base)
    return [
        RenderJob(
            asset=asset,
            light=lights.draw_for(asset, views),
            settings=dataclasses.replace(settings, exposure=_exposure(recipe, asset)),
            views=views,
            look=plan_look(recipe, asset),
            animation=plan_animation(recipe, asset),
            folder=str(output.renders / asset.name),
            timeout_s=recipe.render.frame_timeout,
            start_timeout_s=recipe.render.start_timeout,
            memory_bytes=round(recipe.render.worker_memory * 2**30),
        )
        for asset in plan_assets(recipe, base)
        for views in [expand_sequence(plan_views(recipe, asset), recipe, asset)]
    ]


def _exposure(recipe: Recipe, asset: Asset) -> float:
    return draw(recipe.render.exposure, stream(recipe.seed, "object", asset.name, "exposure"), -20, 20)
