"""Recipe section ``render.animation``: poses and movements that a model brings along."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from synthmat.recipe.base import Section


class Animation(Section):
    """What becomes of a model's own animation."""

    pose: Literal["authored", "random"] = Field(
        "authored",
        description="`authored` shows a model as its file does; `random` poses it at a random moment of a random "
        "action, where it has any.",
    )
