"""The stages of a recipe: preview, render, composite, train, and all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from synthmat.api.folders import inspect
from synthmat.api.opening import RecipeLike, begin, keep_recipe, open_recipe, run_options, with_output
from synthmat.api.stored import composite_into_store, render_into_store
from synthmat.errors import OutputError, TooFewSamplesError
from synthmat.keywords import RunKeywords
from synthmat.object_store.store import is_address
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.output_folder import SPLITS, OutputFolder

if TYPE_CHECKING:
    from synthmat.generator.preview import PreviewResult
    from synthmat.recipe import Recipe


def render(
    recipe: RecipeLike = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    **keywords: Unpack[RunKeywords],
) -> StageResult:
    """Render the recipe's objects onto transparency; frames that are there already are kept.

    Args:
        recipe: See `synthmat.api`.
        out: Output folder instead of ``output/<name>``, or the address of an object store such as
            ``s3://bucket/toys``; see `synthmat.object_store`.
        overrides: Texts such as ``render.samples=16``, which replace values of the recipe.
        options: See `synthmat.RunOptions`; ``limit`` counts frames.
        **keywords: Any of the options.

    Returns:
        ``folder`` is ``renders`` in the output folder, ``paths`` its manifest.

    Raises:
        RecipeError: The recipe has faults, or something is not there that it names for this stage, or for the next one
            if it says anything of that.
        OutputError: The output folder cannot be written to, or another run is writing to it.

    Example:
        >>> recipe = {"name": "toys", "objects": [{"builtin": "vase"}]}
        >>> result = render(recipe, dry_run=True)
        >>> result.notes[0]
        'would render 12 frames of 1 objects, keep 0'
    """
    options = run_options(options, keywords)
    if is_address(out):
        return render_into_store(
            str(out), options, lambda folder, given: render(recipe, out=folder, overrides=overrides, options=given)
        )
    checked, base, output, options = begin(recipe, out, overrides, options)
    from synthmat.generator.stage import render as render_stage
    from synthmat.preflight import check_files

    found = check_files(checked, base, output, ["render"])
    if "composite" in checked.model_fields_set:
        found.stops += check_files(checked, base, output, ["composite"]).stops
    found.raise_stops()
    result = render_stage(checked, base, output, options)
    # What fails is named when it does; only a plan would say nothing of it.
    result.notes = [*(found.costs if options.dry_run else ()), *found.notes, *result.notes]
    return with_output(result, options, output, output.renders, [output.render_manifest])


def preview(
    recipe: RecipeLike = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    **keywords: Unpack[RunKeywords],
) -> PreviewResult:
    """Render every object of the recipe once, small, onto contact sheets and a page; ``.page`` of the result is it.

    See `render` for the arguments and errors.

    Example:
        >>> result = preview({"name": "toys", "objects": [{"builtin": "shape"}]}, workers=1, quiet=True)
        >>> result.made, result.page.relative_to(Path.cwd()).as_posix()
        (1, 'output/toys/preview/index.html')
    """
    options = run_options(options, keywords)
    checked, base, output = open_recipe(recipe, out, overrides)
    options = replace(options, begun=partial(keep_recipe, checked, recipe, output.preview))
    from synthmat.generator.preview import preview as preview_stage

    result = preview_stage(checked, base, output, options)
    place = output.preview
    with_output(result, options, place, place.renders, [result.page, *result.sheets, place.render_manifest])
    return result


def composite(
    recipe: RecipeLike = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    **keywords: Unpack[RunKeywords],
) -> StageResult:
    """Put the rendered frames on photos and write the data set; samples that are there already are kept.

    See `render` for the arguments; ``limit`` counts samples.

    Returns:
        ``folder`` is ``dataset`` in the output folder, ``paths`` its card and the ``metadata.jsonl`` of each split.

    Raises:
        RecipeError: The recipe has faults, or its photos are not there.
        OutputError: There are no renders, or the output folder cannot be written to.
        MissingDependencyError: Wand or ImageMagick is not installed.

    Example:
        >>> recipe = {"name": "collage", "composite": {"foregrounds": [{"folder": "cutouts"}], "per_view": 4}}
        >>> result = composite(recipe, dry_run=True)
        >>> [note for note in result.notes if "would make" in note]
        ['would make 8 of 8 samples: train 8']
    """
    options = run_options(options, keywords)
    if is_address(out):
        return composite_into_store(
            str(out), options, lambda folder, given: composite(recipe, out=folder, overrides=overrides, options=given)
        )
    checked, base, output, options = begin(recipe, out, overrides, options)
    from synthmat.compositor.stage import composite as composite_stage

    result = composite_stage(checked, base, output, options)
    tables = [output.metadata(split) for split in SPLITS]
    return with_output(result, options, output, output.dataset, [output.dataset / "README.md", *tables])


def train(
    recipe: RecipeLike = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    experiments: Sequence[str] = (),
    model: str | None = None,
    **keywords: Unpack[RunKeywords],
) -> StageResult:
    """Train the recipe's network on the data set; a training that was interrupted resumes where it stopped.

    Also ``synthmat.train(...)``; see `synthmat.train` for why that is a package that can be called.

    Args:
        recipe: See `synthmat.api`.
        out: Output folder instead of ``output/<name>``.
        overrides: Texts such as ``train.size=128``, which replace values of the recipe.
        options: See `synthmat.RunOptions`; ``limit`` counts epochs.
        experiments: Of a recipe with experiments train only these; all if empty.
        model: Takes the place of ``train.model``.
        **keywords: Any of the options.

    Returns:
        ``folder`` is ``training`` in the output folder, ``paths`` every ``best.pt`` and ``summary.json`` in it.

    Raises:
        RecipeError: The recipe has faults or no such experiment, or there is no such network.
        OutputError: There is no data set.
        MissingDependencyError: torch is not installed.

    Example:
        >>> recipe = {"name": "toys", "objects": [{"builtin": "vase"}]}
        >>> result = train(recipe, model="unet_2018", overrides=["train.size=64"], dry_run=True)
        >>> "would train unet_2018" in result.notes[0]
        True
    """
    if model is not None:
        overrides = [*overrides, f"train.model={model}"]
    checked, base, output, options = begin(recipe, out, overrides, run_options(options, keywords))
    from synthmat.compositor.live import live_samples
    from synthmat.train.stage import train as train_stage

    def train_one(recipe: Recipe, output: OutputFolder) -> StageResult:
        return train_stage(recipe, output, options, base=base, live=live_samples(recipe, base, output))

    if not checked.experiments and not experiments:
        result = train_one(checked, output)
    else:
        from synthmat.experiments import train_experiments

        chosen = {name: keys for name, keys in checked.experiments.items() if not experiments or name in experiments}
        if len(chosen) > 1 and not options.dry_run:
            from synthmat.train.preflight import check_training

            check_training(checked.model_copy(update={"experiments": chosen}), base, output, planned=False)
        result = train_experiments(checked, output, train_one, experiments, options)
    files = [file for name in ("best.pt", "summary.json") for file in sorted(output.training.rglob(name))]
    return with_output(result, options, output, output.training, files)


def run(
    recipe: RecipeLike = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    **keywords: Unpack[RunKeywords],
) -> list[StageResult]:
    """Render, composite and train in turn, then write the report; a stage that made nothing ends the run.

    What is missing, and what the training would stumble over, is looked for before the first frame. A dry run plans
    every stage, as far as what it takes from the one before is there, and takes files that would cost single frames or
    samples for faults too. A stage that the recipe has nothing to do for is left out; see `Recipe.stages`.

    Args:
        recipe: See `synthmat.api`.
        out: Output folder instead of ``output/<name>``.
        overrides: Texts such as ``render.samples=16``, which replace values of the recipe.
        options: See `synthmat.RunOptions`; ``limit`` counts frames, then samples, then epochs. A training for which it
            leaves no samples waits for a run with a higher one.
        **keywords: Any of the options.

    Returns:
        A result for each stage that ran, as `render`, `composite` and `train` return them.

    Raises:
        RecipeError: The recipe has faults, names what is not there, or its network, loss and data do not go together.
        MissingDependencyError: A stage needs a package that is not installed.

    Example:
        >>> recipe = {"name": "more_toys", "objects": [{"builtin": "vase"}]}
        >>> [result.stage for result in run(recipe, overrides=["render.views={turntable: {count: 3}}"], dry_run=True)]
        ['render', 'composite', 'train']
    """
    results: list[StageResult] = []
    options = run_options(options, keywords)
    checked, base, output = open_recipe(recipe, out, overrides)
    from synthmat.preflight import check_files
    from synthmat.train.preflight import check_training

    found = check_files(checked, base, output, checked.stages)
    found.raise_stops(costs=options.dry_run)
    if found.costs and not options.quiet:
        print(*found.costs, sep="\n", file=sys.stderr)
    trainings = check_training(checked, base, output)
    stages = {"render": render, "composite": composite, "train": train}
    for name in checked.stages:
        try:
            result = stages[name](recipe, out=out, overrides=overrides, options=options)
        except OutputError as error:
            if options.dry_run:
                later = trainings if name == "train" else [f"is planned when the stage before is done: {error}"]
            elif isinstance(error, TooFewSamplesError) and options.limit is not None:
                later = [f"waits: a limit of {options.limit} leaves it too few ({str(error).partition(';')[0]})"]
            else:
                raise
            result = StageResult(name, notes=later)
        results.append(result)
        if not result.made and not result.kept and not options.dry_run:
            break
    if options.dry_run:
        told = {note for result in results for note in result.notes}
        results[-1].notes += [note for note in found.notes if note not in told]
    elif any(result.made or result.kept for result in results):
        inspect(output.root)
    return results
