"""Several trainings on the same renders, one after another, and a table that compares them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import RecipeError
from synthmat.layout import Layout
from synthmat.recipe import Recipe
from synthmat.stage import StageResult

TrainOne = Callable[[Recipe, Layout], StageResult]


@dataclass(frozen=True)
class ExperimentLayout(Layout):
    """An output folder whose training lies in a folder of its own."""

    experiment: str = ""

    @property
    def training(self) -> Path:
        return self.root / "training" / self.experiment


def train_experiments(recipe: Recipe, layout: Layout, train_one: TrainOne, chosen: Sequence[str] = ()) -> StageResult:
    """Train each experiment of the recipe, or those ``chosen``, into ``training/<name>``, and compare all there are.

    All are measured on the samples that the recipe itself composites, whatever they were trained on. One that fails
    does not stop the others.

    Raises:
        RecipeError: One that was chosen is not in the recipe.
    """
    unknown = [name for name in chosen if name not in recipe.experiments]
    if unknown:
        known = ", ".join(recipe.experiments) or "none"
        raise RecipeError(f"{recipe.name}: no experiment {', '.join(unknown)}; the recipe has {known}")
    total = StageResult("train")
    for name in chosen or recipe.experiments:
        result = train_one(recipe.experiment(name), ExperimentLayout(layout.root, name))
        total.made += result.made
        total.kept += result.kept
        total.failed += result.failed
        total.seconds += result.seconds
        total.notes += [f"{name}: {note}" for note in result.notes]
    total.notes += comparison(layout, list(recipe.experiments))
    return total


def comparison(layout: Layout, names: list[str]) -> list[str]:
    """Return the lines of a table of what the experiments reached on validation and test samples."""
    wide = max(map(len, names), default=0)
    lines = [f"{'':{wide}}  epochs  val dice  val mad  test dice  test mad  test mse"]
    for name in names:
        path = ExperimentLayout(layout.root, name).training / "summary.json"
        if not path.exists():
            continue
        summary = json.loads(path.read_text(encoding="utf-8"))
        val, test = summary["val"], summary.get("test") or {}
        shown = [f"{test[key]:9.4f}" if key in test else f"{'':9}" for key in ("dice", "mad", "mse")]
        lines.append(f"{name:{wide}}  {summary['epochs']:6}  {val['dice']:8.4f}  {val['mad']:7.4f}  {'  '.join(shown)}")
    return lines
