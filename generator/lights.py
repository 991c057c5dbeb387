"""The light of each object: one of the recipe's set-ups, with every value drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synthmat.errors import RecipeError
from synthmat.generator.panoramas import list_panoramas
from synthmat.generator.photo_light import PhotoTone, light_from_photo, measure_tone
from synthmat.generator.random_lamps import hue_color, plan_random_lamps
from synthmat.photos import Photo, list_photos
from synthmat.random_streams import ranked, stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.recipe.lights import (
    Hdri,
    HdriLights,
    LightSetup,
    MatchPhoto,
    MatchPhotoLights,
    RandomLights,
    SunSky,
    SunSkyLights,
    ThreePoint,
    ThreePointLights,
    Tint,
)
from synthmat.render_job import WHITE, Asset, Color, HdriLight, Light, PhotoLight, SunSkyLight, ThreePointLight, View


class Lights:
    """The recipe's light set-ups; panoramas and photos are looked up once, and each photo is measured once."""

    def __init__(self, recipe: Recipe, base: Path) -> None:
        """Look up what the set-ups name.

        Raises:
            RecipeError: A panorama or photo is not there.
        """
        self._seed = recipe.seed
        given = recipe.render.lights
        self._setups: list[LightSetup] = given if isinstance(given, list) else [given]
        self._panoramas: dict[int, list[tuple[str, str]]] = {}
        self._photos: dict[int, list[Photo]] = {}
        self._tones: dict[str, PhotoTone] = {}
        for setup in self._setups:
            if isinstance(setup, HdriLights):
                self._panoramas[id(setup.hdri)] = list_panoramas(setup.hdri, base)
            elif isinstance(setup, MatchPhotoLights):
                self._photos[id(setup.match_photo)] = _photos(setup.match_photo, recipe, base)

    def draw_for(self, asset: Asset, views: tuple[View, ...]) -> Light:
        """Return the light of one object that is seen in ``views``.

        Raises:
            AssetError: The photo that the light should fit cannot be read.
        """
        chosen = self._setups[self._choose(asset)]
        match chosen:
            case ThreePointLights():
                return self._three_point(asset, chosen.three_point)
            case HdriLights():
                return self._hdri(asset, chosen.hdri)
            case SunSkyLights():
                return self._sun_sky(asset, chosen.sun_sky)
            case RandomLights():
                return plan_random_lamps(chosen.random, lambda *what: self._stream(asset, *what))
            case MatchPhotoLights():
                return self._match_photo(asset, chosen.match_photo, views[0].azimuth)

    def _choose(self, asset: Asset) -> int:
        numbers = [str(number) for number in range(len(self._setups))]
        return self._first(asset, "light", choices=numbers, weights=[setup.weight for setup in self._setups])

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
            key_color=self._tint(asset, "key", light.key_tint),
            fill_color=self._tint(asset, "fill", light.fill_tint),
            rim_color=self._tint(asset, "rim", light.rim_tint),
        )

    def _hdri(self, asset: Asset, light: Hdri) -> HdriLight:
        panoramas = self._panoramas[id(light)]
        file, digest = panoramas[self._first(asset, "hdri", choices=[digest for _, digest in panoramas])]
        return HdriLight(
            file=file,
            rotation=draw(light.rotation, self._stream(asset, "hdri_rotation"), -3600, 3600) % 360,
            strength=draw(light.strength, self._stream(asset, "hdri_strength"), 0, 1000),
            fingerprint=digest,
            saturation=draw(light.saturation, self._stream(asset, "hdri_saturation"), 0, 1),
            tint=self._tint(asset, "hdri_tint", light.tint),
            normalize=light.normalize,
        )

    def _sun_sky(self, asset: Asset, light: SunSky) -> SunSkyLight:
        def drawn(what: str, number: Number, low: float, high: float) -> float:
            return draw(number, self._stream(asset, "sun_sky", what), low, high)

        return SunSkyLight(
            strength=drawn("strength", light.strength, 0, 1000),
            sun_azimuth=drawn("sun_azimuth", light.sun_azimuth, -3600, 3600) % 360,
            sun_elevation=drawn("sun_elevation", light.sun_elevation, 0, 90),
            sun_size=drawn("sun_size", light.sun_size, 0.1, 60),
            sun_strength=drawn("sun_strength", light.sun_strength, 0, 1000),
            sky_strength=drawn("sky_strength", light.sky_strength, 0, 1000),
            air=drawn("air", light.air, 0, 10),
            dust=drawn("dust", light.dust, 0, 10),
            ground=drawn("ground", light.ground, 0, 1),
        )

    def _match_photo(self, asset: Asset, light: MatchPhoto, front: float) -> PhotoLight:
        def drawn(what: str, number: Number, low: float, high: float) -> float:
            return draw(number, self._stream(asset, "as_photo", what), low, high)

        photos = self._photos[id(light)]
        photo = photos[self._first(asset, "as_photo", choices=[photo.sha256 or photo.name for photo in photos])]
        return light_from_photo(
            photo,
            self._tone(photo),
            strength=drawn("strength", light.strength, 0, 1000),
            color=drawn("color", light.color, 0, 1),
            brightness=drawn("brightness", light.brightness, 0, 1),
            azimuth=front + drawn("azimuth", light.azimuth, -3600, 3600),
            size=drawn("size", light.size, 0.01, 20),
        )

    def _tone(self, photo: Photo) -> PhotoTone:
        if photo.path not in self._tones:
            self._tones[photo.path] = measure_tone(Path(photo.path))
        return self._tones[photo.path]

    def _tint(self, asset: Asset, name: str, tint: Tint) -> Color:
        if tint.saturation == 0:
            return WHITE
        hue = draw(tint.hue, self._stream(asset, f"{name}_hue"), -3600, 3600)
        return hue_color(hue, draw(tint.saturation, self._stream(asset, f"{name}_saturation"), 0, 1))

    def _first(self, asset: Asset, what: str, *, choices: Sequence[str], weights: Sequence[float] | None = None) -> int:
        """Return the place of the object's choice; a further one is taken by its fraction of the objects only."""
        return ranked(self._seed, "object", asset.name, what, choices=choices, weights=weights)[0]

    def _stream(self, asset: Asset, *what: str | int) -> np.random.Generator:
        return stream(self._seed, "object", asset.name, *what)


def _photos(light: MatchPhoto, recipe: Recipe, base: Path) -> list[Photo]:
    """Return the photos that light may be made to fit."""
    if light.photos == "backgrounds":
        photos, _ = list_photos(recipe.composite.backgrounds, base, recipe.composite.max_backgrounds)
    else:
        photos, _ = list_photos(light.photos, base, place="render.lights: match_photo.photos")
    if not photos:
        raise RecipeError("render.lights: match_photo.photos names no photo")
    return photos
