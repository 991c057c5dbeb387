"""The commands as functions, and what a program builds on: ``import synthmat; synthmat.render("recipe.yaml")``.

A recipe is the path of a YAML file, the same as a dictionary, or a `synthmat.Recipe`; relative paths in it start at the
file's folder, of the others at the working folder. Options are keyword arguments (``workers=1``) or a record
(``options=RunOptions(workers=1)``), also both: keywords win. Faults are raised as `synthmat.RecipeError`,
`synthmat.OutputError`, `synthmat.AssetError` and `synthmat.MissingDependencyError`, all of them
`synthmat.SynthmatError`; what fails for single frames, samples and pictures is in the result's ``failures``.

Scripts need no ``if __name__ == "__main__"``: worker processes do not import them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from synthmat.errors import OutputError
from synthmat.keywords import EvaluateKeywords, PredictKeywords, RunKeywords
from synthmat.stage import RunOptions, StageResult, recorded_failures
from synthmat.storage.atomic import write_text
from synthmat.storage.output_folder import SPLITS, OutputFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synthmat.cleaning import Removable
    from synthmat.generator.preview import PreviewResult
    from synthmat.recipe import Recipe
    from synthmat.train.adapt.checkpoint import Adapted
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.evaluate.stage import Evaluated
    from synthmat.train.export.stage import ExportedModel
    from synthmat.train.predict.matting_model import MattingModel
    from synthmat.train.predict.stage import PredictOptions
    from synthmat.verification.findings import VerifyReport

    RecipeLike: TypeAlias = str | Path | Mapping[str, Any] | Recipe


def open_recipe(
    recipe: RecipeLike, out: str | Path | None = None, overrides: Sequence[str] = ()
) -> tuple[Recipe, Path, OutputFolder]:
    """Return the checked recipe, the folder at which its relative paths start, and where its output goes.

    Raises:
        RecipeError: The recipe has faults; see `synthmat.load_recipe`.

    Example:
        >>> recipe, base, output = open_recipe({"name": "toys", "objects": [{"builtin": "vase"}]})
        >>> base == Path.cwd(), output.dataset == base / "output/toys/dataset"
        (True, True)
    """
    from synthmat.recipe import load_recipe

    checked = load_recipe(recipe, overrides)
    base = Path(recipe).absolute().parent if isinstance(recipe, str | Path) else Path.cwd()
    root = Path(out) if out is not None else Path("output") / checked.name
    return checked, base, OutputFolder(root.absolute())


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
        out: Output folder instead of ``output/<name>``.
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
    checked, base, output, options = _begin(recipe, out, overrides, _options(options, keywords))
    from synthmat.generator.stage import render as render_stage
    from synthmat.preflight import check_files

    found = check_files(checked, base, output, ["render"])
    if "composite" in checked.model_fields_set:
        found.stops += check_files(checked, base, output, ["composite"]).stops
    found.raise_stops()
    result = render_stage(checked, base, output, options)
    # What fails is named when it does; only a plan would say nothing of it.
    result.notes = [*(found.costs if options.dry_run else ()), *found.notes, *result.notes]
    return _with_output(result, options, output, output.renders, [output.render_manifest])


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
    options = _options(options, keywords)
    checked, base, output = open_recipe(recipe, out, overrides)
    options = replace(options, begun=partial(_keep_recipe, checked, recipe, output.preview))
    from synthmat.generator.preview import preview as preview_stage

    result = preview_stage(checked, base, output, options)
    place = output.preview
    _with_output(result, options, place, place.renders, [result.page, *result.sheets, place.render_manifest])
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
    checked, base, output, options = _begin(recipe, out, overrides, _options(options, keywords))
    from synthmat.compositor.stage import composite as composite_stage

    result = composite_stage(checked, base, output, options)
    tables = [output.metadata(split) for split in SPLITS]
    return _with_output(result, options, output, output.dataset, [output.dataset / "README.md", *tables])


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
    checked, base, output, options = _begin(recipe, out, overrides, _options(options, keywords))
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
    return _with_output(result, options, output, output.training, files)


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
        options: See `synthmat.RunOptions`; ``limit`` counts frames, then samples, then epochs.
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
    options = _options(options, keywords)
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
        inspect(output.root)
    return results


def evaluate(
    contestants: str | Path | Sequence[str | Path],
    data: str | Path,
    out: str | Path = "evaluation",
    *,
    options: EvaluateOptions | None = None,
    **keywords: Unpack[EvaluateKeywords],
) -> Evaluated:
    """Measure checkpoints and baselines on a data set of ours or of a public layout; write a page and a JSON file.

    See `synthmat.train.evaluate.stage.evaluate` for the arguments and errors.

    Returns:
        ``.results`` has every figure, ``.text`` a table, ``.files`` what was written, ``.failures`` what could not be
        measured.

    Example:
        >>> found = evaluate(["baseline:centre"], "output/toys", split="val", presets=("whole",), quiet=True)
        >>> [file.name for file in found.files][:1], found.failures
        (['evaluation.json'], [])
    """
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.evaluate.stage import evaluate as evaluate_all

    several = [contestants] if isinstance(contestants, str | Path) else contestants
    chosen = replace(options or EvaluateOptions(), **keywords)
    return evaluate_all([str(each) for each in several], Path(data).absolute(), Path(out).absolute(), chosen)


def predict(
    checkpoint: str | Path,
    inputs: str | Path | Sequence[str | Path],
    out: str | Path = "predictions",
    *,
    trimap: str | Path | None = None,
    captured_bg: str | Path | None = None,
    background: str | Path | None = None,
    options: PredictOptions | None = None,
    **keywords: Unpack[PredictKeywords],
) -> StageResult:
    """Write mattes, cut-outs and composites of pictures at their full size; results that are there are kept.

    See `synthmat.train.predict.stage.predict` for the arguments and errors.

    Returns:
        ``folder`` is ``out``, ``paths`` the table of all results and every picture that is listed there.

    Example:
        >>> result = predict("baseline:centre", "photos", out="mattes", foreground=False, quiet=True)
        >>> [path.name for path in result.paths]
        ['predictions.jsonl', 'cup_alpha.png', 'fox_alpha.png']
    """
    from synthmat.storage.manifest import read_rows
    from synthmat.train.predict.argument_order import check_order
    from synthmat.train.predict.inputs import ROWS
    from synthmat.train.predict.stage import PredictOptions
    from synthmat.train.predict.stage import predict as predict_all

    several = [Path(each).expanduser() for each in ([inputs] if isinstance(inputs, str | Path) else inputs)]
    check_order(str(checkpoint), several)
    folder = Path(out).absolute()
    chosen = replace(options or PredictOptions(), **keywords)
    result = predict_all(
        str(checkpoint), several, folder,
        trimap=None if trimap is None else Path(trimap),
        captured_bg=None if captured_bg is None else Path(captured_bg),
        background=None if background is None else Path(background),
        options=chosen,
    )  # fmt: skip
    made = [folder / name for row in read_rows(folder / ROWS) for name in row.get("files", ())]
    result.folder, result.paths = folder, [file for file in (folder / ROWS, *made) if file.is_file()]
    result.failures = recorded_failures(OutputFolder(folder), "predict") if result.failed else []
    return result


def load_model(
    checkpoint: str | Path, *, device: str = "auto", mode: str = "auto", size: int | None = None
) -> MattingModel:
    """Return a trained network whose ``predict(image, trimap=None, background=None)`` gives alpha, numpy in and out.

    Args:
        checkpoint: A file, a training's or output folder, or a baseline such as ``baseline:kmeans``.
        device: ``auto``, ``cpu``, ``cuda`` and so on.
        mode: How it sees a large picture: ``auto``, ``resize``, ``tile`` or ``whole``.
        size: Edge of the square that ``resize`` makes, or of the windows of ``tile``.

    Raises:
        AssetError: There is no such checkpoint or baseline.
        OutputError: The checkpoint cannot be used.
        MissingDependencyError: torch is not installed, or lacks the device.

    Example:
        >>> import numpy as np
        >>> model = load_model("output/toys")
        >>> alpha = model.predict(np.zeros((120, 160, 3), np.uint8))
        >>> alpha.shape, alpha.dtype, bool(0 <= alpha.min() <= alpha.max() <= 1)
        ((120, 160), dtype('float32'), True)
    """
    from synthmat.train.predict.matting_model import MattingModel

    return MattingModel(str(checkpoint), device, mode, size)


def matte_metrics(
    prediction: NDArray[np.generic],
    truth: NDArray[np.generic],
    trimap: NDArray[np.generic] | None = None,
    *,
    preset: str | None = None,
) -> dict[str, float]:
    """Return the field's metrics of a matte: ``sad``, ``mse``, ``mad``, ``grad``, ``conn``, ``iou`` and ``dice``.

    The first five follow the published definitions and units of a preset. With a trimap that is ``dim`` unless told
    otherwise, which measures its unknown region; without one it is ``whole``, the same over the whole picture. ``iou``
    (of the mattes cut at 0.5) and ``dice`` (of soft alpha) always are of the whole picture.

    Args:
        prediction: ``(H, W)``, uint8, uint16 or float in 0..1.
        truth: The true alpha, likewise.
        trimap: Likewise; 0 is background, 255 foreground, all between unknown.
        preset: A name in `synthmat.train.metrics.PRESETS`.

    Raises:
        ValueError: There is no such preset, it needs a trimap, or shapes or dtypes are wrong.

    Example:
        >>> import numpy as np
        >>> truth = np.zeros((64, 64), np.float32)
        >>> truth[16:48, 16:48] = 1
        >>> found = matte_metrics(truth * np.float32(0.8), truth)
        >>> round(found["sad"], 4), round(found["mad"], 4), found["iou"]
        (0.2048, 0.05, 1.0)
    """
    from synthmat.train.metrics import matte_metrics as measure
    from synthmat.train.metrics import overlap_metrics

    chosen = preset or ("whole" if trimap is None else "dim")
    overlap = overlap_metrics(prediction, truth)
    values = measure(prediction, truth, trimap, chosen).values
    return values | {name: overlap[name] for name in ("iou", "dice")}


def adapt(
    checkpoint: str | Path,
    photos: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    trimap: str | Path | None = None,
    captured_bg: str | Path | None = None,
    passes: int = 4,
    device: str = "auto",
) -> Adapted:
    """Write a checkpoint with the batch-norm statistics of photographs that have no mattes.

    See `synthmat.train.adapt.command.adapt` for the arguments and errors.

    Returns:
        ``path`` is the new checkpoint, ``record`` what it says of the photographs, ``notes`` name those passed over.

    Example:
        >>> adapted = adapt("output/toys/training/best.pt", "photos")
        >>> adapted.path.name, adapted.record["photos"]
        ('adapted.pt', 1)
    """
    from synthmat.train.adapt.command import adapt as adapt_one

    several = [photos] if isinstance(photos, str | Path) else photos
    places = {"trimap": trimap, "captured_bg": captured_bg}
    partners = {kind: Path(place) for kind, place in places.items() if place is not None}
    return adapt_one(
        Path(checkpoint).expanduser(), [Path(each).expanduser() for each in several],
        None if out is None else Path(out), partners=partners, passes=passes, device=device,
    )  # fmt: skip


def inspect(folder: str | Path) -> list[Path]:
    """Write contact sheets and HTML pages for whatever stages' output lies in ``folder``; return their paths.

    ``folder`` may be an output folder, one stage's folder in it, or a folder of predictions.

    Example:
        >>> pages = inspect("output/toys/dataset")
        >>> [page.name for page in pages]
        ['contact_sheet.png', 'index.html']
    """
    from synthmat.report.inspect import inspect as inspect_folder

    return inspect_folder(Path(folder).absolute())


def verify(
    folder: str | Path, *, limit: int | None = None, workers: int | None = None, quiet: bool = True
) -> VerifyReport:
    """Check everything that an output folder claims: files, checksums, mattes, matting equation, trimaps, splits.

    See `synthmat.verification.verify.verify` for the arguments and errors; ``.well`` and ``.text`` of the result say
    what came of it.

    Example:
        >>> report = verify("output/toys")
        >>> isinstance(report.well, bool), "checksum" in report.text
        (True, True)
    """
    from synthmat.verification.verify import verify as verify_folder

    return verify_folder(Path(folder).absolute(), limit=limit, workers=workers, quiet=quiet)


def removable(folder: str | Path) -> Removable:
    """Return what `clean` would remove from an output folder; ``.text`` says it for people, ``.files`` lists it.

    Raises:
        OutputError: There is no output in the folder.

    Example:
        >>> removable("output/toys").files
        []
    """
    from synthmat.cleaning import find_removable

    return find_removable(OutputFolder(Path(folder).absolute()))


def clean(folder: str | Path) -> Removable:
    """Remove frames and samples of other settings that are kept aside, and files that no list has; return them.

    Raises:
        OutputError: There is no output in the folder, or a run writes there.

    Example:
        >>> clean("output/toys").files
        []
    """
    from synthmat.cleaning import clean as clean_folder

    return clean_folder(OutputFolder(Path(folder).absolute()))


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

    See `synthmat.dataset_export.export_dataset` for the arguments and errors. The last three are for WebDataset: the
    size of its shards, and whether alpha of 16 bits stays so.

    Example:
        >>> result, target = export_dataset("output/toys", "coco")
        >>> result.made > 0, target.name
        (True, 'coco')
    """
    from synthmat import dataset_export
    from synthmat.layouts.outputs import ExportOptions

    source = Path(folder).absolute()
    target = dataset_export.default_target(source, layout) if to is None else Path(to).absolute()
    options = ExportOptions(samples_per_shard, shard_megabytes, alpha_bits)
    result = dataset_export.export_dataset(source, layout, target, copy=copy, options=options, quiet=quiet)
    result.folder, result.paths = target, [target / dataset_export.LIST]
    return result, target


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

    Example:
        >>> made = export_model("output/toys")
        >>> made.path.name
        'best.onnx'
    """
    from synthmat.train.export.stage import export_model as export

    place = None if out is None else Path(out).absolute()
    return export(Path(checkpoint).expanduser(), place, to=to, target=target, int8=int8)


def doctor() -> tuple[str, bool]:
    """Return a report of what is installed and what is missing, and whether everything needed is there.

    Example:
        >>> text, well = doctor()
        >>> text.splitlines()[0]
        'Python'
    """
    from synthmat.environment_report import environment_report

    return environment_report()


def init(folder: str | Path = ".", start: str = "own_models") -> Path:
    """Write a ready recipe, its JSON Schema and the folders that it reads from; return the recipe's path.

    Args:
        folder: Where; it is made if it is not there.
        start: Which ready recipe; see `synthmat.recipe.ready.ready_recipes`.

    Raises:
        OutputError: There is a recipe already.
        RecipeError: There is no such ready recipe.

    Example:
        >>> path = init("my_objects")
        >>> sorted(each.name for each in path.parent.iterdir())
        ['models', 'photos', 'recipe.schema.json', 'recipe.yaml']
    """
    from synthmat.recipe.ready import write_starter

    return write_starter(Path(folder), start)


def _options(options: RunOptions | None, keywords: RunKeywords) -> RunOptions:
    return replace(options or RunOptions(), **keywords)


def _with_output(
    result: StageResult, options: RunOptions, output: OutputFolder, folder: Path, files: Iterable[Path]
) -> StageResult:
    """Say in a stage's result where its output lies and what failed; of a dry run there is neither."""
    if not options.dry_run:
        result.folder = folder
        result.paths = [file for file in files if file.is_file()]
        result.failures = recorded_failures(output, result.stage, options.shard) if result.failed else []
    return result


def _begin(
    recipe: RecipeLike, out: str | Path | None, overrides: Sequence[str], options: RunOptions
) -> tuple[Recipe, Path, OutputFolder, RunOptions]:
    """Check the recipe before a stage's heavy imports; a run that begins keeps it with every default filled in."""
    checked, base, output = open_recipe(recipe, out, overrides)
    return checked, base, output, replace(options, begun=partial(_keep_recipe, checked, recipe, output))


def _keep_recipe(checked: Recipe, recipe: RecipeLike, output: OutputFolder) -> None:
    from synthmat.recipe import dump_recipe

    head = "# The recipe with every default filled in; relative paths start at the folder that it was run from.\n"
    if isinstance(recipe, str | Path):
        head = f"# {Path(recipe).name} with every default filled in; relative paths start at that file's folder.\n"
    try:
        write_text(output.recipe, head + dump_recipe(checked))
    except OSError as error:
        raise OutputError(
            f"{output.root}: cannot write there: {error.strerror}; choose another place with --out"
        ) from None
