"""Short trainings on the processor, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from synthmat.recipe import Recipe
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.stage import train


def weights_in(folder: Path, name: str = "last.pt") -> dict[str, torch.Tensor]:
    """Return the weights of a checkpoint."""
    weights: dict[str, torch.Tensor] = load_checkpoint(folder / name)["model"]
    return weights


def same_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Tell whether two networks are equal to the bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def run_training(recipe: Recipe, output: OutputFolder, **options: Any) -> StageResult:
    """Train a recipe's network with one thread."""
    return train(recipe, output, RunOptions(**{"device": "cpu", "workers": 1, "quiet": True, **options}))
