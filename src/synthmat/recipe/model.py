"""The whole recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from synthmat.recipe.base import Section
from synthmat.recipe.composite import Composite
from synthmat.recipe.objects import ObjectSource
from synthmat.recipe.render import Render
from synthmat.recipe.train import Train


class Recipe(Section):
    """Everything from 3D models to a trained network. Relative paths start at the recipe's folder."""

    version: Literal[1] = Field(1, description="Version of the recipe format.")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] = Field(
        description="Name of the output folder, output/<name>: letters, digits, `_`, `-` and `.`."
    )
    seed: int = Field(0, ge=0, description="Every random draw follows from this number and the name of what is drawn.")
    objects: list[ObjectSource] = Field(min_length=1, description="What is rendered.")
    render: Render = Field(default_factory=lambda: Render(), description="How frames are made.")
    composite: Composite = Field(default_factory=lambda: Composite(), description="How samples are made.")
    train: Train = Field(default_factory=lambda: Train(), description="The network and its schedule.")
