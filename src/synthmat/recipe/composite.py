"""Recipe section ``composite``: how renders and photos become samples."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from synthmat.recipe.base import Section
from synthmat.recipe.distributions import Number, within

LARGEST_ZOOM = 8.0

Output = Literal["image", "alpha", "fg", "bg"]


class Placement(Section):
    """Where and how large the object appears in the sample."""

    scale: Annotated[Number, within(0.01, 20)] = Field(
        0.8, description="Longer side of the object's visible box, share of the sample's edge; above 1 it is cut off."
    )
    x: Annotated[Number, within(-10, 10)] = Field(
        0.5, description="Centre of the object's box, share of the sample's width from the left."
    )
    y: Annotated[Number, within(-10, 10)] = Field(
        0.5, description="Centre of the object's box, share of the sample's height from the top."
    )
    flip: float = Field(0.0, ge=0, le=1, description="Probability of mirroring the object left to right.")


class Photo(Section):
    """Which part of a photo a sample shows; with few photos, zoom keeps a network from learning them by heart."""

    zoom: Annotated[Number, within(1, LARGEST_ZOOM)] = Field(
        1.0, description="1 shows the largest square of the photo, 2 one of half its edge, and so on, up to 8."
    )
    flip: float = Field(0.0, ge=0, le=1, description="Probability of mirroring the photo left to right.")
    blur: Annotated[Number, within(0, 0.2)] = Field(
        0.0, description="Blur as of a background out of focus: standard deviation, share of the sample's edge."
    )


class Split(Section):
    """How samples are divided. `object` shares no model and no photo between splits, and is the honest choice."""

    by: Literal["object", "view", "sample", "none"] = Field(
        "object",
        description="object: by object and photo (falls back to view where there are too few objects, and says so); "
        "view: by view and photo; sample: at random, as in 2018, which leaks; none: everything is train.",
    )
    val: float = Field(0.15, ge=0, lt=1, description="Share of the validation split.")
    test: float = Field(0.15, ge=0, lt=1, description="Share of the test split.")

    @model_validator(mode="after")
    def _leaves_train(self) -> Split:
        if self.val + self.test >= 1:
            raise ValueError(f"val {self.val} and test {self.test} leave nothing to train on")
        return self


class Composite(Section):
    """How renders and photos become samples."""

    backgrounds: str | list[str] = Field(
        "builtin",
        description="Photos: `builtin` (those that scikit-image and scikit-learn carry), a folder, a pattern, or a "
        "list of them, relative to the recipe.",
    )
    max_backgrounds: int | None = Field(None, ge=1, description="Use only so many of the photos, the first by name.")
    per_view: int = Field(4, ge=1, le=10_000, description="Samples made of each rendered view.")
    pairing: Literal["random", "all"] = Field(
        "random",
        description="random: per_view photos for each view; all: every view on every photo (per_view is not used).",
    )
    size: int = Field(512, ge=16, le=8192, description="Edge of the square samples, pixels.")
    photo: Photo = Field(default_factory=lambda: Photo(), description="Which part of a photo a sample shows.")
    placement: Placement = Field(default_factory=lambda: Placement(), description="Where the object appears.")
    outputs: list[Output] = Field(
        default_factory=lambda: list[Output](("image", "alpha")),
        min_length=1,
        description="What is written for each sample.",
    )
    image_format: Literal["jpg", "png"] = Field("jpg", description="Format of the composite and the background.")
    jpeg_quality: int = Field(95, ge=1, le=100, description="JPEG quality, 4:4:4 chroma.")
    png_level: int = Field(1, ge=0, le=9, description="zlib level of PNG files.")
    bit_depth: Literal[8, 16] = Field(8, description="Bits of the alpha PNG.")
    max_photo_megapixels: float = Field(100.0, gt=0, description="Larger photos are refused before they are decoded.")
    split: Split = Field(default_factory=lambda: Split(), description="How samples are divided.")
