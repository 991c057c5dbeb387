"""synthmat: exact alpha-matting data from 3D models, and the networks trained on it.

Every command is a function of the same name; see `synthmat.api`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from synthmat.errors import AssetError, OutputError, RecipeError, SynthmatError

if TYPE_CHECKING:
    from synthmat.api import adapt, composite, doctor, evaluate, init, inspect, predict, preview, render, run, verify
    from synthmat.stage import RunOptions, StageResult

__version__ = "0.1.0"
__all__ = [
    "AssetError",
    "OutputError",
    "RecipeError",
    "RunOptions",
    "StageResult",
    "SynthmatError",
    "adapt",
    "composite",
    "doctor",
    "evaluate",
    "init",
    "inspect",
    "predict",
    "preview",
    "render",
    "run",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import a command when it is first asked for, so that ``import synthmat`` costs nothing."""
    if name in ("RunOptions", "StageResult"):
        from synthmat import stage

        return getattr(stage, name)
    if name == "train":
        return importlib.import_module("synthmat.train")
    if name in __all__:
        from synthmat import api

        return getattr(api, name)
    raise AttributeError(f"module 'synthmat' has no attribute {name!r}")
