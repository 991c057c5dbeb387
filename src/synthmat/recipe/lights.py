"""Recipe section ``render.lights``: how the scene is lit."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from synthmat.recipe.base import Section
from synthmat.recipe.distributions import Number, within


class ThreePoint(Section):
    """Key, fill and rim light around the object; azimuths count from azimuth 0 of the views."""

    strength: Annotated[Number, within(0, 1000)] = Field(
        1.0, description="Strength of all three together; 1 exposes a white object well."
    )
    key_azimuth: Annotated[Number, within(-3600, 3600)] = Field(-40.0, description="Azimuth of the key light, degrees.")
    key_elevation: Annotated[Number, within(-89, 89)] = Field(40.0, description="Elevation of the key light, degrees.")
    fill: Annotated[Number, within(0, 100)] = Field(0.4, description="Fill light, share of the key light.")
    rim: Annotated[Number, within(0, 100)] = Field(0.8, description="Rim light, share of the key light.")
    size: Annotated[Number, within(0.01, 20)] = Field(
        1.5, description="Edge of the square lights, in object radii; larger is softer."
    )
    temperature: Annotated[Number, within(1000, 20000)] = Field(
        6500.0, description="Colour temperature of the key light, kelvin, 1000 to 20000."
    )
    ambient: Annotated[Number, within(0, 10)] = Field(
        0.15, description="Grey light from everywhere, so that no shadow is black."
    )


class Hdri(Section):
    """Light from a panorama around the object."""

    files: str | list[str] = Field(
        "all",
        description="Names of Blender's own panoramas (city, courtyard, forest, interior, night, studio, sunrise, "
        "sunset), `all` for those eight, or .hdr/.exr files or patterns; one is drawn for each object.",
    )
    rotation: Annotated[Number, within(-3600, 3600)] = Field(
        0.0, description="Turn of the panorama about the vertical axis, degrees."
    )
    strength: Annotated[Number, within(0, 1000)] = Field(1.0, description="Factor on its brightness.")


class ThreePointLights(Section):
    """Key, fill and rim light."""

    three_point: ThreePoint = Field(description="Key, fill and rim light.")


class HdriLights(Section):
    """Light from a panorama."""

    hdri: Hdri = Field(description="A panorama around the object.")


def _lights_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((str(key) for key in value), None)
    return "three_point" if isinstance(value, ThreePointLights) else "hdri"


LightSetup = Annotated[
    Annotated[ThreePointLights, Tag("three_point")] | Annotated[HdriLights, Tag("hdri")],
    Discriminator(
        _lights_tag,
        custom_error_type="lights",
        custom_error_message="lights needs one of the keys three_point or hdri",
    ),
]
"""One way of lighting a scene."""
