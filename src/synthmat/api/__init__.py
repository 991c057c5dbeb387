"""The commands as functions, and what a program builds on: ``import synthmat; synthmat.render("recipe.yaml")``.

A recipe is the path of a YAML file, the same as a dictionary, or a `synthmat.Recipe`; relative paths in it start at the
file's folder, of the others at the working folder. Options are keyword arguments (``workers=1``) or a record
(``options=RunOptions(workers=1)``), also both: keywords win. Faults are raised as `synthmat.RecipeError`,
`synthmat.OutputError`, `synthmat.AssetError` and `synthmat.MissingDependencyError`, all of them
`synthmat.SynthmatError`; what fails for single frames, samples and pictures is in the result's ``failures``.

Scripts need no ``if __name__ == "__main__"``: worker processes do not import them.
"""

from synthmat.api.folders import (
    clean,
    compare_pictures,
    doctor,
    export_dataset,
    export_to_store,
    init,
    inspect,
    removable,
    verify,
    views,
)
from synthmat.api.networks import adapt, evaluate, export_model, load_model, matte_metrics, predict
from synthmat.api.opening import open_recipe
from synthmat.api.stages import composite, preview, render, run, train

__all__ = [
    "adapt", "clean", "compare_pictures", "composite", "doctor", "evaluate", "export_dataset", "export_model",
    "export_to_store", "init", "inspect", "load_model", "matte_metrics", "open_recipe", "predict", "preview",
    "removable", "render", "run", "train", "verify", "views",
]  # fmt: skip
