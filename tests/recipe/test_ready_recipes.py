"""Every recipe that comes along is right and says what it is for, and the published schema is current."""

import pytest
from support.repository import RECIPES

from synthmat.recipe import load_recipe
from synthmat.recipe.schema import schema_text


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.name)
def test_a_ready_recipe_is_right_and_starts_with_a_comment(path):
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    head = path.read_text(encoding="utf-8").splitlines()
    assert head[0] == "# yaml-language-server: $schema=./recipe.schema.json"
    comment = " ".join(line for line in head[1:] if line.startswith("#"))
    assert "minutes" in comment or "Time:" in comment


def test_the_published_schema_is_current():
    assert (RECIPES / "recipe.schema.json").read_text(encoding="utf-8") == schema_text(), "run `make schema`"
