"""Which moment of which action each object is shown at."""

from __future__ import annotations

from synthmat.random_streams import stream
from synthmat.recipe import Recipe
from synthmat.records import Asset, Pose


def plan_animation(recipe: Recipe, asset: Asset) -> Pose | None:
    """Return the pose of one object, or None where it stays as authored."""
    if recipe.render.animation.pose == "authored" or asset.builtin is not None:
        return None
    rng = stream(recipe.seed, "object", asset.name, "pose")
    return Pose(action=float(rng.random()), time=float(rng.random()))
