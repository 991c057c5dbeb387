"""The recipe: one YAML file from 3D models to a trained network."""

from synthmat.recipe.distributions import Number, bounds, draw
from synthmat.recipe.loading import dump_recipe, load_recipe, parse_recipe
from synthmat.recipe.model import Recipe

__all__ = ["Number", "Recipe", "bounds", "draw", "dump_recipe", "load_recipe", "parse_recipe"]
