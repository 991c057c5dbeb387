"""Faults that would stop a training, found before hours are spent on rendering for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from synthmat.errors import RecipeError
from synthmat.networks.shipped import SHIPPED
from synthmat.printable_names import expand_home
from synthmat.recipe import Recipe
from synthmat.recipe.sources import ForegroundFolder
from synthmat.recipe.train import PseudoLabels
from synthmat.recipe.training_data import LayoutData
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data.sources import folder_of, training_entries, validation_entries


def data_faults(recipe: Recipe, base: Path, output: OutputFolder) -> list[str]:
    """Return the folders and files that are not there, and splits that will be empty, a line each; imports no torch.

    Files in the output folder may still be made, and are not checked.
    """
    return [
        f"{where}{fault}"
        for where, variant in trained_sections(recipe)
        for fault in _data_faults(variant, recipe, base, output)
    ]


def check_training(recipe: Recipe, base: Path, output: OutputFolder, *, planned: bool = True) -> list[str]:
    """Plan every training of a recipe as `synthmat.train.preparation.Job.plan` does.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.
        output: Where the output goes.
        planned: Whether the data set is still to be made, with all of ``composite.outputs``, or already exists.

    Returns:
        What would be trained, a line for each stage.

    Raises:
        RecipeError: Lists all faults of the recipe and its experiments.
        OutputError: The data set should exist and does not.
        MissingDependencyError: torch is not installed.
    """
    from synthmat.train.stage import jobs_of

    faults: list[str] = []
    lines: list[str] = []
    for where, variant in trained_sections(recipe):
        for job in jobs_of(variant, output, RunOptions(), base, divide=not planned).values():
            try:
                lines += [where + line for line in job.plan()]
            except RecipeError as error:
                faults += [where + line for line in str(error).splitlines()]
    if faults:
        raise RecipeError("\n".join(dict.fromkeys(faults)))
    return lines


def trained_sections(recipe: Recipe) -> Iterator[tuple[str, Recipe]]:
    """Yield what is trained, each with words that say which it is."""
    if not recipe.experiments:
        yield "", recipe
    for name in recipe.experiments:
        yield f"experiment {name}: ", recipe.experiment(name)


def _data_faults(variant: Recipe, recipe: Recipe, base: Path, output: OutputFolder) -> Iterator[str]:
    config = variant.train
    init = None if config.init is None else (base / expand_home(config.init)).absolute()
    if init is not None and not init.is_file() and not init.is_relative_to(output.root):
        yield f"train.init: {init}: no such file of weights; put it there, or name another one"
    for stage in config.stages:
        if stage.pseudo_labels is not None and (fault := _teacher_fault(stage.pseudo_labels, base, output)):
            yield fault
    try:
        entries = [("data", each) for each in training_entries(config)]
        entries += [("validation", each) for each in validation_entries(config)]
    except RecipeError as error:
        yield str(error)
        return
    for key, each in entries:
        if isinstance(each.data, LayoutData):
            folder = folder_of(each.data, base)
            if not folder.is_dir() and not folder.is_relative_to(output.root):
                yield f"train.{key}: {folder}: no such folder"
        elif each.split == "val" and not config.splits and not _fills_val(variant if each.own == "live" else recipe):
            yield (
                f"train.{key}: composite.split leaves no samples for val; give val a fraction of it, divide under "
                "train.splits, or name other data under train.validation"
            )


def _teacher_fault(wanted: PseudoLabels, base: Path, output: OutputFolder) -> str:
    if wanted.teacher is None or wanted.teacher == SHIPPED:
        return ""
    path = (base / expand_home(wanted.teacher)).absolute()
    if path.exists() or path.is_relative_to(output.root):
        return ""
    return f"pseudo_labels.teacher: {path}: no such checkpoint; {SHIPPED} is the network that comes with synthmat"


def _fills_val(recipe: Recipe) -> bool:
    """Return whether any sample can be one of val; folders may have splits of their own."""
    split = recipe.composite.split
    forced = any(each.split == "val" for each in recipe.objects)
    folders = any(isinstance(each, ForegroundFolder) for each in recipe.composite.foregrounds)
    return forced or folders or (split.by != "none" and split.val > 0)
