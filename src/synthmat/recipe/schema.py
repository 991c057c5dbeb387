"""The JSON Schema of recipes, for editors and for whoever writes recipes by program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from synthmat.builtin_objects import builtin_objects
from synthmat.layouts import readable
from synthmat.recipe.model import Recipe
from synthmat.train.losses import loss_names
from synthmat.train.models import model_names


def schema_text() -> str:
    """Return the schema as indented JSON; ``recipes/recipe.schema.json`` holds the same text without other packages."""
    schema: dict[str, Any] = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "synthmat recipe"}
    schema |= {key: value for key, value in Recipe.model_json_schema().items() if key != "title"}
    for (section, key), names in _registered_names().items():
        for each in _alternatives(schema["$defs"][section]["properties"][key]):
            if each["type"] == "string":
                each["enum"] = names
            elif each["type"] == "object":
                each["propertyNames"] = {"enum": names}
    return json.dumps(schema, indent=2) + "\n"


def _registered_names() -> dict[tuple[str, str], list[str]]:
    """Return the names that a key of a section can have: ours, and those of installed packages."""
    layouts, losses = ["auto", *readable()], list(loss_names())
    return {
        ("Builtin", "builtin"): list(builtin_objects()),
        ("ForegroundFolder", "layout"): layouts,
        ("LayoutData", "layout"): layouts,
        ("Stage", "loss"): losses,
        ("Train", "loss"): losses,
        ("Train", "model"): list(model_names()),
    }


def _alternatives(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from field.get("anyOf", [field])
