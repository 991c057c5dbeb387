"""Recipe section ``render.looks``: how far materials are randomized."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from synthmat.recipe.distributions import Number, within
from synthmat.strict_model import Section


class Looks(Section):
    """Random materials, by degree; what decides alpha is never touched."""

    renamed: ClassVar[dict[str, str]] = {"degree": "randomness"}

    randomness: Annotated[Number, within(0, 1)] = Field(
        default=0.0,
        description="How far materials are changed, drawn for each object: 0 leaves them as authored, a quarter varies "
        "colors and gloss, above 0.4 some turn into patterns, 1 may turn them into anything.",
    )
