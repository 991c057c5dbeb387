"""The JSON Schema of recipes, for editors and for whoever writes recipes by program."""

from __future__ import annotations

import json

from synthmat.recipe.model import Recipe


def schema_text() -> str:
    """Return the schema as indented JSON; ``recipes/recipe.schema.json`` holds the same text."""
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "synthmat recipe"}
    schema |= {key: value for key, value in Recipe.model_json_schema().items() if key != "title"}
    return json.dumps(schema, indent=2) + "\n"
