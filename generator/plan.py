"""From a recipe to render jobs, one an object, in which every random draw is already a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthmat.atomic import sha256_file
from synthmat.errors import RecipeError
from synthmat.generator.objects import plan_assets
from synthmat.layout import Layout
from synthmat.random_streams import stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.recipe.render import Hdri, LightSetup, ThreePoint, ThreePointLights, Turntable
from synthmat.records import Asset, HdriLight, RenderJob, RenderSettings, ThreePointLight, View
from synthmat.stage import resolve_pattern

BLENDER_HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


def plan_render(recipe: Recipe, base: Path, layout: Layout) -> list[RenderJob]:
    """Return a job for each object with all of its views.

    Every draw comes from a stream named after the object and the quantity, so adding an object changes no other.

    Raises:
        RecipeError: A model or panorama that the recipe names is not there.
    """
    width, height = recipe.render.size
    settings = RenderSettings(
        width=width,
        height=height,
        samples=recipe.render.samples,
        bit_depth=recipe.render.bit_depth,
        exposure=recipe.render.exposure,
        max_bounces=recipe.render.max_bounces,
        margin=recipe.render.camera.margin,
        missing_textures=recipe.render.missing_textures,
    )
    lights = _Lights(recipe, base)
    return [
        RenderJob(
            asset=asset,
            light=lights.draw_for(asset),
            settings=settings,
            views=_turntable(recipe, asset, recipe.render.views.turntable),
            folder=str(layout.renders / asset.name),
            timeout_s=recipe.render.frame_timeout,
        )
        for asset in plan_assets(recipe, base)
    ]


def _turntable(recipe: Recipe, asset: Asset, turntable: Turntable) -> tuple[View, ...]:
    def drawn(what: str, number: Number, low: float, high: float) -> float:
        return draw(number, stream(recipe.seed, "object", asset.name, what), low, high)

    elevation = drawn("elevation", turntable.elevation, -89, 89)
    start = drawn("start", turntable.start, -3600, 3600)
    focal_length = drawn("focal_length", recipe.render.camera.focal_length, 8, 400)
    # One for all views: Cycles with persistent data sends the whole scene anew for another seed, 80 ms a frame.
    sampling_seed = int(stream(recipe.seed, "object", asset.name, "sampling").integers(2**31))
    digits = max(4, len(str(turntable.count - 1)))
    return tuple(
        View(
            name=f"{index:0{digits}d}",
            azimuth=(start + turntable.sweep * index / turntable.count) % 360,
            elevation=elevation,
            focal_length=focal_length,
            seed=sampling_seed,
        )
        for index in range(turntable.count)
    )


class _Lights:
    """The recipe's light set-ups, with panoramas looked up once."""

    def __init__(self, recipe: Recipe, base: Path) -> None:
        self._seed = recipe.seed
        given = recipe.render.lights
        self._setups: list[LightSetup] = given if isinstance(given, list) else [given]
        self._panoramas = {
            id(setup): _panoramas(setup.hdri, base) for setup in self._setups if not isinstance(setup, ThreePointLights)
        }

    def draw_for(self, asset: Asset) -> ThreePointLight | HdriLight:
        chosen = self._setups[int(self._stream(asset, "light").integers(len(self._setups)))]
        if isinstance(chosen, ThreePointLights):
            return self._three_point(asset, chosen.three_point)
        panoramas = self._panoramas[id(chosen)]
        file, digest = panoramas[int(self._stream(asset, "hdri").integers(len(panoramas)))]
        return HdriLight(
            file=file,
            rotation=draw(chosen.hdri.rotation, self._stream(asset, "hdri_rotation"), -3600, 3600) % 360,
            strength=draw(chosen.hdri.strength, self._stream(asset, "hdri_strength"), 0, 1000),
            fingerprint=digest,
        )

    def _three_point(self, asset: Asset, light: ThreePoint) -> ThreePointLight:
        def drawn(what: str, number: Number, low: float, high: float) -> float:
            return draw(number, self._stream(asset, what), low, high)

        return ThreePointLight(
            strength=drawn("strength", light.strength, 0, 1000),
            key_azimuth=drawn("key_azimuth", light.key_azimuth, -3600, 3600),
            key_elevation=drawn("key_elevation", light.key_elevation, -89, 89),
            fill=drawn("fill", light.fill, 0, 100),
            rim=drawn("rim", light.rim, 0, 100),
            size=drawn("size", light.size, 0.01, 20),
            temperature=drawn("temperature", light.temperature, 1000, 20_000),
            ambient=drawn("ambient", light.ambient, 0, 10),
        )

    def _stream(self, asset: Asset, what: str) -> np.random.Generator:
        return stream(self._seed, "object", asset.name, what)


def _panoramas(hdri: Hdri, base: Path) -> list[tuple[str, str]]:
    """Return the file or name, and the fingerprint, of each panorama that may be drawn."""
    found: list[tuple[str, str]] = []
    for entry in [hdri.files] if isinstance(hdri.files, str) else hdri.files:
        if entry == "all":
            found += [(name, name) for name in BLENDER_HDRIS]
        elif entry in BLENDER_HDRIS:
            found.append((entry, entry))
        else:
            files = resolve_pattern(base, entry, (".hdr", ".exr"))
            if not files:
                names = ", ".join(BLENDER_HDRIS)
                raise RecipeError(f"render.lights: no panorama at {base / entry}; Blender's own are {names}")
            found += [(str(file), sha256_file(file)) for file in files]
    return found
