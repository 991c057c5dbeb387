"""Several trainings on the same renders, one after another, and a table that compares them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import MissingDependencyError, RecipeError, SynthmatError
from synthmat.recipe import Recipe
from synthmat.rows.row_types import FailureRow
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.summary_file import read_summary

TrainOne = Callable[[Recipe, OutputFolder], StageResult]


@dataclass(frozen=True)
class ExperimentFolder(OutputFolder):
    """An output folder whose training lies in a folder of its own."""

    experiment: str = ""

    @property
    def training(self) -> Path:
        return self.root / "training" / self.experiment


def train_experiments(
    recipe: Recipe,
    output: OutputFolder,
    train_one: TrainOne,
    chosen: Sequence[str] = (),
    options: RunOptions | None = None,
) -> StageResult:
    """Train each experiment of the recipe, or those ``chosen``, into ``training/<name>``, and compare all there are.

    All are measured on the samples that the recipe itself composites, whatever they were trained on. One that fails
    does not stop the others, unless the options are ``strict``; ``failures.jsonl`` keeps what failed of each.

    Raises:
        RecipeError: One that was chosen is not in the recipe.
        MissingDependencyError: None can be trained here.
    """
    unknown = [name for name in chosen if name not in recipe.experiments]
    if unknown:
        known = ", ".join(recipe.experiments) or "none"
        raise RecipeError(f"{recipe.name}: no experiment {', '.join(unknown)}; the recipe has {known}")
    options = options or RunOptions()
    names = list(chosen or recipe.experiments)
    others = recipe.experiments.keys() - set(names)
    failures = [row for row in _recorded(output) if row.get("experiment") in others]
    total = StageResult("train")
    for name in names:
        try:
            result = train_one(recipe.experiment(name), ExperimentFolder(output.root, name))
            failed = _recorded(output) if result.failed else []
        except MissingDependencyError:
            raise
        except SynthmatError as error:
            if options.dry_run:
                raise
            result = StageResult("train", failed=1, notes=[str(error)])
            failed = [{"job": "training", "error": str(error)}]
        for row in failed:
            row["experiment"] = name
        failures += failed
        if not options.dry_run and _writes():
            record_failures(output, "train", failures)
        total.made += result.made
        total.kept += result.kept
        total.failed += result.failed
        total.seconds += result.seconds
        total.notes += [f"{name}: {note}" for note in result.notes]
        if result.failed and options.strict:
            break
    total.notes += comparison(output, list(recipe.experiments))
    return total


def _recorded(output: OutputFolder) -> list[FailureRow]:
    """Return the failures of training that stand in the file: the latest training leaves its own there, no others."""
    return [row for row in read_rows(output.failures, FailureRow) if row.get("stage") == "train"]


def _writes() -> bool:
    """Return whether this process is the one that writes, of those that torchrun started."""
    return int(os.environ.get("RANK", 0)) == 0


def comparison(output: OutputFolder, names: list[str]) -> list[str]:
    """Return the lines of a table of what the experiments reached on validation and test samples."""
    wide = max(map(len, names), default=0)
    lines = [f"{'':{wide}}  epochs  val dice  val mad  test dice  test mad  test mse"]
    for name in names:
        path = ExperimentFolder(output.root, name).training / "summary.json"
        if not (summary := read_summary(path)):
            continue
        val, test = summary["val"], summary.get("test")
        figures = (test["dice"], test["mad"], test.get("mse")) if test else (None,) * 3
        shown = [f"{'':9}" if value is None else f"{value:9.4f}" for value in figures]
        lines.append(f"{name:{wide}}  {summary['epochs']:6}  {val['dice']:8.4f}  {val['mad']:7.4f}  {'  '.join(shown)}")
    return lines
