"""From a recipe file to a checked `Recipe`, or to one error that lists every fault with its place."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from synthmat.errors import RecipeError
from synthmat.recipe.model import Recipe
from synthmat.recipe.yaml_source import Mark, Source, read_yaml
from synthmat.recipe.yaml_source import Path as KeyPath
from synthmat.strict_model import name_in

_MOST_BYTES = 1_000_000


def load_recipe(recipe: str | Path | Mapping[str, Any] | Recipe, overrides: Sequence[str] = ()) -> Recipe:
    """Read, override and check a recipe.

    Args:
        recipe: The path of a YAML file, or the same as a dictionary, or a checked recipe.
        overrides: Texts of the form ``render.samples=16``, applied before checking; list places are numbers from 0.

    Raises:
        RecipeError: The file cannot be read or has faults; the message lists all of them.

    Example:
        >>> recipe = load_recipe({"name": "toys", "objects": [{"builtin": "vase"}]}, ["render.samples=16"])
        >>> recipe.render.samples, recipe.train.model
        (16, 'residual_unet')
        >>> load_recipe({"name": "toys", "objects": [{"builtin": "vase"}], "render": {"sampels": 3}})
        Traceback (most recent call last):
        synthmat.errors.RecipeError: recipe: render.sampels: unknown key; did you mean samples?
    """
    if isinstance(recipe, Recipe):
        return _checked(Source(recipe.model_dump(mode="json")), recipe.name, overrides) if overrides else recipe
    if isinstance(recipe, Mapping):
        return _checked(Source(_plain(recipe)), "recipe", overrides)
    path = Path(recipe)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RecipeError(f"{path}: larger than {_MOST_BYTES} bytes; a recipe is a short text")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecipeError(f"{path}: no such recipe; `synthmat init` writes one to start from") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as a text: {error}") from None
    return parse_recipe(text, str(path), overrides)


def parse_recipe(text: str, name: str = "recipe", overrides: Sequence[str] = ()) -> Recipe:
    """Check the YAML ``text`` of a recipe; ``name`` stands in front of each fault. See `load_recipe`."""
    return _checked(read_yaml(text), name, overrides)


def _checked(source: Source, name: str, overrides: Sequence[str]) -> Recipe:
    faults = [(mark, f"{_at(name, mark)}{_dotted(path)}{what}") for mark, path, what in source.faults]
    overridden: dict[KeyPath, str] = {}
    if not faults and not isinstance(source.data, dict):
        faults.append((Mark(1, 1), f"{name}:1:1: a recipe is a mapping of keys such as name and objects"))
    renamed: list[tuple[str, str]] = []
    recipe: Recipe | None = None
    if isinstance(source.data, dict):
        for override in overrides:
            overridden[_override(source.data, override)] = override
        try:
            recipe = Recipe.model_validate(source.data, context=renamed)
        except ValidationError as error:
            details = _clearest(error.errors(include_url=False), source.data)
            faults += [_fault(path, detail, source, name, overridden) for path, detail in details]
    if faults or recipe is None:
        unique = dict.fromkeys(sorted(faults, key=lambda fault: (fault[0].line, fault[0].column)))
        raise RecipeError("\n".join(message for _, message in unique))
    for old, new in dict.fromkeys(renamed):
        warnings.warn(f"{name}: {old} is now called {new}; the old name will go one day", FutureWarning, stacklevel=3)
    return recipe


def _plain(value: Any) -> Any:
    """Return a copy of nested dictionaries and lists, with paths as texts and tuples as lists, as YAML has them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def dump_recipe(recipe: Recipe) -> str:
    """Return the recipe as YAML with every default filled in; reading it back gives an equal recipe."""
    data = recipe.model_dump(mode="json")
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


def _override(data: dict[str, Any], override: str) -> KeyPath:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise RecipeError(f"--set {override}: write it as key=value, for example --set render.samples=16")
    value = read_yaml(text)
    if value.faults:
        raise RecipeError(f"--set {override}: {value.faults[0][2]}")
    steps: list[str | int] = [int(step) if re.fullmatch("[0-9]{1,9}", step) else step for step in key.split(".")]
    target: Any = data
    for here, step in enumerate(steps):
        if isinstance(target, list):
            if not isinstance(step, int) or step >= len(target):
                raise RecipeError(
                    f"--set {override}: {'.'.join(map(str, steps[:here]))} has {len(target)} entries, "
                    f"counted from 0; {step} is none of them"
                )
        elif isinstance(target, dict):
            steps[here] = step = name_in(target, str(step))
        else:
            raise RecipeError(f"--set {override}: {'.'.join(map(str, steps[:here]))} holds no further keys")
        if here == len(steps) - 1:
            target[step] = value.data
        elif isinstance(target, dict):
            target = target.setdefault(step, {})
            if target is None:
                raise RecipeError(f"--set {override}: {'.'.join(map(str, steps[: here + 1]))} is empty in the recipe")
        else:
            target = target[step]
    return tuple(steps)


def _clearest(details: Sequence[Any], data: Any) -> list[tuple[KeyPath, Any]]:
    """Keep one fault a place, and of a union's alternatives those that look deepest into what was written."""
    placed: dict[KeyPath, Any] = {}
    for detail in details:
        placed.setdefault(_document_path(tuple(detail["loc"]), data, detail["type"]), detail)
    return [
        (path, detail)
        for path, detail in placed.items()
        if not any(len(other) > len(path) and other[: len(path)] == path for other in placed)
    ]


def _fault(path: KeyPath, detail: Any, source: Source, name: str, overridden: dict[KeyPath, str]) -> tuple[Mark, str]:
    kind = detail["type"]
    message = detail["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1], source.data)
        message = "unknown key" + _did_you_mean(str(path[-1]), known)
    elif kind == "missing":
        message = "missing required key"
    elif kind == "literal_error":
        allowed = [word.strip("' ") for word in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
        message += f", not {detail['input']!r}" + _did_you_mean(str(detail["input"]), allowed)
    elif path in source.old_booleans:
        message += f" (`{source.old_booleans[path]}` is a word here; write true or false for a truth value)"
    elif kind != "value_error" and isinstance(detail["input"], str | int | float | bool):
        message += f", not {detail['input']!r}"
    for target, override in overridden.items():
        if path[: len(target)] == target:
            return Mark(0, 0), f"--set {override}: {_dotted(path)}{message}"
    mark = source.keys.get(path) if kind == "extra_forbidden" else source.values.get(path)
    mark = mark or source.mark_of(path)
    return mark, f"{_at(name, mark)}{_dotted(path)}{message}"


def _document_path(loc: tuple[str | int, ...], data: Any, kind: str) -> KeyPath:
    """Drop the parts of a pydantic location that name a member of a union and not a key of the document.

    A union's tag may have the name of a key of its member, so both readings are tried; the longest wins.
    """
    if not loc:
        return ()
    step, rest = loc[0], loc[1:]
    if not rest and kind in ("missing", "extra_forbidden") and isinstance(data, dict):
        return (step,)
    readings: list[KeyPath] = []
    if isinstance(step, str):
        readings.append(_document_path(rest, data, kind))
    holder: Any = data
    in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
    if isinstance(data, dict):
        step = name_in(data, str(step))
    if in_list or (isinstance(data, dict) and step in data):
        readings.append((step, *_document_path(rest, holder[step], kind)))
    return max(readings, key=len, default=())


def _known_keys(path: KeyPath, data: Any) -> list[str]:
    """Return the keys that the recipe allows at ``path``."""
    kinds: list[Any] = [Recipe]
    for step in path:
        following: list[Any] = []
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel) and step in kind.model_fields:
                following += members(kind.model_fields[str(step)].annotation)
            elif get_origin(kind) is list or get_origin(kind) is dict:
                following += members(get_args(kind)[-1])
        kinds = following
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    here = data
    for step in path:
        here = here[step]
    fitting = [model for model in models if _required(model) & set(here)] or models
    return [key for model in fitting for key in model.model_fields]


def _required(model: type[BaseModel]) -> set[str]:
    return {key for key, info in model.model_fields.items() if info.is_required()}


def members(annotation: Any) -> list[Any]:
    """Return the alternatives of a union, through any ``Annotated``."""
    if hasattr(annotation, "__metadata__"):
        return members(get_args(annotation)[0])
    if isinstance(annotation, UnionType) or str(get_origin(annotation)) == "typing.Union":
        return [member for part in get_args(annotation) for member in members(part)]
    return [annotation]


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; possible: {', '.join(dict.fromkeys(known))}" if known else ""


def _at(name: str, mark: Mark) -> str:
    """Return what stands before a fault: the name and, of a text, the place."""
    return f"{name}:{mark.line}:{mark.column}: " if mark.line else f"{name}: "


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path)) + ": " if path else ""
