"""Recipe section ``render``: how frames are made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from synthmat.recipe.base import Section
from synthmat.recipe.distributions import Number, within


class Turntable(Section):
    """Views on a circle around the object; 12 views 30 degrees apart is the classic."""

    count: int = Field(12, ge=1, le=100_000, description="Number of views.")
    elevation: Annotated[Number, within(-89, 89)] = Field(
        15.0, description="Height of the camera above the horizon, degrees, -89 to 89."
    )
    start: Annotated[Number, within(-3600, 3600)] = Field(
        0.0, description="Azimuth of the first view, degrees; 0 looks at the front (-Y in Blender)."
    )
    sweep: float = Field(360.0, gt=0, le=360, description="Angle that the views share, degrees.")


class Views(Section):
    """Where the camera stands."""

    turntable: Turntable = Field(default_factory=lambda: Turntable(), description="A circle around the object.")


class Camera(Section):
    """Lens and framing."""

    focal_length: Annotated[Number, within(8, 400)] = Field(
        50.0, description="Focal length in mm on a 36 mm wide sensor, 8 to 400."
    )
    margin: float = Field(0.08, ge=0, lt=0.5, description="Free border around the object, share of the frame.")


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


class Render(Section):
    """How frames are made."""

    resolution: int | list[int] = Field(512, description="Edge of a square frame, or [width, height], pixels.")
    views: Views = Field(default_factory=lambda: Views(), description="Where the camera stands.")
    camera: Camera = Field(default_factory=lambda: Camera(), description="Lens and framing.")
    lights: LightSetup | list[LightSetup] = Field(
        default_factory=lambda: ThreePointLights(three_point=ThreePoint()),
        description="How the scene is lit; from a list, one set-up is drawn for each object.",
    )
    samples: int = Field(64, ge=1, le=65_536, description="Samples per pixel; alpha has at most this many levels + 1.")
    bit_depth: Literal[8, 16] = Field(8, description="Bits per channel of the PNG frames.")
    exposure: float = Field(0.0, ge=-20, le=20, description="Exposure in stops.")
    max_bounces: int = Field(8, ge=0, le=1024, description="Longest light path; transparent surfaces do not count.")
    missing_textures: Literal["error", "grey"] = Field(
        "error", description="A texture file that is not there: fail naming it, or paint the surface grey."
    )
    frame_timeout: float = Field(
        600.0, gt=0, description="Seconds without a finished frame after which a job counts as hung."
    )

    @field_validator("resolution")
    @classmethod
    def _possible(cls, value: int | list[int]) -> int | list[int]:
        edges = [value, value] if isinstance(value, int) else value
        if len(edges) != 2 or not all(16 <= edge <= 16_384 for edge in edges):
            raise ValueError("give one number or [width, height], each from 16 to 16384")
        return value

    @field_validator("lights")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if value == []:
            raise ValueError("the list is empty; leave lights out for a three-point light")
        return value

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame, pixels."""
        width, height = [self.resolution] * 2 if isinstance(self.resolution, int) else self.resolution
        return width, height
