"""The training stage: one training, or several divisions of the same data set side by side."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthmat.errors import MissingDependencyError, OutputError
from synthmat.executor import default_workers
from synthmat.layout import Layout
from synthmat.manifest import Row
from synthmat.recipe import Recipe
from synthmat.recipe.train import Resplit, Train
from synthmat.records import content_key
from synthmat.run_lock import run_lock
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.train.dataset import SampleStore, read_samples, samples_key
from synthmat.train.splits import Division, resplit

if TYPE_CHECKING:
    from synthmat.train.trainer import TrainingSetup

TRAIN_VERSION = 1
"""Raised when a change of the code changes weights, so that older trainings are not gone on with."""


def train(recipe: Recipe, layout: Layout, options: RunOptions) -> StageResult:
    """Train the recipe's network on the data set of ``layout``.

    A training that is there already is gone on with, and left alone when it is finished. ``train.epochs`` and
    ``train.early_stopping`` only say when to stop: after a change of these it goes on too. After any other change, of
    the recipe's ``train`` section or of the data, it starts anew and the old one is moved to ``training.<n>``.

    Args:
        recipe: The checked recipe.
        layout: Where the data set lies and the training goes.
        options: ``limit`` counts epochs of each training, ``workers`` is the processor threads.

    Returns:
        Epochs made now and epochs that were there. A training that diverged counts as failed.

    Raises:
        OutputError: There is no data set, a split is empty, or a file or checkpoint cannot be read.
        MissingDependencyError: torch is not installed, or lacks the device.
    """
    started = time.monotonic()
    # Read by OpenMP when torch is first imported. By default its threads spin while they wait, and beside another busy
    # process an epoch then takes ten times as long and more.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for package in ("torch", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError(f"training needs {package}: pip install 'synthmat[train]'")
    divisions = _divisions(recipe, layout)
    result = StageResult("train")
    if options.dry_run:
        result.notes += _dry_run(recipe.train, divisions)
        return result
    failures: list[Row] = []
    summaries: dict[str, dict[str, Any]] = {}
    with run_lock(layout.training), _torch_threads(options.workers or default_workers()):
        for name, division in divisions.items():
            try:
                _one(recipe, layout, options, name, division, result, summaries)
            except _diverged() as error:
                failures.append({"job": name or "training", "error": str(error)})
                if options.strict:
                    break
        if recipe.train.splits:
            from synthmat.train.summary import side_by_side

            result.notes += side_by_side(layout.training / "summary.json", summaries)
    result.failed = len(failures)
    result.notes += [failure["error"] for failure in failures]
    record_failures(layout, "train", failures)
    result.seconds = time.monotonic() - started
    return result


def _divisions(recipe: Recipe, layout: Layout) -> dict[str, Division]:
    """Return the samples of each training by its name; the name is empty if there is only the one."""
    train, val = (read_samples(layout, split) for split in ("train", "val"))
    if not train and not val:
        raise OutputError(f"{layout.dataset}: no data set there; run `synthmat composite` first")
    divisions = {}
    for name, rule in (recipe.train.splits or {"": "folders"}).items():
        if isinstance(rule, Resplit):
            divisions[name] = resplit(train + val, rule, recipe.seed, name)
            continue
        for split, samples in (("training", train), ("validation", val)):
            if not samples:
                raise OutputError(
                    f"no {split} samples: the data set in {layout.dataset} has {len(train)} in train and {len(val)} in "
                    "val; give composite.split a share for val and run `synthmat composite` again, or divide under "
                    "train.splits"
                )
        rule_text = f"the data set's folders (composite.split.by: {recipe.composite.split.by})"
        divisions[name] = Division(train, val, 0, rule_text)
    return divisions


def _one(
    recipe: Recipe, layout: Layout, options: RunOptions, name: str, division: Division,
    result: StageResult, summaries: dict[str, dict[str, Any]],
) -> None:  # fmt: skip
    """Run one training, or go on with it; write its summary and pictures."""
    from synthmat.train.summary import summarise
    from synthmat.train.trainer import LAST, fit

    setup = _setup(recipe, layout, options, name, division)
    label = f"{name}: " if name else ""
    moved = _set_aside(layout, name, setup.config["key"])
    if moved is not None:
        result.notes.append(f"{label}the recipe or the data changed, so it starts anew; the old training is in {moved}")
    was_there = (setup.folder / LAST).exists()
    fitted = fit(setup, options.limit)
    result.made += fitted.made
    result.kept += len(fitted.history) - fitted.made
    if was_there and not fitted.made:
        result.notes.append(f"{label}finished before ({fitted.stopped}); delete {setup.folder} to train again")
    test = SampleStore(read_samples(layout, "test"), recipe.train.size)
    summary = summarise(setup, fitted, division, test)
    summaries[name] = summary
    val = summary["val"]
    result.notes.append(
        f"{label}{summary['epochs']} epochs ({summary['stopped']}), best {summary['best_epoch']}: validation Dice "
        f"{val['dice']:.4f}, of masks {val['dice_mask']:.4f}, mean absolute error {val['mad']:.4f}"
    )


def _setup(recipe: Recipe, layout: Layout, options: RunOptions, name: str, division: Division) -> TrainingSetup:
    from synthmat.train.device import pick_device
    from synthmat.train.trainer import TrainingSetup

    wishes = recipe.train
    settings = wishes.model_dump(mode="json", exclude={"epochs", "early_stopping", "splits"})
    key = content_key(
        "train", TRAIN_VERSION, settings, recipe.seed, samples_key(division.train), samples_key(division.val)
    )
    config = {
        "model": wishes.model,
        "width": wishes.width,
        "size": wishes.size,
        "seed": recipe.seed,
        "train": wishes.model_dump(mode="json"),
        "key": key,
    }
    return TrainingSetup(
        name=f"train {name}".strip(),
        recipe=wishes,
        seed=recipe.seed,
        folder=layout.training / name,
        train=SampleStore(division.train, wishes.size),
        val=SampleStore(division.val, wishes.size),
        config=config,
        device=pick_device(options.device),
        threads=min(4, options.workers or default_workers()),
        quiet=options.quiet,
    )


def _set_aside(layout: Layout, name: str, key: str) -> Path | None:
    """Move a training with another key to ``training.<n>`` and return that folder; None if there is none."""
    from synthmat.train.checkpoint import load_checkpoint
    from synthmat.train.trainer import FILES, LAST

    folder = layout.training / name
    if not (folder / LAST).exists() or load_checkpoint(folder / LAST)["config"].get("key") == key:
        return None
    number = 1
    while (aside := layout.training.with_name(f"{layout.training.name}.{number}") / name).exists():
        number += 1
    aside.mkdir(parents=True)
    for file in FILES:
        if (folder / file).exists():
            (folder / file).rename(aside / file)
    return aside


def _dry_run(wishes: Train, divisions: dict[str, Division]) -> list[str]:
    import torch

    from synthmat.train.models import build_model, parameter_count

    with torch.random.fork_rng(devices=[]):
        count = parameter_count(build_model(wishes.model, wishes.width))
    lines = [f"would train {wishes.model} with {count:,} parameters at {wishes.size}x{wishes.size}, "
             f"at most {wishes.epochs} epochs"]  # fmt: skip
    for name, division in divisions.items():
        shared = ", ".join(f"{part} {column}s" for column, part in division.shared().items())
        lines.append(
            f"{name + ': ' if name else ''}{len(division.train)} training and {len(division.val)} validation samples "
            f"({division.rule}), {division.left_out} left out; of validation's, training sees {shared}"
        )
    return lines


def _diverged() -> type[Exception]:
    from synthmat.train.trainer import DivergedError

    return DivergedError


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
