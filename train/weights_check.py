"""Whether the weights that a recipe names fit its networks, for ``synthmat recipe check``."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from synthmat.errors import AssetError, RecipeError
from synthmat.printable_names import expand_home
from synthmat.recipe import Recipe
from synthmat.recipe.train import Train
from synthmat.train.preflight import trained_sections


def check_weights(recipe: Recipe, base: Path) -> list[str]:
    """Build every network of a recipe that starts from weights, and load them; nothing is downloaded.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.

    Returns:
        Notes, where nothing can be looked at. A file of ``train.init`` that is not there may still be made.

    Raises:
        RecipeError: Lists all weights that are not there or do not fit.
    """
    named = [(where, config) for where, variant in trained_sections(recipe) for config in _configs(variant.train, base)]
    if not named:
        return []
    if importlib.util.find_spec("torch") is None:
        return ["train: its weights are not looked at, for which torch is needed: pip install 'synthmat[train]'"]
    faults = [f"{where}{fault}" for where, config in named for fault in _faults(config, base)]
    if faults:
        raise RecipeError("\n".join(dict.fromkeys(faults)))
    return []


def _configs(train: Train, base: Path) -> Iterator[Train]:
    """Yield the first stage of a training, or the training itself, if it starts from weights that are there."""
    config = train.of_stage(train.stages[0]) if train.stages else train
    init = config.init is not None and _path(base, config.init).is_file()
    if init or (
        config.init is None and any(key.endswith("weights") and value for key, value in config.options.items())
    ):
        yield config


def _faults(config: Train, base: Path) -> Iterator[str]:
    import torch

    from synthmat.train.models import build_model
    from synthmat.train.pretrained.weights import read_weights, start_from

    options = {
        key: str(_path(base, value))
        if key.endswith("weights") and isinstance(value, str) and _path(base, value).is_file()
        else value
        for key, value in config.options.items()
    }
    try:
        with torch.random.fork_rng(devices=[]):
            network = build_model(config.model, config.width, options, pretrained=config.init is None)
        if config.init is not None:
            start_from(network, read_weights(_path(base, config.init)), config.init)
    except ValueError as error:
        yield f"train.options: {error}"
    except AssetError as error:
        yield f"train: {error}"


def _path(base: Path, text: str) -> Path:
    return (base / expand_home(text)).absolute()
