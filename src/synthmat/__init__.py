"""synthmat: exact alpha-matting data from 3D models, and the networks trained on it.

Every command of the command line except `serve` and `app` is a function of the same name, and beside them there is what
a program needs to build on. All of it is documented in `synthmat.api`; nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from synthmat.errors import AssetError, MissingDependencyError, OutputError, RecipeError, SynthmatError

if TYPE_CHECKING:
    from synthmat.api import (
        adapt,
        clean,
        compare_pictures,
        composite,
        doctor,
        evaluate,
        export_dataset,
        export_model,
        export_to_store,
        init,
        inspect,
        load_model,
        matte_metrics,
        predict,
        preview,
        removable,
        render,
        run,
        train,
        verify,
        views,
    )
    from synthmat.recipe import Recipe, load_recipe
    from synthmat.stage import RunOptions, StageResult
    from synthmat.train.data.matting_dataset import MattingDataset
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.predict.matting_model import MattingModel
    from synthmat.train.predict.stage import PredictOptions

__version__ = "0.1.0"
__all__ = [
    "AssetError",
    "EvaluateOptions",
    "MattingDataset",
    "MattingModel",
    "MissingDependencyError",
    "OutputError",
    "PredictOptions",
    "Recipe",
    "RecipeError",
    "RunOptions",
    "StageResult",
    "SynthmatError",
    "adapt",
    "clean",
    "compare_pictures",
    "composite",
    "doctor",
    "evaluate",
    "export_dataset",
    "export_model",
    "export_to_store",
    "init",
    "inspect",
    "load_model",
    "load_recipe",
    "matte_metrics",
    "predict",
    "preview",
    "removable",
    "render",
    "run",
    "train",
    "verify",
    "views",
]
_MODULES = {
    **{name: "synthmat.api" for name in __all__ if name.islower()},
    **dict.fromkeys(("Recipe", "load_recipe"), "synthmat.recipe"),
    **dict.fromkeys(("RunOptions", "StageResult"), "synthmat.stage"),
    "EvaluateOptions": "synthmat.train.evaluate.options",
    "MattingDataset": "synthmat.train.data.matting_dataset",
    "MattingModel": "synthmat.train.predict.matting_model",
    "PredictOptions": "synthmat.train.predict.stage",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is first asked for."""
    if name == "train":  # the package, which can be called; it says why
        return importlib.import_module("synthmat.train")
    if name not in _MODULES:
        raise AttributeError(f"module 'synthmat' has no attribute {name!r}")
    found = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", *(name for name in globals() if name.startswith("__"))})
