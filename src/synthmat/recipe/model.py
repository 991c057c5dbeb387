"""The whole recipe."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, model_validator

from synthmat.recipe.composite import Composite
from synthmat.recipe.objects import ObjectSource
from synthmat.recipe.render import Render
from synthmat.recipe.sources import ForegroundFolder
from synthmat.recipe.train import Train
from synthmat.recipe.training_data import LayoutData, SplitName
from synthmat.strict_model import Section, name_in


class Recipe(Section):
    """Everything from 3D models to a trained network. Relative paths start at the recipe's folder."""

    version: Literal[1] = Field(default=1, description="Version of the recipe format.")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] = Field(
        description="Name of the output folder, output/<name>: letters, digits, `_`, `-` and `.`."
    )
    seed: int = Field(
        default=0, ge=0, description="Every random draw follows from this number and the name of what is drawn."
    )
    objects: list[ObjectSource] = Field(
        default_factory=list,
        description="What is rendered; can be left out where composite.foregrounds names only folders of cut-outs, and "
        "where train.data names only folders.",
    )
    render: Render = Field(default_factory=lambda: Render(), description="How frames are made.")
    composite: Composite = Field(default_factory=lambda: Composite(), description="How samples are made.")
    train: Train = Field(default_factory=lambda: Train(), description="The network and its schedule.")
    experiments: dict[SplitName, dict[str, Any]] = Field(
        default_factory=dict,
        description="Several trainings on the same renders, compared on the same test samples: a name each, and what "
        "it changes, by dotted keys of `composite` and `train`: {wide: {train.width: 32}}.",
    )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that this recipe has something to do for, in order, of ``render``, ``composite`` and ``train``."""
        if self.objects:
            return "render", "composite", "train"
        return ("composite", "train") if self._only_cut_outs() else ("train",)

    def _only_cut_outs(self) -> bool:
        return all(isinstance(each, ForegroundFolder) for each in self.composite.foregrounds)

    @model_validator(mode="after")
    def _shows_something(self) -> Recipe:
        on_folders = all(isinstance(each, LayoutData) for each in (*self.train.data, *self.train.validation))
        if not self.objects and not self._only_cut_outs() and not on_folders:
            raise ValueError(
                "objects: nothing to render; name models or built-in objects here, or under composite.foregrounds "
                "folders of cut-outs and no renders, or under train.data and train.validation folders alone"
            )
        return self

    @model_validator(mode="after")
    def _experiments_work(self, info: ValidationInfo) -> Recipe:
        for name in self.experiments:
            try:
                self.experiment(name, info.context)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                place = ".".join(map(str, first["loc"]))
                raise ValueError(f"experiment {name}: {place}: {first['msg']}") from None
        return self

    def experiment(self, name: str, renamed: Any = None) -> Recipe:
        """Return the recipe of one experiment; a list ``renamed`` is told of former names, see `Section`.

        Raises:
            ValueError: It changes what all experiments share, or what no recipe has.
        """
        data = self.model_dump(mode="json") | {"experiments": {}}
        for key, value in self.experiments[name].items():
            section, *steps = key.split(".")
            if section not in ("composite", "train") or not steps:
                raise ValueError(f"experiment {name}: {key}: only keys of composite and train can differ")
            target = data[section]
            for here, written in enumerate(steps[:-1]):
                step = _present_name(target, written, renamed)
                if target.get(step) is None:
                    target[step] = {}
                target = target[step]
                if not isinstance(target, dict):
                    at = ".".join([section, *steps[: here + 1]])
                    raise ValueError(f"experiment {name}: {at} holds no further keys")
            target[_present_name(target, steps[-1], renamed)] = value
        return type(self).model_validate(data)


def _present_name(holder: dict[str, Any], written: str, renamed: Any) -> str:
    present = name_in(holder, written)
    if present != written and isinstance(renamed, list):
        renamed.append((written, present))
    return present
