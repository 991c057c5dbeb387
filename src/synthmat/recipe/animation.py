"""Recipe section ``render.animation``: poses and movements that a model brings along."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from synthmat.recipe.distributions import Number, within
from synthmat.strict_model import Section


def _start_tag(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


Start = Annotated[
    Annotated[Literal["random"], Tag("word")] | Annotated[Number, within(0, 86_400), Tag("number")],
    Discriminator(_start_tag),
]
"""When a sequence begins: anywhere in the action, or at a number of seconds."""


class Sequence(Section):
    """Consecutive frames for video: each view of ``render.views`` becomes a clip.

    The frames of view 0003 are called 0003_0000, 0003_0001 and so on. All clips of an object show the same movement.
    """

    frames: int = Field(default=24, ge=1, le=100_000, description="Frames in each clip.")
    fps: float = Field(default=24.0, gt=0, le=1000, description="Frames a second.")
    start: Start = Field(
        default="random",
        description="Where in the action a clip begins: `random`, or seconds; one draw for each object.",
    )
    speed: Annotated[Number, within(0.01, 100)] = Field(
        default=1.0, description="How many times as fast as it is the action plays; one draw for each object."
    )
    shutter: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How long the shutter is open, fraction of the time between frames; 0 is sharp.",
    )
    at_end: Literal["auto", "repeat", "bounce", "hold"] = Field(
        default="auto",
        description="What comes where the action ends: `repeat` begins anew, `bounce` runs it backwards, `hold` keeps "
        "its last pose; `auto` repeats an action that ends as it begins and bounces off the end of any other.",
    )
    spin: Annotated[Number, within(-720, 720)] = Field(
        default=0.0,
        description="How fast the camera goes on around the object, degrees a second, counter-clockwise seen from "
        "above; one draw for each object. The size in the frame then stays the same, as on a turntable.",
    )


class Animation(Section):
    """What becomes of a model's own animation; models without any stay as they are. Built-in people have some."""

    pose: Literal["authored", "random", "rest"] = Field(
        default="authored",
        description="`authored` shows a model as its file does; `random` poses it at a random moment of an action, one "
        "for each object; `rest` shows it unposed, as its skin was made.",
    )
    action: str = Field(
        default="random",
        min_length=1,
        description="The action that a random pose or a sequence shows: `random`, or its name in the model; `none` "
        "keeps the pose and only lets a sequence's camera move.",
    )
    motion_blur: Annotated[Number, within(0, 1)] = Field(
        default=0.0,
        description="Seconds that the shutter is open in a random pose, so that what moves is blurred; one draw for "
        "each object. A sequence has its own `shutter`.",
    )
    sequence: Sequence | None = Field(default=None, description="Clips for video instead of single frames.")

    @model_validator(mode="after")
    def _something_to_show(self) -> Animation:
        if self.pose == "random" and self.action == "none":
            raise ValueError("a random pose needs an action: leave action out, or use pose: authored")
        return self
