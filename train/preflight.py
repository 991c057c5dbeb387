"""What a training would stumble over, found before hours are spent on rendering for it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from synthmat.errors import AssetError, MissingDependencyError, RecipeError
from synthmat.recipe import Recipe
from synthmat.recipe.sources import ForegroundFolder
from synthmat.recipe.train import Train
from synthmat.recipe.training_data import LayoutData
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import SPLITS, Layout
from synthmat.train.data import layout_source
from synthmat.train.data.dataset import common_kinds, read_samples
from synthmat.train.data.mixture import Part
from synthmat.train.data.sources import Wanted, items_of, wanted_training, wanted_validation

_OF_DATASET = "add {kinds} to composite.outputs, or train on live data (train.data: [live])"
_OF_LAYOUT = "its layout does not have {kinds}; use another one, or a loss and a network that do without"


def check_training_data(recipe: Recipe, base: Path, layout: Layout) -> None:
    """Find folders and files that are not there, and splits that will be empty; this imports no torch.

    What lies in the output folder may still be made, and is passed over.

    Raises:
        RecipeError: Lists all faults of the recipe and its experiments.
    """
    _raise(data_faults(recipe, base, layout))


def data_faults(recipe: Recipe, base: Path, layout: Layout) -> list[str]:
    """Return what `check_training_data` raises, a line each."""
    return [
        f"{where}{fault}"
        for where, variant in trained_sections(recipe)
        for fault in _data_faults(variant, recipe, base, layout)
    ]


def check_training(recipe: Recipe, base: Path, layout: Layout, *, planned: bool = True) -> list[str]:
    """Build every network of a recipe once, and hold its data, loss, first weights and frozen parts against it.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.
        layout: Where the output goes.
        planned: Whether the data set is still to be made, with all of ``composite.outputs``, or lies there.

    Returns:
        What would be trained, a line for each stage.

    Raises:
        RecipeError: Lists all faults of the recipe and its experiments.
        MissingDependencyError: torch is not installed.
    """
    for package in ("torch", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError(f"training needs {package}: pip install 'synthmat[train]'")
    # As the training itself does before it imports torch.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from synthmat.train.preparation import Job

    check_training_data(recipe, base, layout)
    there = {split: frozenset[str]() if planned else common_kinds(read_samples(layout, split)) for split in SPLITS}
    kinds = {split: found or frozenset(recipe.composite.outputs) for split, found in there.items()}
    faults: list[str] = []
    lines = []
    for where, variant in trained_sections(recipe):
        for stage in Job(variant, layout, RunOptions(), base, None, "", None).stages():
            label = f"{where}{stage.label}: " if stage.label else where
            try:
                lines.append(label + _check_stage(stage.config, kinds, base, layout))
            except (RecipeError, AssetError) as error:
                faults.append(f"{label}{error}")
    _raise(faults)
    return lines


def _raise(faults: Iterable[str]) -> None:
    found = list(dict.fromkeys(faults))
    if found:
        raise RecipeError("\n".join(found))


def trained_sections(recipe: Recipe) -> Iterator[tuple[str, Recipe]]:
    """Yield what is trained, each with words that say which it is."""
    if not recipe.experiments:
        yield "", recipe
    for name in recipe.experiments:
        yield f"experiment {name}: ", recipe.experiment(name)


def _data_faults(variant: Recipe, recipe: Recipe, base: Path, layout: Layout) -> Iterator[str]:
    config = variant.train
    init = None if config.init is None else _path(base, config.init)
    if init is not None and not init.is_file() and not init.is_relative_to(layout.root):
        yield f"train.init: {init}: no such file of weights; put it there, or name another one"
    try:
        wanted = [("data", each) for each in wanted_training(config)]
        wanted += [("validation", each) for each in wanted_validation(config)]
    except RecipeError as error:
        yield str(error)
        return
    for key, each in wanted:
        if isinstance(each.entry, LayoutData):
            folder = _path(base, each.entry.folder)
            if not folder.is_dir() and not folder.is_relative_to(layout.root):
                yield f"train.{key}: {folder}: no such folder"
        elif each.split == "val" and not config.splits and not _fills_val(variant if each.own == "live" else recipe):
            yield (
                f"train.{key}: composite.split leaves no samples for val; give it a share for val, divide under "
                "train.splits, or name other data under train.validation"
            )


def _fills_val(recipe: Recipe) -> bool:
    """Return whether any sample can be one of val; folders may have splits of their own."""
    split = recipe.composite.split
    forced = any(each.split == "val" for each in recipe.objects)
    folders = any(isinstance(each, ForegroundFolder) for each in recipe.composite.foregrounds)
    return forced or folders or (split.by != "none" and split.val > 0)


def _check_stage(config: Train, of_dataset: Mapping[str, frozenset[str]], base: Path, layout: Layout) -> str:
    import torch

    from synthmat.train.engine.param_groups import freeze, make_optimizer
    from synthmat.train.engine.requirements import check, kinds_for, loss_of
    from synthmat.train.models import build_model, parameter_count
    from synthmat.train.pretrained.published import weights_for
    from synthmat.train.pretrained.weights import start_from

    options: dict[str, Any] = dict(config.options)
    for key, value in options.items():
        if key.endswith("weights") and isinstance(value, str) and _path(base, value).is_file():
            options[key] = str(_path(base, value))
    with torch.random.fork_rng(devices=[]):
        try:
            network = build_model(config.model, config.width, options, pretrained=config.init is None)
        except ValueError as error:
            raise RecipeError(f"train.options: {error}") from None
    if config.init is not None and (init := _path(base, config.init)).is_file():
        start_from(network, weights_for(network, init), init)
    loss = loss_of(config)
    kinds = kinds_for(network, loss)
    train, val = (
        [_part(each, kinds, of_dataset, base, layout) for each in wanted]
        for wanted in (wanted_training(config), wanted_validation(config))
    )
    check(config, network, loss, train, val)
    freeze(network, config.freeze)
    make_optimizer(config, network)
    return (
        f"would train {config.model} with {parameter_count(network):,} parameters at {config.size}x{config.size}, "
        f"at most {config.epochs} epochs"
    )


def _part(
    wanted: Wanted, kinds: frozenset[str], of_dataset: Mapping[str, frozenset[str]], base: Path, layout: Layout
) -> Part:
    """Return a part that gives what the real one will give, but no sample."""
    if not isinstance(wanted.entry, LayoutData):
        given = kinds | {"image", "alpha"} if wanted.own == "live" else of_dataset[wanted.split]
        return Part(_Planned(wanted.own), wanted.weight, given, _OF_DATASET)
    folder = _path(base, wanted.entry.folder)
    name = wanted.entry.name or folder.name
    if not folder.is_dir() and folder.is_relative_to(layout.root):
        return Part(_Planned(name), wanted.weight, kinds | {"image", "alpha"})
    items, _ = items_of(wanted.entry, base)
    return Part(_Planned(name, len(items)), wanted.weight, layout_source.common_kinds(items), _OF_LAYOUT)


class _Planned:
    """Stands for a `synthmat.sample_source.SampleSource` that is not there yet; nobody knows how large it will be."""

    digest = ""

    def __init__(self, name: str, samples: int = 10**9) -> None:
        self.name = name
        self._samples = samples

    def __len__(self) -> int:
        return self._samples

    def pictures(self, index: int, epoch: int) -> dict[str, Any]:
        raise AssertionError(f"{self.name}: sample {index} of epoch {epoch} is only planned")

    def label(self, index: int) -> str:
        raise AssertionError(f"{self.name}: sample {index} is only planned")


def _path(base: Path, text: str) -> Path:
    return (base / Path(text).expanduser()).absolute()
