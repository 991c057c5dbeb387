"""The training stage: one training, or several side by side, each in one part or in stages."""

from __future__ import annotations

import importlib.util
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthmat.errors import MissingDependencyError, OutputError, TooFewSamplesError
from synthmat.executor import default_workers
from synthmat.memory import memory_told
from synthmat.recipe import Recipe
from synthmat.recipe.train import Resplit
from synthmat.rows.row_types import FailureRow
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.run_lock import run_lock
from synthmat.storage.summary_file import TrainingSummary
from synthmat.train.data.dataset import read_samples
from synthmat.train.data.sources import Live, folder_notes, judged_note, training_entries, validation_entries
from synthmat.train.data.splits import Division, resplit

if TYPE_CHECKING:
    from synthmat.train.adapt.pseudo_labels import PseudoLabelled
    from synthmat.train.engine.process_group import ProcessGroup
    from synthmat.train.engine.setup import TrainingSetup
    from synthmat.train.preparation import Job, StagePlan


def train(
    recipe: Recipe, output: OutputFolder, options: RunOptions, *, base: Path | None = None, live: Live | None = None
) -> StageResult:
    """Train the recipe's network on the data that ``train.data`` names.

    An unfinished training is resumed, and a finished one is kept. ``train.epochs`` and ``train.early_stopping`` only
    say when to stop: after a change of these it is resumed too, unless the rate follows a cosine to the last epoch.
    After any other change, of the recipe's ``train`` section or of the data, it restarts from scratch and the old one
    is moved to ``training.<n>``, where going back to its settings finds it again. Under torchrun all processes train
    one network; the first one writes.

    Args:
        recipe: The checked recipe.
        output: Where the data set is and the training is written.
        options: ``limit`` counts epochs of each training, ``workers`` is the processor threads.
        base: Folder at which relative paths of the recipe start; the working directory if absent.
        live: Makes sources that composite during training, for ``live`` in ``train.data``.

    Returns:
        Epochs made now and epochs that were there. A training that diverged counts as failed.

    Raises:
        OutputError: There is no data set, a split is empty, or a file or checkpoint cannot be read.
        RecipeError: Data, network and loss do not go together.
        AssetError: A file of weights or a folder of data cannot be used.
        MissingDependencyError: torch is not installed, or lacks the device.
    """
    started = time.monotonic()
    jobs = jobs_of(recipe, output, options, base or Path.cwd(), live)
    result = StageResult("train")
    if options.dry_run:
        for job in jobs.values():
            result.notes += job.plan()
        return result
    from synthmat.train.engine.device import pick_device
    from synthmat.train.engine.process_group import joined

    device = pick_device(options.device)
    result.notes += folder_notes(recipe, base or Path.cwd())
    with (
        joined(device) as process_group,
        _alone(output, process_group),
        _torch_threads(options.workers or default_workers()),
    ):
        failures = _all(jobs, output, options, result, device, process_group)
        if process_group.is_main:
            record_failures(output, "train", failures)
    result.failed = len(failures)
    # The first process says it for all.
    result.notes = [*result.notes, *(failure["error"] for failure in failures)] if process_group.is_main else []
    result.seconds = time.monotonic() - started
    return result


def jobs_of(
    recipe: Recipe,
    output: OutputFolder,
    options: RunOptions,
    base: Path,
    live: Live | None = None,
    *,
    divide: bool = True,
) -> dict[str, Job]:
    """Return the recipe's trainings by name, an empty one if there is only one; see `train`.

    Args:
        recipe: The checked recipe.
        output: Where the data set is and the training is written.
        options: See `train`.
        base: Folder at which relative paths of the recipe start.
        live: See `train`.
        divide: Look for the samples of the data set. Without them a job can plan, and not train.

    Raises:
        OutputError: There is no data set, or a split is empty.
        MissingDependencyError: torch is not installed.
    """
    # Read by OpenMP when torch is first imported. By default its threads spin while they wait, and beside another busy
    # process an epoch then takes ten times as long and more.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for package in ("torch", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError(f"training needs {package}: pip install 'synthmat[train]'")
    from synthmat.train.preparation import Job

    divisions = _divisions(recipe, output) if divide else {"": None}
    return {name: Job(recipe, output, options, base, live, name, division) for name, division in divisions.items()}


def _all(
    jobs: dict[str, Job],
    output: OutputFolder,
    options: RunOptions,
    result: StageResult,
    device: Any,
    process_group: ProcessGroup,
) -> list[FailureRow]:
    from synthmat.train.engine.trainer import DivergedError
    from synthmat.train.summary import side_by_side

    failures: list[FailureRow] = []
    summaries: dict[str, TrainingSummary] = {}
    for name, job in jobs.items():
        try:
            summaries[name] = _one(job, result, device, process_group)
        except DivergedError as error:
            failures.append({"job": name or "training", "error": str(error)})
            if options.strict:
                break
    if "" not in jobs and process_group.is_main:
        result.notes += side_by_side(output.training / "summary.json", summaries)
    return failures


def _one(job: Job, result: StageResult, device: Any, process_group: ProcessGroup) -> TrainingSummary:
    """Run one training through its stages, or resume it, and return the summary of the last stage."""
    from synthmat.train.adapt.photos import photos_of
    from synthmat.train.engine.setup import ADAPTED, BEST
    from synthmat.train.photographs import show_photographs

    summary: TrainingSummary | None = None
    setup: TrainingSetup | None = None
    for stage in job.stages():
        before = None if setup is None else setup.folder / BEST
        if setup is not None and stage.adapt:
            result.notes += _adapted(job, setup)
            before = setup.folder / ADAPTED
        labelled = _pseudo_labelled(job, stage, before, device, process_group)
        result.notes += labelled.notes if labelled else []
        setup = job.setup(stage, before, device, process_group, labelled)
        if setup.recipe.unlabelled is not None:
            photos_of(job.recipe, job.base, job.output)  # what is wrong with them is said before the training
        stopped, summary = _stage(job, setup, f"{stage.label}: " if stage.label else "", result)
        if stopped == "limit":
            break
    if setup is not None and setup.recipe.unlabelled is not None and setup.folder == job.output.training / job.name:
        result.notes += _adapted(job, setup)
    if setup is not None and setup.folder == job.output.training / job.name:
        result.notes += setup.process_group.from_main(
            partial(show_photographs, setup, job.recipe, job.base, job.output)
        )
    assert summary is not None  # there is a stage at least
    return summary


def _pseudo_labelled(
    job: Job, stage: StagePlan, before: Path | None, device: Any, process_group: ProcessGroup
) -> PseudoLabelled | None:
    """Have a network matte the photographs of ``train.unlabelled`` for a stage that learns from such mattes."""
    from synthmat.train.adapt.photos import photos_of
    from synthmat.train.adapt.pseudo_labels import pseudo_label

    wanted = stage.pseudo_labels
    if wanted is None:
        return None
    photos, notes = photos_of(job.recipe, job.base, job.output)
    teacher = job.teacher(wanted) or str(before)
    folder, quiet = job.output.training / job.name, job.options.quiet
    made = partial(pseudo_label, photos, teacher, wanted, folder, device=str(device), quiet=quiet)
    found = process_group.from_main(made)
    return replace(found, notes=[*notes, *found.notes])


def _adapted(job: Job, setup: TrainingSetup) -> list[str]:
    """Write the best network of a stage with the statistics of photographs, and return notes."""
    from synthmat.train.adaptation import adapt_training

    made = partial(adapt_training, setup, job.recipe, job.base, job.output, job.test(setup))
    return setup.process_group.from_main(made)


def _stage(job: Job, setup: TrainingSetup, label: str, result: StageResult) -> tuple[str, TrainingSummary]:
    """Train one stage, or resume it; add to ``result``, and return why it stopped and its summary."""
    from synthmat.train.earlier_trainings import settle
    from synthmat.train.engine.setup import LAST
    from synthmat.train.engine.trainer import fit
    from synthmat.train.summary import summarize

    if setup.process_group.is_main:
        job.options.begun()
    notes = setup.process_group.from_main(lambda: settle(job.output, setup.folder, setup.config["key"]))
    result.notes += [f"{label}{note}" for note in notes]
    was_there = (setup.folder / LAST).exists()
    remedy = "lower train.batch_size (gradient_accumulation makes up for it), or train.size; finished epochs are kept"
    with memory_told(setup.name, remedy):
        fitted = fit(setup, job.options.limit)
    result.made += fitted.made
    result.kept += len(fitted.history) - fitted.made
    if was_there and not fitted.made:
        result.notes.append(f"{label}already finished ({fitted.stopped}); delete {setup.folder} to train it again")
    with memory_told(setup.name, remedy):
        summary = setup.process_group.from_main(lambda: summarize(setup, fitted, job.division, job.test(setup)))
    val = summary["val"]
    result.notes.append(
        f"{label}{summary['epochs']} epochs ({summary['stopped']}), best {summary['best_epoch']}: validation Dice "
        f"{val['dice']:.4f}, of masks {val.get('dice_mask', math.nan):.4f}, mean absolute error {val['mad']:.4f}"
    )
    judged = judged_note(setup.recipe, setup.val)
    result.notes += [f"{label}{judged}"] if judged else []
    return fitted.stopped, summary


def _divisions(recipe: Recipe, output: OutputFolder) -> dict[str, Division | None]:
    """Return the samples of each training by its name, None where the data set takes no part.

    The name is empty if there is only the one.
    """
    config = recipe.train
    used = {(each.own, each.split) for each in (*training_entries(config), *validation_entries(config))}
    needed = {split for own, split in used if own == "dataset"}
    if not needed:
        return {"": None}
    train, val = (read_samples(output, split) for split in ("train", "val"))
    if not train and not val:
        raise OutputError(f"{output.dataset}: no data set there; run `synthmat composite` first")
    divisions: dict[str, Division | None] = {}
    for name, rule in (config.splits or {"": "folders"}).items():
        if isinstance(rule, Resplit):
            divisions[name] = resplit(train + val, rule, recipe.seed, name)
            continue
        for split, what, samples in (("train", "training", train), ("val", "validation", val)):
            if split in needed and not samples:
                raise TooFewSamplesError(
                    f"no {what} samples: the data set in {output.dataset} has {len(train)} in train and {len(val)} in "
                    "val; give composite.split a fraction for val and re-run `synthmat composite`, or divide under "
                    "train.splits"
                )
        rule_text = f"the data set's folders (composite.split.by: {recipe.composite.split.by})"
        divisions[name] = Division(train, val, 0, rule_text)
    return divisions


@contextmanager
def _alone(output: OutputFolder, process_group: ProcessGroup) -> Iterator[None]:
    """Lock the training's folder for all processes of ``process_group``."""
    if not process_group.is_main:
        yield
        return
    with run_lock(output.training):
        yield


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
