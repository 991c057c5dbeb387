"""What `train.data` and `train.validation` are made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from synthmat.recipe.sources import Mask, PhotoFolder
from synthmat.strict_model import Section

SplitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""Names a training, a stage or a source, and its folder."""

Own = Literal["dataset", "live"]
Weight = Annotated[
    float,
    Field(
        ge=0,
        le=1000,
        description="How often one of its samples is drawn, compared with a sample of weight 1: 2 is twice an epoch, "
        "0.5 every second epoch. Under `validation`: how much it counts; 0 is measured and does not count.",
    ),
]


class OwnData(Section):
    """The recipe's own samples, with a weight: the data set on disk, or composited while training goes on."""

    source: Own = Field(description="dataset: what `synthmat composite` wrote; live: no two epochs alike.")
    weight: Weight = 1.0
    split: Literal["train", "val", "test"] | None = Field(
        default=None, description="Which split; train under `data` and val under `validation` if absent."
    )


class LayoutData(Section):
    """A folder in one of the field's layouts, read as it is.

    Cut-outs without a picture of their own are put on random photos while they are loaded.
    """

    folder: str = Field(description="The folder, relative to the recipe.")
    layout: str = Field(
        default="auto", description="How it is laid out: `aim_500`, `p3m_10k`, `pairs`, `rgba`, ..., or `auto`."
    )
    name: SplitName | None = Field(
        default=None, description="What its samples are called; the folder's name if absent."
    )
    weight: Weight = 1.0
    split: str | None = Field(default=None, description="Use only this split of the layout; all of it if absent.")
    limit: int | None = Field(default=None, ge=1, description="Use only so many, the first by name.")
    mask: Mask | None = Field(default=None, description="What the mattes' levels mean, if not alpha.")
    backgrounds: str | list[str | PhotoFolder] | None = Field(
        default=None, description="Photos for cut-outs; those of `composite.backgrounds` if absent."
    )

    @field_validator("layout")
    @classmethod
    def _known(cls, name: str) -> str:
        from synthmat.layouts import check_layout

        if name != "auto":
            check_layout(name)
        return name


def _tag(entry: Any) -> str:
    if isinstance(entry, Section):
        return "folder" if isinstance(entry, LayoutData) else "source"
    if isinstance(entry, dict):
        return "source" if "source" in entry else "folder"
    return "word"


DataSource = Annotated[
    Annotated[Own, Tag("word")] | Annotated[OwnData, Tag("source")] | Annotated[LayoutData, Tag("folder")],
    Discriminator(_tag),
]
