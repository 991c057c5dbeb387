"""Every recipe on the pages can be run, and every key that they name is one that recipes have."""

import re
from typing import Any

import pytest
import yaml
from support.doc_pages import blocks, inline_code, pages

from synthmat.errors import RecipeError
from synthmat.recipe import Recipe, parse_recipe

SECTIONS = ("render", "composite", "train", "objects")
_KEY = re.compile(rf"^({'|'.join(SECTIONS)})((\.[a-z_]+)+)(?::.*)?$")
_FILE = re.compile(r"\.(py|md|yaml|jpg|png|jsonl|sbatch)$")
_NEEDED = {"name": "page", "objects": [{"builtin": "shape"}]}


def recipes() -> list[Any]:
    return [block for page in pages() for block in blocks(page, "yaml")]


@pytest.mark.parametrize("block", recipes(), ids=str)
def test_a_recipe_of_the_documentation_is_one(block):
    written = yaml.safe_load(block.text)
    needed = {key: value for key, value in _NEEDED.items() if key not in written}
    parse_recipe(block.text + (yaml.safe_dump(needed) if needed else ""), str(block))


def test_a_wrong_recipe_would_be_found():
    with pytest.raises(RecipeError, match="sampels"):
        parse_recipe("name: page\nobjects: [{builtin: shape}]\nrender: {sampels: 3}\n")


def named_keys() -> dict[str, str]:
    """Return every dotted recipe key that stands between backticks, and its page."""
    found: dict[str, str] = {}
    for page in pages():
        for text in inline_code(page):
            for part in text.split(", "):
                if (match := _KEY.match(part)) and not _FILE.search(part):
                    found.setdefault(match[1] + match[2], page.name)
    return found


def has_key(dotted: str) -> bool:
    """Return whether recipes have a key; in a mapping with names of the user's any name is one."""
    schema = Recipe.model_json_schema()
    holders = [schema]
    for step in dotted.split("."):
        values = [holder["properties"][step] for holder in holders if step in holder.get("properties", {})]
        free = any(holder.get("additionalProperties") not in (None, False) for holder in holders)
        if not values and not free:
            return False
        holders = [below for value in values for below in members(value, schema["$defs"])]
    return True


def members(value: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the models that a value may be, through lists and alternatives, or its own mapping."""
    if "$ref" in value:
        return [definitions[value["$ref"].rpartition("/")[2]]]
    alternatives = value.get("anyOf") or value.get("oneOf") or ([value["items"]] if "items" in value else [])
    return [value, *(below for each in alternatives for below in members(each, definitions))]


@pytest.mark.parametrize("key", sorted(named_keys()))
def test_a_key_of_the_documentation_is_one_of_recipes(key):
    assert has_key(key), f"{named_keys()[key]} names {key}"


def test_keys_are_found_and_told_apart():
    assert len(named_keys()) > 25
    assert has_key("render.views.turntable.count")
    assert has_key("train.options.backbone")
    assert not has_key("render.camera.sampels")
    assert not has_key("train.rates")
