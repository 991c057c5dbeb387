"""How far the materials of each object are changed."""

from __future__ import annotations

from synthmat.random_streams import stream
from synthmat.recipe import Recipe, draw
from synthmat.render_job import Asset, Look


def plan_look(recipe: Recipe, asset: Asset) -> Look | None:
    """Return the look of one object, or None where its materials stay as authored."""
    degree = asset.look_degree
    if degree is None:
        degree = draw(recipe.render.looks.randomness, stream(recipe.seed, "object", asset.name, "look"), 0, 1)
    if degree == 0:
        return None
    return Look(degree, int(stream(recipe.seed, "object", asset.name, "look_seed").integers(2**31)))
