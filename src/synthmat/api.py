"""The commands as functions: ``import synthmat; synthmat.render("recipe.yaml")``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthmat.errors import OutputError
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.atomic import write_text
from synthmat.storage.output_folder import Layout

if TYPE_CHECKING:
    from synthmat.generator.preview import PreviewResult
    from synthmat.recipe import Recipe
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.evaluate.stage import Evaluated
    from synthmat.train.export.stage import ExportedModel
    from synthmat.train.predict.stage import PredictOptions
    from synthmat.verification.findings import VerifyReport


def open_recipe(
    recipe: str | Path, out: str | Path | None = None, overrides: Sequence[str] = ()
) -> tuple[Recipe, Path, Layout]:
    """Return the checked recipe, the folder at which its relative paths start, and where its output goes.

    Raises:
        RecipeError: The recipe has faults; see `synthmat.recipe.load_recipe`.
    """
    from synthmat.recipe import load_recipe

    checked = load_recipe(recipe, overrides)
    root = Path(out) if out is not None else Path("output") / checked.name
    return checked, Path(recipe).absolute().parent, Layout(root.absolute())


def render(
    recipe: str | Path = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
) -> StageResult:
    """Render the recipe's objects onto transparency; frames that are there already are kept.

    Raises:
        RecipeError: The recipe has faults, or something is not there that it names for this stage, or for the next one
            if it says anything of that.
    """
    checked, base, layout, options = _begin(recipe, out, overrides, options)
    from synthmat.generator.stage import render as render_stage
    from synthmat.preflight import check_files

    found = check_files(checked, base, layout, ["render"])
    if "composite" in checked.model_fields_set:
        found.stops += check_files(checked, base, layout, ["composite"]).stops
    found.raise_stops()
    result = render_stage(checked, base, layout, options)
    # What fails is named when it does; only a plan would say nothing of it.
    result.notes = [*(found.costs if options.dry_run else ()), *found.notes, *result.notes]
    return result


def preview(
    recipe: str | Path = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
) -> PreviewResult:
    """Render every object of the recipe once, small, onto contact sheets and a page; ``.page`` of the result is it."""
    options = options or RunOptions()
    checked, base, layout = open_recipe(recipe, out, overrides)
    _keep_recipe(checked, recipe, layout.preview)
    from synthmat.generator.preview import preview as preview_stage

    return preview_stage(checked, base, layout, options)


def composite(
    recipe: str | Path = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
) -> StageResult:
    """Put the rendered frames on photos and write the data set; samples that are there already are kept."""
    checked, base, layout, options = _begin(recipe, out, overrides, options)
    from synthmat.compositor.stage import composite as composite_stage

    return composite_stage(checked, base, layout, options)


def train(
    recipe: str | Path = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
    experiments: Sequence[str] = (),
    model: str | None = None,
) -> StageResult:
    """Train the recipe's network on the data set; a training that was interrupted goes on where it stopped.

    Of a recipe with experiments each is trained, or those named in ``experiments``. ``model`` takes the place of
    ``train.model``.

    Raises:
        RecipeError: The recipe has faults or no such experiment, or there is no such network.
    """
    if model is not None:
        overrides = [*overrides, f"train.model={model}"]
    checked, base, layout, options = _begin(recipe, out, overrides, options)
    from synthmat.compositor.live import live_samples
    from synthmat.train.stage import train as train_stage

    def train_one(recipe: Recipe, layout: Layout) -> StageResult:
        return train_stage(recipe, layout, options, base=base, live=live_samples(recipe, base, layout))

    if not checked.experiments and not experiments:
        return train_one(checked, layout)
    from synthmat.experiments import train_experiments

    chosen = {name: keys for name, keys in checked.experiments.items() if not experiments or name in experiments}
    if len(chosen) > 1 and not options.dry_run:
        from synthmat.train.preflight import check_training

        check_training(checked.model_copy(update={"experiments": chosen}), base, layout, planned=False)
    return train_experiments(checked, layout, train_one, experiments, options)


def run(
    recipe: str | Path = "recipe.yaml",
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: RunOptions | None = None,
) -> list[StageResult]:
    """Render, composite and train in turn, then write the report; a stage that made nothing ends the run.

    What is missing, and what the training would stumble over, is looked for before the first frame. A dry run plans
    every stage, as far as what it takes from the one before is there, and takes files that would cost single frames or
    samples for faults too.

    Raises:
        RecipeError: The recipe has faults, names what is not there, or its network, loss and data do not go together.
        MissingDependencyError: A stage needs a package that is not installed.
    """
    results: list[StageResult] = []
    options = options or RunOptions()
    checked, base, layout = open_recipe(recipe, out, overrides)
    from synthmat.preflight import check_files
    from synthmat.train.preflight import check_training

    found = check_files(checked, base, layout)
    found.raise_stops(costs=options.dry_run)
    if found.costs and not options.quiet:
        print(*found.costs, sep="\n", file=sys.stderr)
    trainings = check_training(checked, base, layout)
    stages = {"render": render, "composite": composite, "train": train}
    for name in stages if checked.objects else ("composite", "train"):
        try:
            result = stages[name](recipe, out=out, overrides=overrides, options=options)
        except OutputError as error:
            if not options.dry_run:
                raise
            later = trainings if name == "train" else [f"is planned when the stage before is done: {error}"]
            result = StageResult(name, notes=later)
        results.append(result)
        if not result.made and not result.kept and not options.dry_run:
            return results
    if options.dry_run:
        told = {note for result in results for note in result.notes}
        results[-1].notes += [note for note in found.notes if note not in told]
    else:
        inspect(layout.root)
    return results


def evaluate(
    contestants: str | Path | Sequence[str | Path],
    data: str | Path,
    out: str | Path = "evaluation",
    *,
    options: EvaluateOptions | None = None,
) -> Evaluated:
    """Measure checkpoints and baselines on a data set of ours or of a public layout; write a page and a JSON file.

    See `synthmat.train.evaluate.stage.evaluate` for the arguments and errors.
    """
    from synthmat.train.evaluate.stage import evaluate as evaluate_all

    several = [contestants] if isinstance(contestants, str | Path) else contestants
    return evaluate_all([str(each) for each in several], Path(data).absolute(), Path(out).absolute(), options)


def predict(
    checkpoint: str | Path,
    inputs: str | Path | Sequence[str | Path],
    out: str | Path = "predictions",
    *,
    trimap: str | Path | None = None,
    captured_bg: str | Path | None = None,
    background: str | Path | None = None,
    options: PredictOptions | None = None,
) -> StageResult:
    """Write mattes, cut-outs and composites of pictures at their full size; results that are there are kept.

    See `synthmat.train.predict.stage.predict` for the arguments and errors.
    """
    from synthmat.train.predict.stage import predict as predict_all

    several = [inputs] if isinstance(inputs, str | Path) else inputs
    return predict_all(
        str(checkpoint), [Path(each).expanduser() for each in several], Path(out).absolute(),
        trimap=None if trimap is None else Path(trimap),
        captured_bg=None if captured_bg is None else Path(captured_bg),
        background=None if background is None else Path(background),
        options=options,
    )  # fmt: skip


def inspect(folder: str | Path) -> list[Path]:
    """Write contact sheets and HTML pages for whatever stages' output lies in ``folder``; return their paths."""
    from synthmat.report.inspect import inspect as inspect_folder

    return inspect_folder(Path(folder).absolute())


def verify(
    folder: str | Path, *, limit: int | None = None, workers: int | None = None, quiet: bool = True
) -> VerifyReport:
    """Check everything that an output folder claims: files, checksums, mattes, matting equation, trimaps, splits.

    See `synthmat.verification.verify.verify` for the arguments and errors; ``.well`` and ``.text`` of the result say
    what came of it.
    """
    from synthmat.verification.verify import verify as verify_folder

    return verify_folder(Path(folder).absolute(), limit=limit, workers=workers, quiet=quiet)


def export_dataset(
    folder: str | Path,
    layout: str,
    to: str | Path | None = None,
    *,
    copy: bool = False,
    samples_per_shard: int = 1000,
    shard_megabytes: float = 1000.0,
    alpha_bits: int = 8,
    quiet: bool = True,
) -> tuple[StageResult, Path]:
    """Write a data set in a public layout; return what was done, and the export's folder.

    See `synthmat.export_dataset.export_dataset` for the arguments and errors. The last three are for WebDataset: the
    size of its shards, and whether alpha of 16 bits stays so.
    """
    from synthmat import export_dataset as exporting
    from synthmat.layouts.outputs import ExportOptions

    source = Path(folder).absolute()
    target = exporting.default_target(source, layout) if to is None else Path(to).absolute()
    options = ExportOptions(samples_per_shard, shard_megabytes, alpha_bits)
    return exporting.export_dataset(source, layout, target, copy=copy, options=options, quiet=quiet), target


def export_model(
    checkpoint: str | Path,
    out: str | Path | None = None,
    *,
    to: str = "onnx",
    target: str | None = None,
    int8: bool = False,
) -> ExportedModel:
    """Write a trained network as an ONNX or TorchScript file, for programs of one's own or for rembg.

    See `synthmat.train.export.stage.export_model` for the arguments and errors.
    """
    from synthmat.train.export.stage import export_model as export

    place = None if out is None else Path(out).absolute()
    return export(Path(checkpoint).expanduser(), place, to=to, target=target, int8=int8)


def doctor() -> tuple[str, bool]:
    """Return a report of what is installed and what is missing, and whether everything needed is there."""
    from synthmat.doctor import doctor as examine

    return examine()


def init(folder: str | Path = ".") -> Path:
    """Write a commented starter recipe to ``folder/recipe.yaml`` and return its path.

    Raises:
        OutputError: There is a recipe already.
    """
    from importlib.resources import files

    target = Path(folder) / "recipe.yaml"
    if target.exists():
        raise OutputError(f"{target}: there already; choose another folder or move it away")
    write_text(target, files("synthmat.recipes").joinpath("own_models.yaml").read_text(encoding="utf-8"))
    return target


def _begin(
    recipe: str | Path, out: str | Path | None, overrides: Sequence[str], options: RunOptions | None
) -> tuple[Recipe, Path, Layout, RunOptions]:
    """Check the recipe before a stage's heavy imports, and keep it beside the output with every default filled in."""
    options = options or RunOptions()
    checked, base, layout = open_recipe(recipe, out, overrides)
    if not options.dry_run:
        _keep_recipe(checked, recipe, layout)
    return checked, base, layout, options


def _keep_recipe(checked: Recipe, recipe: str | Path, layout: Layout) -> None:
    from synthmat.recipe import dump_recipe

    head = f"# {Path(recipe).name} with every default filled in; relative paths start at that file's folder.\n"
    try:
        write_text(layout.recipe, head + dump_recipe(checked))
    except OSError as error:
        raise OutputError(
            f"{layout.root}: cannot write there: {error.strerror}; choose another place with --out"
        ) from None
