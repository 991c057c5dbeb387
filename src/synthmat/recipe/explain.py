"""What a key of a recipe means: its values, default and description, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from synthmat.errors import RecipeError
from synthmat.recipe.loading import members
from synthmat.recipe.model import Recipe
from synthmat.registry import check_name

_WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def explain(key: str = "", columns: int = 100) -> str:
    """Return what is to be known of a key such as ``render.camera``; of the whole recipe if it is empty.

    Args:
        key: Names with dots between them; the number of a list's entry may be left out.
        columns: Where lines are wrapped.

    Raises:
        RecipeError: There is no such key.

    Example:
        >>> print(explain("render.samples", 60).splitlines()[0])
        render.samples: whole number or none, default none
    """
    models: list[type[BaseModel]] = [Recipe]
    info: FieldInfo | None = None
    steps = [step for step in key.split(".") if step and not step.isdigit()]
    for number, step in enumerate(steps):
        owner = next((model for model in models if step in model.model_fields), None)
        if owner is None:
            known = list(dict.fromkeys(name for model in models for name in model.model_fields))
            before = ".".join(steps[:number])
            try:
                check_name(f"key of {before}" if before else "key", step, known)
            except ValueError as error:
                raise RecipeError(f"recipe explain {key}: {error}") from None
        assert owner is not None
        info = owner.model_fields[step]
        models = list(models_of(info.annotation))
    lines = [] if info is None else [*_field(".".join(steps), info, columns), ""]
    for model in models:
        lines += _section(model, columns, several=len(models) > 1)
    return "\n".join(lines).rstrip()


def _section(model: type[BaseModel], columns: int, *, several: bool) -> Iterator[str]:
    summary = (model.__doc__ or "").strip().partition("\n\n")[0]
    if several or summary:
        yield from textwrap.wrap(" ".join(summary.split()), columns)
        yield ""
    for name, info in model.model_fields.items():
        yield from (f"  {line}" for line in _field(name, info, columns - 2))
    yield ""


def _field(name: str, info: FieldInfo, columns: int) -> Iterator[str]:
    default = ", required" if info.is_required() else _default(info)
    yield from textwrap.wrap(f"{name}: {_kind(info.annotation)}{default}", columns, subsequent_indent="    ")
    indent = "    "
    yield from textwrap.wrap(info.description or "", columns, initial_indent=indent, subsequent_indent=indent)


def _default(info: FieldInfo) -> str:
    """Return the words that say a default; none for a section, whose keys have defaults of their own."""
    value = info.get_default(call_default_factory=True, validated_data={})
    if value == {} or isinstance(value, BaseModel):
        return ""
    if isinstance(value, list):
        plain = [each.model_dump(mode="json", exclude_unset=True) if isinstance(each, BaseModel) else each
                 for each in value]  # fmt: skip
        return f", default [{', '.join(map(str, plain))}]"
    return f", default {'none' if value is None else str(value).lower() if isinstance(value, bool) else value}"


def _kind(annotation: Any) -> str:
    """Return in words what values a key takes."""
    words: list[str] = []
    for member in members(annotation):
        if get_origin(member) is Literal:
            words += [str(value) for value in get_args(member)]
        elif get_origin(member) in (list, tuple):
            words.append(f"list of {_kind(get_args(member)[0])}")
        elif get_origin(member) is dict:
            words.append(f"mapping of names to {_kind(get_args(member)[-1])}")
        elif isinstance(member, type) and issubclass(member, BaseModel):
            words.append("{" + ", ".join(member.model_fields) + "}")
        else:
            words.append("none" if member is NoneType else _WORDS.get(member, "any value"))
    return " or ".join(dict.fromkeys(sorted(words, key=lambda word: word == "none")))


def models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the sections that a value of this type may consist of."""
    for member in members(annotation):
        if get_origin(member) in (list, dict, tuple):
            yield from models_of(get_args(member)[-1])
        elif isinstance(member, type) and issubclass(member, BaseModel):
            yield member
