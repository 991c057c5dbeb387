"""The light of each object: one of the recipe's set-ups, with every value drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthmat.atomic import sha256_file
from synthmat.errors import RecipeError
from synthmat.random_streams import stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.recipe.lights import Hdri, LightSetup, ThreePoint, ThreePointLights
from synthmat.records import Asset, HdriLight, Light, ThreePointLight
from synthmat.stage import resolve_pattern

BLENDER_HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


class Lights:
    """The recipe's light set-ups, with panoramas looked up once."""

    def __init__(self, recipe: Recipe, base: Path) -> None:
        self._seed = recipe.seed
        given = recipe.render.lights
        self._setups: list[LightSetup] = given if isinstance(given, list) else [given]
        self._panoramas = {
            id(setup): _panoramas(setup.hdri, base) for setup in self._setups if not isinstance(setup, ThreePointLights)
        }

    def draw_for(self, asset: Asset) -> Light:
        """Return the light of one object."""
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
