"""The recipe reference: a section for each part of a recipe, from the descriptions in `synthmat.recipe`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python

from synthmat.recipe.model import Recipe
from synthmat.strict_model import Section

Schema = dict[str, Any]
DISTRIBUTIONS = ("Uniform", "LogUniform", "Normal", "Choice")
_HEAD = """# Recipe reference

Every key of a recipe, what it may be, and what holds where it is left out. This page is made by `make docs` from the
same models that check recipes. `synthmat recipe show` prints a recipe with all of its defaults, and editors complete
keys with `recipes/recipe.schema.json` (YAML's language server finds it by the first line of each ready recipe).

Lengths in the frame are fractions of it, angles are in degrees, times in seconds. Relative paths start at the recipe's
folder. Keys that have been renamed are still read under their former names, with a warning.

## Numbers that may be drawn {#numbers}

Where the tables say *number (may be drawn)*, a plain number and a distribution are both allowed. What is drawn depends
on the recipe's seed and on the name of the object or view, and on nothing else.

| written as | meaning |
|---|---|
"""


def recipe_reference() -> str:
    """Return the page as Markdown."""
    schema = Recipe.model_json_schema()
    definitions: dict[str, Schema] = schema["$defs"]
    numbers = "".join(f"| `{_example(definitions[name])}` | {_text(definitions[name])} |\n" for name in DISTRIBUTIONS)
    sections = [_section("recipe", "The recipe", Recipe.__name__, schema, "")]
    for name, path in _places(schema, definitions):
        sections.append(_section(_anchor(name), f"`{path}`", name, definitions[name], path))
    return _HEAD + "| `35` | That number. |\n" + numbers + "\n" + "\n".join(sections)


def _places(schema: Schema, definitions: dict[str, Schema]) -> list[tuple[str, str]]:
    """Return the name of every model and the dotted path at which a recipe first has it, in the recipe's order."""
    found: dict[str, str] = {}

    def walk(holder: Schema, path: str) -> None:
        for key, value in holder.get("properties", {}).items():
            for name in _references(value):
                if name not in found and name not in DISTRIBUTIONS:
                    found[name] = here = f"{path}.{key}".removeprefix(".")
                    walk(definitions[name], here)

    walk(schema, "")
    return list(found.items())


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for key, below in value.items():
            if key != "discriminator":
                yield from _references(below)
    elif isinstance(value, list):
        for below in value:
            yield from _references(below)


def _section(anchor: str, title: str, name: str, schema: Schema, path: str) -> str:
    model = _models()[name]
    level = "##" if path.count(".") == 0 else "###"
    what = f" - {_label(name)}" if path else ""
    lines = [f"{level} {title}{what} {{#{anchor}}}", "", _escaped(schema.get("description", "")), ""]
    lines += ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in schema.get("properties", {}).items():
        default = _default(model, key)
        lines.append(
            f"| `{key}` | {_kind(value)} | {default} | {_escaped(model.model_fields[key].description or '')} |"
        )
    former = ", ".join(f"`{old}` (now `{new}`)" for old, new in sorted(getattr(model, "renamed", {}).items()))
    return "\n".join([*lines, *(["", f"Former names that are still read: {former}."] if former else []), ""])


def _models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    pending: list[type[BaseModel]] = [Section]
    while pending:
        for model in pending.pop().__subclasses__():
            found.setdefault(model.__name__, model)
            pending.append(model)
    return found


def _default(model: type[BaseModel], key: str) -> str:
    field = model.model_fields[key]
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, BaseModel) and not value.model_fields_set:
        return "as below"
    data = value.model_dump(mode="json", exclude_unset=True) if isinstance(value, BaseModel) else value
    return f"`{_flow(to_jsonable_python(data))}`"


def _flow(value: Any) -> str:
    """Return a value as one writes it in YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) and value else json.dumps(value)


def _kind(schema: Schema) -> str:
    """Return what a value may be."""
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        names = {each.get("$ref", "").rpartition("/")[2] for each in alternatives}
        kinds = [_kind(each) for each in alternatives if each.get("$ref", "").rpartition("/")[2] not in DISTRIBUTIONS]
        if set(DISTRIBUTIONS) <= names:
            kinds = ["[number (may be drawn)](#numbers)" if kind == "number" else kind for kind in kinds]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null"))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{_label(name)}](#{_anchor(name)})"
    if "const" in schema:
        return f"`{_flow(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{_flow(each)}`" for each in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema.get('items', {}))}"
        case "object":
            values = schema.get("additionalProperties", schema.get("patternProperties", {}))
            if isinstance(values, dict) and "patternProperties" in schema:
                values = next(iter(values.values()))
            return f"mapping of names to {_kind(values) if isinstance(values, dict) and values else 'values'}"
        case "integer":
            return "whole number" + _bounds(schema)
        case "number":
            return "number" + _bounds(schema)
        case "boolean":
            return "`true` or `false`"
        case "string":
            return "text"
        case None:
            return "value"
        case other:
            return str(other)


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    above = "above " if "exclusiveMinimum" in schema else "from "
    below = " to below " if "exclusiveMaximum" in schema else " to "
    if low is None:
        return f", at most {high:g}" if high is not None else ""
    return f", {above}{low:g}" + (f"{below}{high:g}" if high is not None else "")


def _example(schema: Schema) -> str:
    key = next(iter(schema["properties"]))
    return {
        "uniform": "{uniform: [35, 85]}",
        "log_uniform": "{log_uniform: [1, 10]}",
        "normal": "{normal: [50, 5]}",
        "choice": "{choice: [35, 50]}",
    }[key]


def _text(schema: Schema) -> str:
    return _escaped(schema.get("description", "").partition(":")[0].partition("``")[0].rstrip(". ") + ".")


def _escaped(text: str) -> str:
    """Return plain text for a cell of a table; what stands between backticks stays as it is."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    marks = {"<": "&lt;", "*": "\\*", "_": "\\_"}
    return "`".join(part if number % 2 else part.translate(str.maketrans(marks)) for number, part in enumerate(parts))


def _anchor(name: str) -> str:
    return "of-" + _label(name).replace(" ", "-")


def _label(name: str) -> str:
    """Return a class's name as words: ``MotionBlur`` gives ``motion blur``."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
