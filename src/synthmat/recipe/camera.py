"""Recipe sections ``render.camera``, ``render.depth_of_field`` and ``render.motion_blur``.

Fractions of the frame are of its width, except for what is vertical, which is of its height.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Discriminator, Field, Tag, field_validator

from synthmat.recipe.distributions import Number, Uniform, within
from synthmat.strict_model import Section

Side = Literal["left", "right", "top", "bottom"]


class Truncation(Section):
    """Objects that the edge of the frame cuts off on purpose; drawn for each view."""

    renamed: ClassVar[dict[str, str]] = {"share": "fraction"}

    probability: float = Field(
        default=0.2, ge=0, le=1, description="Fraction of the views in which the object is cut off."
    )
    fraction: Annotated[Number, within(0.01, 0.9)] = Field(
        default_factory=lambda: Uniform(uniform=[0.05, 0.4]),
        description="How much of the object's width (or height) lies outside the frame, 0.01 to 0.9.",
    )
    sides: list[Side] = Field(
        default_factory=lambda: list(get_args(Side)),
        min_length=1,
        description="Edges of the frame that may cut it; one is drawn.",
    )


Framing = Literal["whole", "portrait", "half_length", "three_quarters"]


class Camera(Section):
    """Lens and framing. Numbers are drawn once an object for a turntable, and for every view of other views."""

    renamed: ClassVar[dict[str, str]] = {"cut_off": "truncation"}

    focal_length: Annotated[Number, within(8, 400)] = Field(
        default=50.0, description="Focal length in mm on a 36 mm wide sensor, 8 to 400."
    )
    margin: float = Field(
        default=0.08, ge=0, lt=0.5, description="Free border around the object, fraction of the frame."
    )
    fit: Literal["auto", "orbit", "silhouette"] = Field(
        default="auto",
        description="What fills the frame inside the margin. `orbit`: all that the object sweeps when it turns, so "
        "that its size stays the same around a turntable. `silhouette`: what is seen in the view, as large as can be "
        "and in the middle. `auto`: orbit for a turntable, silhouette otherwise.",
    )
    framing: Framing | Annotated[list[Framing], Field(min_length=1)] = Field(
        default="whole",
        description="What fills the frame; of a list one is drawn for every view, or of a turntable for every "
        "object. `whole`: the object. Otherwise its "
        "lower part reaches beyond the frame, as people do in photos. `portrait`: head and shoulders, `half_length`: "
        "down to the waist, `three_quarters`: down to the thighs. Of objects that are no people: the upper 26, 52 or "
        "76 percent of their height.",
    )
    fill: Annotated[Number, within(0.05, 1)] = Field(
        default=1.0, description="Size of the object, fraction of the largest that fits; 0.05 to 1."
    )
    roll: Annotated[Number, within(-180, 180)] = Field(
        default=0.0,
        description="Rotation of the camera about its line of sight, degrees; 10 turns the picture 10 clockwise.",
    )
    offset_x: Annotated[Number, within(-0.4, 0.4)] = Field(
        default=0.0,
        description="Shift to the right, fraction of the frame's width. The lens is shifted, so that the object's "
        "perspective stays; where there is no room for it, the object becomes smaller.",
    )
    offset_y: Annotated[Number, within(-0.4, 0.4)] = Field(
        default=0.0, description="Shift upwards, fraction of the frame's height; see `offset_x`."
    )
    truncation: Truncation | None = Field(
        default=None, description="Objects that the edge of the frame cuts off; without this none is."
    )


class DepthOfField(Section):
    """Blur of what is not in focus; drawn for each view.

    Models have no known size, so the aperture is chosen by the blur it gives.
    """

    probability: float = Field(
        default=1.0, ge=0, le=1, description="Fraction of the views that have it; the others are sharp."
    )
    blur: Annotated[Number, within(0, 0.1)] = Field(
        default_factory=lambda: Uniform(uniform=[0.0, 0.02]),
        description="Diameter of the blur disc where the object is most out of focus, fraction of the frame's width.",
    )
    focus: Annotated[Number, within(0, 1)] = Field(
        default=0.25, description="Depth in focus: 0 is the object's nearest point, 1 its farthest."
    )


class Slide(Section):
    """The camera slides sideways while the shutter is open: a straight smear."""

    length: Annotated[Number, within(0, 0.4)] = Field(
        default_factory=lambda: Uniform(uniform=[0.01, 0.05]),
        description="Length of the smear of the nearest part of the object, fraction of the frame's width.",
    )
    direction: Annotated[Number, within(-3600, 3600)] = Field(
        default_factory=lambda: Uniform(uniform=[0.0, 360.0]),
        description="Direction of the smear, degrees; 0 is along the frame's width, 90 along its height.",
    )


class Spin(Section):
    """The camera orbits while the shutter is open, as if the object turned about its vertical axis."""

    angle: Annotated[Number, within(0, 45)] = Field(
        default_factory=lambda: Uniform(uniform=[1.0, 6.0]), description="Angle during the exposure, degrees."
    )


class SlideMovement(Section):
    """A straight smear."""

    slide: Slide = Field(description="The camera slides sideways: a straight smear.")


class SpinMovement(Section):
    """A turn about the vertical axis."""

    spin: Spin = Field(description="The camera orbits, as if the object turned about its vertical axis.")


def _movement_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        return str(next(iter(value))) if len(value) == 1 else None
    return next(iter(type(value).model_fields)) if isinstance(value, Section) else None


Movement = Annotated[
    Annotated[SlideMovement, Tag("slide")] | Annotated[SpinMovement, Tag("spin")],
    Discriminator(
        _movement_tag,
        custom_error_type="movement",
        custom_error_message="movement needs exactly one of the keys slide or spin",
    ),
]
"""One way of moving the camera during the exposure."""


class MotionBlur(Section):
    """Movement of the camera while the shutter is open; drawn for each view."""

    probability: float = Field(
        default=1.0, ge=0, le=1, description="Fraction of the views that have it; the others are sharp."
    )
    movement: Movement | list[Movement] = Field(
        default_factory=lambda: SlideMovement(slide=Slide()),
        description="How the camera moves; from a list, one movement is drawn for each view.",
    )

    @field_validator("movement")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if value == []:
            raise ValueError("the list is empty; leave movement out for a straight smear")
        return value
