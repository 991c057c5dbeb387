"""What `composite` is made of besides renders: photos, and foregrounds that were there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from synthmat.strict_model import Section

if TYPE_CHECKING:
    from synthmat.layouts.item import MaskLevels

_Weight = Annotated[float, Field(gt=0, le=1000)]


class PhotoFolder(Section):
    """Photos with something to say about them."""

    photos: str | list[str] = Field(description="`builtin`, `builtin_places`, a folder, a pattern, a file, or a list.")
    weight: _Weight = Field(
        default=1.0, description="How often one of them is drawn, compared with a photo of weight 1."
    )
    license: str | None = Field(default=None, description="Their license, for rows and card, for example CC0-1.0.")
    source: str | None = Field(default=None, description="Where they come from, for rows and card.")
    split: Literal["train", "val", "test"] | None = Field(default=None, description="Keep all of them for this split.")
    scenes: Literal["file", "folder"] = Field(
        default="file",
        description="`folder`: the photos of a folder show one place or thing, and so all come into one split.",
    )


class Mask(Section):
    """What the levels of a folder's mattes mean where they are not alpha: masks of 0 and 1, labels, odd depths.

    The indices of a palette are its levels.
    """

    opaque: float | None = Field(
        default=None,
        gt=0,
        description="This level and all above it are opaque: 1 for masks of 0 and 1 and for labels, 255 for 16-bit or "
        "floating-point files of 0 to 255; the largest of the file's depth if absent.",
    )
    ignore: int | None = Field(
        default=None,
        ge=0,
        description="This level is transparent: 255 in most label masks that have one to be ignored.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Mask:
        if self.opaque is None and self.ignore is None:
            raise ValueError("mask is empty; give it opaque, ignore or both, or leave it out")
        return self

    @property
    def levels(self) -> MaskLevels:
        """The same for the readers of layouts."""
        from synthmat.layouts.item import MaskLevels

        return MaskLevels(self.opaque or 0.0, -1 if self.ignore is None else self.ignore)


class ForegroundFolder(Section):
    """Cut-outs that were there before: a folder in one of the field's layouts."""

    folder: str = Field(min_length=1, description="The folder, relative to the recipe.")
    layout: str = Field(
        default="auto", description="How it is laid out: `rgba`, `pairs`, `composition_1k`, `bgmv2`, ..., or `auto`."
    )
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")] | None = Field(
        default=None, description="What its samples are called; the folder's name if absent."
    )
    weight: _Weight = Field(default=1.0, description="Samples of each of its foregrounds, compared with `per_view`.")
    limit: int | None = Field(default=None, ge=1, description="Use only so many of them, the first by name.")
    mask: Mask | None = Field(default=None, description="What the mattes' levels mean, if not alpha.")
    license: str | None = Field(default=None, description="Their license, for rows and card.")
    source: str | None = Field(default=None, description="Where they come from, for rows and card.")
    split: Literal["train", "val", "test"] | None = Field(
        default=None, description="Keep all of them for this split; a layout's own split wins."
    )

    @field_validator("layout")
    @classmethod
    def _known(cls, layout: str) -> str:
        from synthmat.layouts import check_layout

        if layout != "auto":
            check_layout(layout)
        return layout


class Renders(Section):
    """The frames of `synthmat render`."""

    renders: Literal[True] = Field(description="Always true; says that this entry means the renders.")
    weight: _Weight = Field(default=1.0, description="Samples of each frame, compared with `per_view`.")


def _foreground_tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "word"
    keys = value if isinstance(value, dict) else vars(value) if hasattr(value, "__dict__") else ()
    return next((key for key in ("folder", "renders") if key in keys), None)


ForegroundSource = Annotated[
    Annotated[Literal["renders"], Tag("word")]
    | Annotated[Renders, Tag("renders")]
    | Annotated[ForegroundFolder, Tag("folder")],
    Discriminator(
        _foreground_tag,
        custom_error_type="foreground_source",
        custom_error_message="a foreground is `renders`, or has the key folder (or renders: true)",
    ),
]
"""One entry of ``composite.foregrounds``."""


def _photo_tag(value: Any) -> str | None:
    return "text" if isinstance(value, str) else "photos" if isinstance(value, dict | PhotoFolder) else None


PhotoSource = Annotated[
    Annotated[str, Tag("text")] | Annotated[PhotoFolder, Tag("photos")],
    Discriminator(
        _photo_tag,
        custom_error_type="photo_source",
        custom_error_message="a background is `builtin`, a folder, a file or a pattern, or has the key photos",
    ),
]
"""One entry of ``composite.backgrounds``."""
