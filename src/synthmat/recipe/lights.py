"""Recipe section ``render.lights``: how the scene is lit."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag

from synthmat.recipe.distributions import Number, Uniform, within
from synthmat.strict_model import Section

Angle = Annotated[Number, within(-3600, 3600)]
Fraction = Annotated[Number, within(0, 1)]
Strength = Annotated[Number, within(0, 1000)]
Size = Annotated[Number, within(0.01, 20)]
Ambient = Annotated[Number, within(0, 10)]
Density = Annotated[Number, within(0, 10)]


class Tint(Section):
    """A color that light is multiplied with; white unless saturation is above 0."""

    hue: Angle = Field(default=0.0, description="Hue, degrees: 0 is red, 120 green, 240 blue.")
    saturation: Fraction = Field(default=0.0, description="0 is white, 1 the pure color.")


class ThreePoint(Section):
    """Key, fill and rim light around the object; azimuths count from azimuth 0 of the views."""

    strength: Strength = Field(
        default=1.0, description="Strength of all three together; 1 exposes a white object well."
    )
    key_azimuth: Angle = Field(default=-40.0, description="Azimuth of the key light, degrees.")
    key_elevation: Annotated[Number, within(-89, 89)] = Field(
        default=40.0, description="Elevation of the key light, degrees."
    )
    fill: Annotated[Number, within(0, 100)] = Field(default=0.4, description="Fill light, fraction of the key light.")
    rim: Annotated[Number, within(0, 100)] = Field(default=0.8, description="Rim light, fraction of the key light.")
    size: Size = Field(default=1.5, description="Edge of the square lights, in object radii; larger is softer.")
    temperature: Annotated[Number, within(1000, 20000)] = Field(
        default=6500.0, description="Color temperature of the key light, kelvin, 1000 to 20000."
    )
    ambient: Ambient = Field(default=0.15, description="Gray light from everywhere, so that no shadow is black.")
    key_tint: Tint = Field(default_factory=lambda: Tint(), description="Tint of the key light, on its temperature.")
    fill_tint: Tint = Field(default_factory=lambda: Tint(), description="Tint of the fill light.")
    rim_tint: Tint = Field(default_factory=lambda: Tint(), description="Tint of the rim light.")


class Hdri(Section):
    """Light from a panorama around the object."""

    files: str | list[str] = Field(
        default="all",
        description="Names of Blender's own panoramas (city, courtyard, forest, interior, night, studio, sunrise, "
        "sunset), `all` for those eight, or .hdr/.exr files or patterns; one is drawn for each object.",
    )
    rotation: Angle = Field(default=0.0, description="Rotation of the panorama about the vertical axis, degrees.")
    strength: Strength = Field(default=1.0, description="Factor on its brightness.")
    normalize: bool = Field(
        default=True,
        description="Bring all panoramas to one brightness, such that strength 1 exposes a white object well; as they "
        "come, Blender's own and free ones differ by five stops, and most clip white.",
    )
    saturation: Fraction = Field(default=1.0, description="How much of its color stays; 0 is gray light.")
    tint: Tint = Field(default_factory=lambda: Tint(), description="Tint of all its light.")


class SunSky(Section):
    """Sun and clear sky over level ground, with the colors that an atmosphere gives them."""

    strength: Strength = Field(
        default=1.0, description="Strength of all light; 1 exposes a white object well, at noon as at dusk."
    )
    sun_azimuth: Angle = Field(
        default=-40.0, description="Azimuth of the sun, degrees; counts from azimuth 0 of the views."
    )
    sun_elevation: Annotated[Number, within(0, 90)] = Field(
        default=35.0, description="Height of the sun, degrees; below 10 its light is orange to red."
    )
    sun_size: Annotated[Number, within(0.1, 60)] = Field(
        default=0.53, description="Diameter of the sun's disc, degrees; larger gives softer shadows, as of thin clouds."
    )
    sun_strength: Strength = Field(
        default=1.0, description="Factor on the sun's natural fraction of the light; 0 hides it."
    )
    sky_strength: Strength = Field(
        default=1.0, description="Factor on the sky's natural fraction; larger softens contrast."
    )
    air: Density = Field(default=1.0, description="Factor on the air: more is a bluer sky and a redder sun.")
    dust: Density = Field(default=1.0, description="Factor on the dust in the air: more is a whiter, hazier sky.")
    ground: Fraction = Field(default=0.25, description="Light that the ground gives back, fraction.")


class RandomLamps(Section):
    """Square lamps around the object, wherever they are drawn; every lamp draws its own values."""

    renamed: ClassVar[dict[str, str]] = {"share": "fraction"}

    count: Annotated[Number, within(1, 6)] = Field(
        default=Uniform(uniform=[2, 5]), description="How many lamps, 1 to 6; rounded to a whole number."
    )
    strength: Strength = Field(
        default=1.0,
        description="Strength of all lamps together; 1 exposes a white object well, however many there are.",
    )
    fraction: Annotated[Number, within(0.001, 1)] = Field(
        default=Uniform(uniform=[0.2, 1.0]), description="Strength of a lamp in proportion to the others."
    )
    azimuth: Angle = Field(
        default=Uniform(uniform=[-180, 180]),
        description="Azimuth of a lamp, degrees; counts from azimuth 0 of the views.",
    )
    elevation: Annotated[Number, within(-89, 89)] = Field(
        default=Uniform(uniform=[-10, 70]), description="Elevation of a lamp, degrees."
    )
    size: Size = Field(
        default=Uniform(uniform=[0.5, 4]), description="Edge of a lamp, in object radii; larger gives softer shadows."
    )
    hue: Angle = Field(default=Uniform(uniform=[0, 360]), description="Hue of a lamp, degrees.")
    saturation: Fraction = Field(
        default=Uniform(uniform=[0, 0.6]), description="How colored a lamp is: 0 is white, 1 the pure color."
    )
    ambient: Ambient = Field(default=0.15, description="Gray light from everywhere, so that no shadow is black.")


class MatchPhoto(Section):
    """A lamp and ambient light that fit a background photo: its colors, its brightness, its bright side.

    One photo is drawn for each object. Left and right are those of the object's first view, and the light stands still
    while the camera orbits. `composite` puts the frames on that photo, where object and photo belong to one split.
    """

    photos: str | list[str] = Field(
        default="backgrounds",
        description="`backgrounds` for those of composite.backgrounds, `builtin`, or a folder, a pattern, or a list.",
    )
    strength: Strength = Field(
        default=1.0, description="Strength of all light; 1 exposes a white object well in a photo of usual brightness."
    )
    color: Fraction = Field(
        default=0.5, description="How far the colors of the light follow the photo; 0 is white light."
    )
    brightness: Fraction = Field(default=0.5, description="How far the strength follows the photo's brightness.")
    azimuth: Angle = Field(
        default=Uniform(uniform=[-20, 20]),
        description="Rotation of the lamp from where the photo's bright side puts it, degrees.",
    )
    size: Size = Field(default=3.0, description="Edge of the lamp, in object radii; larger gives softer shadows.")


class LightEntry(Section):
    """What every way of lighting has."""

    weight: float = Field(
        default=1.0, gt=0, le=1e6, description="In a list: how often this one is drawn, relative to the others."
    )


class ThreePointLights(LightEntry):
    """Key, fill and rim light."""

    three_point: ThreePoint = Field(description="Key, fill and rim light.")


class HdriLights(LightEntry):
    """Light from a panorama."""

    hdri: Hdri = Field(description="A panorama around the object.")


class SunSkyLights(LightEntry):
    """Sun and sky."""

    sun_sky: SunSky = Field(description="Sun and clear sky.")


class RandomLights(LightEntry):
    """Lamps at random."""

    random: RandomLamps = Field(description="Lamps at random places in random colors.")


class MatchPhotoLights(LightEntry):
    """Light that fits a photo."""

    renamed: ClassVar[dict[str, str]] = {"as_photo": "match_photo"}

    match_photo: MatchPhoto = Field(description="Light that fits a background photo.")


_KEYS = {
    "three_point": ThreePointLights,
    "hdri": HdriLights,
    "sun_sky": SunSkyLights,
    "random": RandomLights,
    "match_photo": MatchPhotoLights,
}


def _lights_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        named = [MatchPhotoLights.renamed.get(str(key), str(key)) for key in value if key != "weight"]
        return next((key for key in named if key in _KEYS), named[0] if named else None)
    return next((key for key, kind in _KEYS.items() if isinstance(value, kind)), None)


LightSetup = Annotated[
    Annotated[ThreePointLights, Tag("three_point")]
    | Annotated[HdriLights, Tag("hdri")]
    | Annotated[SunSkyLights, Tag("sun_sky")]
    | Annotated[RandomLights, Tag("random")]
    | Annotated[MatchPhotoLights, Tag("match_photo")],
    Discriminator(
        _lights_tag,
        custom_error_type="lights",
        custom_error_message=f"lights needs one of the keys {', '.join(_KEYS)}",
    ),
]
"""One way of lighting a scene."""
