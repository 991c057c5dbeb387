"""Recipe section ``render.views``: where the camera stands."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator

from synthmat.recipe.distributions import Number, Uniform, within
from synthmat.strict_model import Section

_Count = Annotated[int, Field(ge=1, le=100_000)]
_Azimuth = Annotated[Number, within(-3600, 3600)]
_Span = Annotated[list[float], Field(min_length=2, max_length=2)]


class Turntable(Section):
    """Views on a circle around the object; 12 views 30 degrees apart is the classic."""

    count: _Count = Field(default=12, description="Number of views.")
    elevation: Annotated[Number, within(-89, 89)] = Field(
        default=15.0,
        description="Height of the camera above the horizon, degrees, -89 to 89; one draw for each object.",
    )
    start: _Azimuth = Field(
        default=0.0, description="Azimuth of the first view, degrees; 0 looks at the front (-Y in Blender)."
    )
    sweep: float = Field(default=360.0, gt=0, le=360, description="Angle that the views share, degrees.")


class Sphere(Section):
    """Views spread as evenly as can be over the sphere around the object, or over a zone of it."""

    count: _Count = Field(default=24, description="Number of views; another number moves all of them.")
    elevation: _Span = Field(
        default_factory=lambda: [-20.0, 60.0],
        description="Lowest and highest elevation, degrees; [-90, 90] is the whole sphere.",
    )
    start: _Azimuth = Field(
        default_factory=lambda: Uniform(uniform=[0.0, 360.0]),
        description="Rotation of the whole pattern about the vertical axis, degrees; one draw for each object.",
    )

    @field_validator("elevation")
    @classmethod
    def _zone(cls, value: list[float]) -> list[float]:
        return _elevations(value)


class Zone(Section):
    """Evenly distributed over the sphere's surface between two elevations: ``{zone: [low, high]}``."""

    zone: _Span = Field(description="Lowest and highest elevation, degrees, -90 to 90.")

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: list[float]) -> list[float]:
        return _elevations(value)


def _elevation_tag(value: Any) -> str:
    return "zone" if isinstance(value, Zone) or (isinstance(value, dict) and "zone" in value) else "number"


Elevation = Annotated[
    Annotated[Zone, Tag("zone")] | Annotated[Number, within(-89, 89), Tag("number")], Discriminator(_elevation_tag)
]
"""An elevation that may be drawn: evenly by area, or as any other number."""


class Random(Section):
    """Views at random places; adding views changes none of those before."""

    count: _Count = Field(default=24, description="Number of views.")
    azimuth: _Azimuth = Field(
        default_factory=lambda: Uniform(uniform=[0.0, 360.0]),
        description="Where the camera stands about the vertical axis, degrees; 0 looks at the front.",
    )
    elevation: Elevation = Field(
        default_factory=lambda: Zone(zone=[-20.0, 60.0]),
        description="Height of the camera above the horizon, degrees. `{zone: [low, high]}` sees every part of the "
        "sphere between two elevations equally often; a number or another distribution is possible too.",
    )


class TurntableViews(Section):
    """A circle around the object."""

    turntable: Turntable = Field(description="A circle around the object.")


class SphereViews(Section):
    """Views spread evenly over a sphere."""

    sphere: Sphere = Field(description="Evenly spread over the sphere around the object.")


class RandomViews(Section):
    """Views at random places."""

    random: Random = Field(description="Random places on the sphere around the object.")


def _views_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        return str(next(iter(value))) if len(value) == 1 else None
    return next(iter(type(value).model_fields)) if isinstance(value, Section) else None


Views = Annotated[
    Annotated[TurntableViews, Tag("turntable")]
    | Annotated[SphereViews, Tag("sphere")]
    | Annotated[RandomViews, Tag("random")],
    Discriminator(
        _views_tag,
        custom_error_type="views",
        custom_error_message="views needs exactly one of the keys turntable, sphere or random",
    ),
]
"""One way of placing the camera."""


def _elevations(value: list[float]) -> list[float]:
    if not -90 <= value[0] <= value[1] <= 90:
        raise ValueError(
            f"[{value[0]:g}, {value[1]:g}] is no range of elevations; give [low, high] with -90 <= low <= high <= 90"
        )
    return value
