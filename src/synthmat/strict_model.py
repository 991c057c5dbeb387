"""What every section of a recipe has in common."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator


class Section(BaseModel):
    """A frozen, strictly typed part of a recipe that refuses unknown keys.

    ``renamed`` are names that keys had once, and what they are called now. They are still read; validation with a
    list as context lists each that it met.

    Example:
        >>> class Stack(Section):
        ...     renamed = {"apart": "spacing"}
        ...     spacing: float = 1.0
        >>> met = []
        >>> Stack.model_validate({"apart": 0.5}, context=met), met
        (Stack(spacing=0.5), [('apart', 'spacing')])
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
    renamed: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_old_names(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or not cls.renamed.keys() & data.keys():
            return data
        for old, new in cls.renamed.items():
            if old in data and new in data:
                raise ValueError(f"{old} is the former name of {new}; give one of them")
            if old in data and isinstance(info.context, list):
                info.context.append((old, new))
        return {cls.renamed.get(key, key): value for key, value in data.items()}


def name_in(holder: Container[str], key: str) -> str:
    """Return the name under which ``holder`` has a key, its present or a former one; ``key`` itself if it has neither.

    Example:
        >>> from synthmat.recipe.composite import Composite
        >>> name_in({"train_objects": None}, "only")
        'train_objects'
    """
    if key in holder:
        return key
    pairs = [pair for section in _sections(Section) for pair in section.renamed.items()]
    other = [new for old, new in pairs if old == key] + [old for old, new in pairs if new == key]
    return next((name for name in other if name in holder), key)


def _sections(base: type[Section]) -> Iterator[type[Section]]:
    for section in base.__subclasses__():
        yield section
        yield from _sections(section)
