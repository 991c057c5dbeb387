"""Recipe section ``composite``: how foregrounds and photos become samples."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from synthmat.recipe.distributions import LogUniform, Number, Uniform, within
from synthmat.recipe.realism import CapturedBackground, Realism
from synthmat.recipe.sources import ForegroundSource, PhotoSource
from synthmat.rows.kinds import Kind
from synthmat.strict_model import Section

LARGEST_ZOOM = 8.0


class Placement(Section):
    """Where and how large the object appears in the sample."""

    scale: Annotated[Number, within(0.01, 20)] = Field(
        default=0.8,
        description="Longer side of the object's visible box, fraction of the sample's edge; above 1 it is cut off.",
    )
    x: Annotated[Number, within(-10, 10)] = Field(
        default=0.5, description="Centre of the object's box, fraction of the sample's width from the left."
    )
    y: Annotated[Number, within(-10, 10)] = Field(
        default=0.5, description="Centre of the object's box, fraction of the sample's height from the top."
    )
    rotate: Annotated[Number, within(-180, 180)] = Field(
        default=0.0, description="Rotation in the picture's plane, degrees."
    )
    flip: float = Field(default=0.0, ge=0, le=1, description="Probability of mirroring the object left to right.")
    keep_frame: bool = Field(
        default=False,
        description="Place the whole frame of the foreground instead of the object's visible box: scale, x and y are "
        "those of the frame, and its lower edge never ends above the sample's, so that people whom `camera.framing` "
        "cuts off at the bottom do not float.",
    )


class Stack(Section):
    """Several foregrounds in one sample, nearer ones before others; alpha is that of all of them together."""

    renamed: ClassVar[dict[str, str]] = {"apart": "spacing"}

    probability: float = Field(
        default=0.5, ge=0, le=1, description="Fraction of the samples with more than one foreground."
    )
    count: int = Field(
        default=2, ge=2, le=8, description="Maximum number of foregrounds in such a sample; 2 to this many, evenly."
    )
    spacing: Annotated[Number, within(0, 3)] = Field(
        default=0.25,
        description="How far the others lie from the first, fraction of the sample's edge, in any direction.",
    )


class Distractors(Section):
    """Objects that belong to the background: they are in image and bg, and not in alpha."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have any.")
    count: int = Field(default=2, ge=1, le=8, description="Maximum number of them; 1 to this many, evenly.")
    scale: Annotated[Number, within(0.01, 20)] = Field(
        default_factory=lambda: Uniform(uniform=[0.15, 0.7]), description="As in `placement`."
    )
    blur: Annotated[Number, within(0, 0.2)] = Field(
        default=0.0, description="Blur as of something out of focus: standard deviation, fraction of the sample's edge."
    )


class Photo(Section):
    """Which part of a photo a sample shows; with few photos, zoom keeps a network from learning them by heart."""

    zoom: Annotated[Number, within(1, LARGEST_ZOOM)] = Field(
        default=1.0, description="1 shows the largest square of the photo, 2 one of half its edge, and so on, up to 8."
    )
    flip: float = Field(default=0.0, ge=0, le=1, description="Probability of mirroring the photo left to right.")
    rotate: Annotated[Number, within(-180, 180)] = Field(
        default=0.0, description="Rotation of the photo, degrees; the square shown shrinks so that no corner is empty."
    )
    blur: Annotated[Number, within(0, 0.2)] = Field(
        default=0.0,
        description="Blur as of a background out of focus: standard deviation, fraction of the sample's edge.",
    )
    brightness: Annotated[Number, within(-1, 1)] = Field(
        default=0.0, description="Added to the photo, fraction of white."
    )
    contrast: Annotated[Number, within(0, 4)] = Field(default=1.0, description="Factor on the distance from mid gray.")
    saturation: Annotated[Number, within(0, 4)] = Field(default=1.0, description="Factor on the distance from gray.")
    hue: Annotated[Number, within(-180, 180)] = Field(default=0.0, description="Rotation of the hue, degrees.")


class Recolor(Section):
    """Other colors for foregrounds and distractors, so that a network does not learn the models' own by heart.

    Renders of few models have few colors and smooth surfaces. A network trained on those takes for the object
    whatever is gray and smooth in a photo, its sky for example.
    """

    renamed: ClassVar[dict[str, str]] = {"share": "fraction"}

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the foregrounds whose colors change.")
    hue: Annotated[Number, within(-180, 180)] = Field(
        default_factory=lambda: Uniform(uniform=[-180, 180]), description="Rotation of the hue, degrees."
    )
    saturation: Annotated[Number, within(0, 4)] = Field(
        default_factory=lambda: LogUniform(log_uniform=[0.7, 2.2]), description="Factor on the distance from gray."
    )
    contrast: Annotated[Number, within(0, 4)] = Field(
        default_factory=lambda: LogUniform(log_uniform=[0.75, 1.35]),
        description="Factor on the distance from mid gray.",
    )
    brightness: Annotated[Number, within(-1, 1)] = Field(
        default_factory=lambda: Uniform(uniform=[-0.15, 0.25]), description="Added, fraction of white."
    )
    texture: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Fraction of the foregrounds that get the colors of a photo of their split; light and shade stay.",
    )
    fraction: Annotated[Number, within(0, 1)] = Field(
        default_factory=lambda: Uniform(uniform=[0.5, 1.0]), description="How far the photo's colors cover their own."
    )


class Trimap(Section):
    """How the output `trimap` is made: 0 background, 128 unknown, 255 foreground."""

    method: Literal["kernel", "distance", "uncertainty", "any"] = Field(
        default="kernel",
        description="kernel: eroded and dilated by random kernels; distance: within so many pixels of the edge; "
        "uncertainty: where alpha is fractional, widened; any: one of these for each sample.",
    )
    erode: Annotated[Number, within(0, 500)] = Field(
        default_factory=lambda: Uniform(uniform=[1, 20]), description="How far it reaches inwards, pixels."
    )
    dilate: Annotated[Number, within(0, 500)] = Field(
        default_factory=lambda: Uniform(uniform=[1, 20]), description="How far it reaches outwards, pixels."
    )


class Clips(Section):
    """What becomes of rendered sequences: their frames stay together, on one photo, with the same realism."""

    pan: Annotated[Number, within(0, 1)] = Field(
        default=0.0,
        description="How far the photo moves behind the object over the clip, fraction of the room that it has.",
    )
    video: bool = Field(
        default=False,
        description="Also write each clip as a video, H.264 of the image and lossless FFV1 of the alpha, into "
        "`<split>/videos`; needs `synthmat[video]`.",
    )
    cut_out: bool = Field(
        default=False,
        description="With `video`, also write the cut-out, ProRes 4444 with alpha; needs the output fg.",
    )
    fps: float | None = Field(
        default=None, gt=0, le=1000, description="Frames a second; those of the render if absent."
    )


class Split(Section):
    """How samples are divided. `object` shares no model and no photo between splits, and is the honest choice."""

    by: Literal["object", "view", "sample", "none"] = Field(
        default="object",
        description="object: by object and photo (falls back to view where there are too few objects, and says so); "
        "view: by view and photo; sample: at random, as in 2018, which leaks; none: everything is train.",
    )
    val: float = Field(default=0.15, ge=0, lt=1, description="Fraction of the validation split.")
    test: float = Field(default=0.15, ge=0, lt=1, description="Fraction of the test split.")

    @model_validator(mode="after")
    def _leaves_train(self) -> Split:
        if self.val + self.test >= 1:
            raise ValueError(f"val {self.val} and test {self.test} leave nothing to train on")
        return self


class Composite(Section):
    """How foregrounds and photos become samples."""

    renamed: ClassVar[dict[str, str]] = {"only": "train_objects"}

    foregrounds: list[ForegroundSource] = Field(
        default_factory=lambda: list[ForegroundSource](("renders",)),
        min_length=1,
        description="`renders`, and folders of cut-outs in any of the field's layouts.",
    )
    train_objects: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Train on these objects alone: names, or patterns such as `chair_*`; val and test keep all.",
    )
    backgrounds: str | Annotated[list[PhotoSource], Field(min_length=1)] = Field(
        default="builtin_places",
        description="Photos: `builtin` (those that scikit-image and scikit-learn carry), `builtin_places` (63 views of "
        "eight places, nothing in front), a folder, a pattern, or a list of them, relative to the recipe.",
    )
    max_backgrounds: int | None = Field(
        default=None, ge=1, description="Use only so many of the photos, the first by name."
    )
    per_view: int = Field(default=4, ge=1, le=10_000, description="Samples made of each foreground.")
    pairing: Literal["random", "all"] = Field(
        default="random",
        description="random: per_view photos for each foreground; one that render.lights lit by `match_photo` lies "
        "per_view times on that very photo, if it is one of its split, so vary placement and photo.zoom; "
        "all: each on every photo (per_view is not used).",
    )
    size: int = Field(default=512, ge=16, le=8192, description="Edge of the square samples, pixels.")
    photo: Photo = Field(default_factory=lambda: Photo(), description="Which part of a photo a sample shows.")
    placement: Placement = Field(default_factory=lambda: Placement(), description="Where the object appears.")
    stack: Stack | None = Field(default=None, description="Several foregrounds in one sample.")
    distractors: Distractors | None = Field(default=None, description="Objects that belong to the background.")
    recolor: Recolor | None = Field(default=None, description="Other colors for foregrounds and distractors.")
    realism: Realism = Field(default_factory=lambda: Realism(), description="Object and photo as by one camera.")
    captured_background: CapturedBackground = Field(
        default_factory=lambda: CapturedBackground(), description="How `captured_bg` differs from `bg`."
    )
    trimap: Trimap = Field(default_factory=lambda: Trimap(), description="How `trimap` is made.")
    clips: Clips = Field(default_factory=lambda: Clips(), description="What becomes of rendered sequences.")
    outputs: list[Kind] = Field(
        default_factory=lambda: list[Kind](("image", "alpha")),
        min_length=1,
        description="What is written for each sample.",
    )
    blend: Literal["srgb", "linear"] = Field(
        default="srgb",
        description="srgb: blended in sRGB encoding, as the field does; linear: in light, as a camera does.",
    )
    image_format: Literal["jpg", "png"] = Field(
        default="jpg", description="Format of the composite and the background."
    )
    jpeg_quality: int = Field(default=95, ge=1, le=100, description="JPEG quality, 4:4:4 chroma.")
    png_level: int = Field(
        default=1, ge=0, le=9, description="zlib level of PNG files; 1 codes runs only, the fastest and about as small."
    )
    bit_depth: Literal[8, 16] = Field(default=8, description="Bits of the alpha PNG.")
    max_photo_megapixels: float = Field(
        default=100.0, gt=0, description="Larger photos are refused before they are decoded."
    )
    sample_timeout: float = Field(
        default=60.0, gt=0, description="Seconds without a finished sample after which a worker counts as hung."
    )
    start_timeout: float = Field(default=600.0, gt=0, description="Seconds that a worker may take to start.")
    licenses: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Use only models and photos under these licenses; `*` stands for anything, as in `CC-BY-*`.",
    )
    split: Split = Field(default_factory=lambda: Split(), description="How samples are divided.")

    @model_validator(mode="after")
    def _has_what_videos_need(self) -> Composite:
        if self.clips.video and not {"image", "alpha"} & set(self.outputs):
            raise ValueError("clips.video needs image or alpha among the outputs")
        missing = [kind for kind in ("fg", "alpha") if self.clips.cut_out and kind not in self.outputs]
        if missing:
            raise ValueError(f"clips.cut_out needs {' and '.join(missing)} among the outputs")
        return self
