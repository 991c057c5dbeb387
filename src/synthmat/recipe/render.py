"""Recipe section ``render``: how frames are made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from synthmat.recipe.animation import Animation
from synthmat.recipe.camera import Camera, DepthOfField, MotionBlur
from synthmat.recipe.distributions import Number, within
from synthmat.recipe.lights import LightSetup, ThreePoint, ThreePointLights
from synthmat.recipe.looks import Looks
from synthmat.recipe.views import Turntable, TurntableViews, Views
from synthmat.strict_model import Section

PassName = Literal["exr", "depth", "normal", "position", "index", "objects", "shadow", "transmission"]
"""What can be written beside a frame."""


class Render(Section):
    """How frames are made."""

    resolution: int | list[int] = Field(default=512, description="Edge of a square frame, or [width, height], pixels.")
    views: Views = Field(
        default_factory=lambda: TurntableViews(turntable=Turntable()), description="Where the camera stands."
    )
    camera: Camera = Field(default_factory=lambda: Camera(), description="Lens and framing.")
    depth_of_field: DepthOfField | None = Field(
        default=None, description="Blur of what is not in focus; without this, all is sharp."
    )
    motion_blur: MotionBlur | None = Field(
        default=None, description="Movement of the camera while the shutter is open; without this, it stands still."
    )
    lights: LightSetup | list[LightSetup] = Field(
        default_factory=lambda: ThreePointLights(three_point=ThreePoint()),
        description="How the scene is lit; from a list, one set-up is drawn for each object.",
    )
    looks: Looks = Field(default_factory=lambda: Looks(), description="Random materials.")
    animation: Animation = Field(
        default_factory=lambda: Animation(), description="What becomes of a model's own animation."
    )
    color_error: float = Field(
        default=0.008,
        gt=0,
        le=0.1,
        description="Error of color that is aimed at: root mean square of straight sRGB values over the object; 0.004 "
        "is one 8-bit level. It is estimated for each frame and stands in its row.",
    )
    max_color_samples: int = Field(
        default=128, ge=16, le=65_536, description="Samples per pixel at which color is given up on; its row says so."
    )
    samples: int | None = Field(
        default=None,
        ge=1,
        le=65_536,
        description="Fixed number of samples per pixel for color, in place of what color_error asks for; an odd one "
        "counts as the next even one.",
    )
    denoise: Literal["auto", "off", "all"] = Field(
        default="auto",
        description="Take the noise out of the PNG frames' color where that brings it nearer to the truth, by "
        "measurement on each frame; all: of EXR masters too; off: of neither. Alpha is never touched.",
    )
    alpha_error: float = Field(
        default=0.004,
        ge=0,
        le=0.1,
        description="Error of alpha that is aimed at, root mean square over edge pixels; 0.004 is one 8-bit level. "
        "0 takes alpha from the beauty pass as it comes, which is fast and noisy.",
    )
    max_alpha_samples: int = Field(
        default=8192,
        ge=128,
        le=1_048_576,
        description="Samples per pixel at which a matte is given up on; its row says so.",
    )
    passes: list[PassName] = Field(
        default=[],
        description="What else is written, to an EXR file beside each PNG: exr (premultiplied linear float color; "
        "comes with every other), depth, normal, position, index, objects (alpha of each object of a "
        "group), shadow (of the object on the ground), transmission (per color channel).",
    )
    bit_depth: Literal[8, 16] = Field(default=8, description="Bits per channel of the PNG frames.")
    exposure: Annotated[Number, within(-20, 20)] = Field(
        default=0.0, description="Exposure in stops; drawn once for each object."
    )
    max_bounces: int = Field(
        default=8, ge=0, le=1024, description="Longest light path; transparent surfaces do not count."
    )
    missing_textures: Literal["error", "grey"] = Field(
        default="error", description="A texture file that is not there: fail naming it, or paint the surface gray."
    )
    frame_timeout: float = Field(
        default=600.0, gt=0, description="Seconds without a finished pass of a frame after which a job counts as hung."
    )
    worker_memory: float = Field(
        default=0.0,
        ge=0,
        description="GiB of memory that a worker needs, by which a cluster places it; 0 does not say.",
    )
    start_timeout: float = Field(
        default=600.0, gt=0, description="Seconds that a worker may take to load Blender before it is replaced."
    )

    @model_validator(mode="after")
    def _mattes_for_objects(self) -> Render:
        if "objects" in self.passes and not self.alpha_error:
            raise ValueError("the pass objects is part of the matte pass; give alpha_error a value above 0")
        return self

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
