"""The command line. Heavy imports happen inside the commands, so that ``synthmat --help`` answers at once."""

from __future__ import annotations

import json
import signal
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from synthmat import __version__
from synthmat.errors import RecipeError, SynthmatError
from synthmat.layouts import exportable, readable
from synthmat.stage import RunOptions, StageResult

app = typer.Typer(
    help="Exact alpha-matting data from 3D models: render, composite, train.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
recipe_app = typer.Typer(
    help="Check a recipe, show it with its defaults, or print its JSON Schema.", no_args_is_help=True
)
app.add_typer(recipe_app, name="recipe")
export_app = typer.Typer(
    help="Write a data set as the field's trainers read it, or a network as other programs load it.",
    no_args_is_help=True,
)
app.add_typer(export_app, name="export")

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130

RecipePath = Annotated[Path, typer.Argument(help="The recipe; see `synthmat init`.", show_default=True)]
Out = Annotated[Path | None, typer.Option("--out", help="Output folder instead of output/<name>.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe value, e.g. render.samples=16."),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Worker processes; one a core by default.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, gpu, cuda, optix, hip, metal or oneapi.")]
Shard = Annotated[str | None, typer.Option("--shard", metavar="I/N", help="Make only the I-th of N parts, I from 1.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Make at most N new frames, samples or epochs.")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Train this network: short for --set train.model=NAME.")
]
Experiment = Annotated[
    list[str] | None,
    typer.Option("--experiment", metavar="NAME", help="Train only this one of the recipe's experiments; repeatable."),
]
LicenseFilter = Annotated[
    str | None,
    typer.Option("--license-filter", metavar="A,B", help="Use only these licences: CC0-*,CC-BY-4.0."),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Say what would be done, what is missing and, of rendering, how long it will take; do nothing.",
    ),
]
NoEstimate = Annotated[
    bool, typer.Option("--no-estimate", help="Render no calibrating frames to say how long rendering will take.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first failure.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show tracebacks of errors.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"synthmat {__version__}")
        raise typer.Exit


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to write recipe.yaml.")] = Path()) -> None:
    """Write a starter recipe with comments."""
    from synthmat import api

    print(f"wrote {api.init(folder)}; edit it, then run: synthmat run {folder / 'recipe.yaml'}")


@app.command()
def render(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", shard: Shard = None, limit: Limit = None, dry_run: DryRun = False,
    no_estimate: NoEstimate = False, strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render the recipe's objects onto transparent PNGs."""
    from synthmat import api

    options = _options(workers, device, shard, limit, dry_run, strict, quiet, estimate=dry_run and not no_estimate)
    _finish([api.render(recipe, out=out, overrides=set_ or [], options=options)], recipe, out, set_)


@app.command()
def preview(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Render at most N new objects.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render every object once, small and in seconds, on contact sheets and a page with all warnings."""
    from synthmat import api

    options = _options(workers, device, None, limit, False, strict, quiet)
    result = api.preview(recipe, out=out, overrides=set_ or [], options=options)
    _print_results([result])
    for path in (*result.sheets, result.page):
        print(f"wrote {path}")
    if open_:
        import webbrowser

        if not webbrowser.open(result.page.as_uri()):
            print("no browser could be started; open the page yourself", file=sys.stderr)
    raise typer.Exit(result.exit_code)


@app.command()
def composite(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    shard: Shard = None, limit: Limit = None, license_filter: LicenseFilter = None, dry_run: DryRun = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Put the rendered objects on photos and write the data set."""
    from synthmat import api

    if license_filter is not None:
        set_ = [*(set_ or []), f"composite.licenses={[name.strip() for name in license_filter.split(',')]}"]
    options = _options(workers, "auto", shard, limit, dry_run, strict, quiet)
    _finish([api.composite(recipe, out=out, overrides=set_ or [], options=options)], recipe, out, set_)


@app.command()
def train(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, model: Model = None,
    experiment: Experiment = None, workers: Workers = None, device: Device = "auto", limit: Limit = None,
    dry_run: DryRun = False, strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Train the recipe's network on the data set; run it again to go on where it stopped."""
    from synthmat import api

    options = _options(workers, device, None, limit, dry_run, strict, quiet)
    trained = api.train(
        recipe, out=out, overrides=set_ or [], options=options, experiments=experiment or [], model=model
    )
    _finish([trained], recipe, out, set_)


@app.command()
def run(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", dry_run: DryRun = False,
    no_estimate: NoEstimate = False, strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render, composite, train and report."""
    from synthmat import api

    options = _options(workers, device, None, None, dry_run, strict, quiet, estimate=not no_estimate)
    _finish(api.run(recipe, out=out, overrides=set_ or [], options=options), recipe, out, set_, summary=not dry_run)


@app.command()
def evaluate(
    contestants: Annotated[
        list[str],
        typer.Argument(
            metavar="CHECKPOINT...",
            help="Checkpoints, folders of trainings, or baselines such as baseline:kmeans; LABEL=... names them.",
        ),
    ],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A data set of ours or in a public layout.")],
    compare: Annotated[
        list[str] | None, typer.Option("--compare", metavar="CHECKPOINT", help="One more, to be compared; repeatable.")
    ] = None,
    layout: Annotated[str, typer.Option("--layout", help=f"auto or one of {', '.join(readable())}.")] = "auto",
    split: Annotated[
        str | None, typer.Option("--split", help="train, val, test or all; test by default, if there is one.")
    ] = None,
    preset: Annotated[
        list[str] | None, typer.Option("--preset", help="Whose metrics: dim by default; repeatable.")
    ] = None,
    trimap: Annotated[
        str, typer.Option("--trimap", help="file, made from the true alpha, or auto: made where there is no file.")
    ] = "auto",
    size: Annotated[
        int | None,
        typer.Option("--size", min=8, metavar="PIXELS", help="Shrink everything to this longer side first."),
    ] = None,
    mode: Annotated[str, typer.Option("--mode", help="auto, resize, tile or whole; see predict.")] = "auto",
    out: Annotated[Path, typer.Option("--out", help="Folder for page and figures.")] = Path("evaluation"),
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Measure only N images, spread evenly.")
    ] = None,
    device: Device = "auto", quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Measure networks and baselines side by side on any data set."""
    from synthmat import api
    from synthmat.train.evaluate.options import EvaluateOptions

    options = EvaluateOptions(
        layout=layout, split=split, presets=tuple(preset or ["dim"]), trimap=trimap, size=size, mode=mode, limit=limit,
        device=device, quiet=quiet,
    )  # fmt: skip
    found = api.evaluate([*contestants, *(compare or [])], data, out, options=options)
    print(found.text)
    for path in found.files:
        print(f"wrote {path}")
    raise typer.Exit(EXIT_INTERRUPTED if found.interrupted else EXIT_FAILED if found.failures else EXIT_OK)


@app.command()
def predict(
    checkpoint: Annotated[
        str, typer.Argument(metavar="CHECKPOINT", help="A checkpoint, a training's folder, or baseline:NAME.")
    ],
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Pictures, and folders of pictures.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("predictions"),
    trimap: Annotated[Path | None, typer.Option("--trimap", help="A trimap, or a folder with one a picture.")] = None,
    captured_bg: Annotated[
        Path | None, typer.Option("--captured-bg", help="The empty scene, or a folder with one a picture.")
    ] = None,
    background: Annotated[
        Path | None, typer.Option("--background", help="A new background, or a folder of some.")
    ] = None,
    mode: Annotated[
        str,
        typer.Option("--mode", help="resize: at the training's size; tile: windows; whole; auto: by its training."),
    ] = "auto",
    size: Annotated[
        int | None, typer.Option("--size", min=8, metavar="PIXELS", help="Edge: resize's square, tile's windows.")
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground/--no-foreground", help="Write cut-outs with decontaminated colour.")
    ] = True,
    format_: Annotated[str, typer.Option("--format", help="Of cut-outs: png or webp.")] = "png",
    bits: Annotated[int, typer.Option("--bits", help="Of the alpha PNG: 8 or 16.")] = 8,
    clean: Annotated[bool, typer.Option("--clean", help="Drop stray parts and fill holes.")] = False,
    clean_parts: Annotated[
        int, typer.Option(min=0, help="--clean: keep so many of the largest parts; 0 keeps all that are not small.")
    ] = 0,
    clean_least_part: Annotated[
        float, typer.Option(min=0, max=1, help="--clean: drop parts below this share of the largest.")
    ] = 0.05,
    clean_holes: Annotated[
        float, typer.Option(min=0, max=1, help="--clean: fill holes below this share of the object.")
    ] = 0.01,
    clean_opening: Annotated[float, typer.Option(min=0, help="--clean: radius of an opening, pixels.")] = 0,
    clean_closing: Annotated[float, typer.Option(min=0, help="--clean: radius of a closing, pixels.")] = 0,
    clean_smooth: Annotated[float, typer.Option(min=0, help="--clean: sigma of a blur, pixels.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Make at most N new ones.")] = None,
    device: Device = "auto", strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Make mattes, cut-outs and composites of photos; run it again to go on where it stopped."""
    from synthmat import api
    from synthmat.train.predict.clean import Cleaning
    from synthmat.train.predict.stage import PredictOptions

    cleaning = Cleaning(clean_opening, clean_closing, clean_parts, clean_least_part, clean_holes, clean_smooth)
    options = PredictOptions(
        mode=mode, size=size, bits=bits, foreground=foreground, format=format_, clean=cleaning if clean else None,
        device=device, limit=limit, strict=strict, quiet=quiet,
    )  # fmt: skip
    result = api.predict(
        checkpoint, inputs, out, trimap=trimap, captured_bg=captured_bg, background=background, options=options
    )
    for note in result.notes:
        print(f"predict: {note}")
    print(f"predict: {result.made} made, {result.kept} kept, {result.failed} failed in {result.seconds:.1f} s: {out}")
    raise typer.Exit(result.exit_code)


@app.command()
def inspect(folder: Annotated[Path, typer.Argument(help="An output folder, or one stage's folder in it.")]) -> None:
    """Make contact sheets and HTML pages of any stage's output."""
    from synthmat import api

    for path in api.inspect(folder):
        print(f"wrote {path}")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="An output folder, or dataset or renders in it.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Open only N samples and frames, spread evenly.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every finding there.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Threads; one a core by default.")] = None,
    quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Check a data set and its renders: files, mattes, the matting equation, splits."""
    from synthmat import api
    from synthmat.storage.atomic import write_text

    report = api.verify(folder, limit=limit, workers=workers, quiet=quiet)
    print(report.text)
    if json_file is not None:
        write_text(json_file, json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")
    raise typer.Exit(EXIT_OK if report.well else EXIT_FAILED)


@app.command()
def doctor() -> None:
    """Say what is installed, which devices there are, what is missing and how to get it."""
    from synthmat import api

    text, well = api.doctor()
    print(text)
    raise typer.Exit(EXIT_OK if well else EXIT_FAILED)


@recipe_app.command("check")
def recipe_check(
    recipes: Annotated[list[Path], typer.Argument(help="The recipes.")], set_: Set = None,
    files: Annotated[
        bool, typer.Option("--files", help="Look at every model, texture, photo, matte and weights that they name.")
    ] = False,
) -> None:  # fmt: skip
    """Check recipes; every fault is printed as file:line:column: place: what. `run` also builds the networks."""
    from synthmat.api import open_recipe
    from synthmat.preflight import check_files
    from synthmat.train.preflight import check_training_data

    faulty = False
    for path in recipes:
        try:
            opened = open_recipe(path, overrides=set_ or [])
            if files:
                found = check_files(*opened)
                print(*(f"{path}: {note}" for note in found.notes), sep="\n", end="\n" if found.notes else "")
                found.raise_stops(costs=True)
            else:
                check_training_data(*opened)
            print(f"{path}: fine")
        except RecipeError as error:
            faulty = True
            print(error, file=sys.stderr)
    raise typer.Exit(EXIT_USAGE if faulty else EXIT_OK)


@recipe_app.command("show")
def recipe_show(recipe: RecipePath = Path("recipe.yaml"), set_: Set = None) -> None:
    """Print the recipe with every default filled in."""
    from synthmat.recipe import dump_recipe, load_recipe

    print(dump_recipe(load_recipe(recipe, set_ or [])), end="")


@recipe_app.command("schema")
def recipe_schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    from synthmat.recipe.schema import schema_text

    print(schema_text(), end="")


@export_app.command("dataset")
def export_dataset(
    folder: Annotated[Path, typer.Argument(help="A data set, or the output folder it lies in.")],
    layout: Annotated[str, typer.Option("--layout", help=f"One of {', '.join(exportable())}.")],
    to: Annotated[Path | None, typer.Option("--to", help="Folder instead of exports/<layout> beside it.")] = None,
    copy: Annotated[bool, typer.Option("--copy/--link", help="Copy files, or make hard links to them.")] = False,
    samples_per_shard: Annotated[int, typer.Option(min=1, help="webdataset: most samples in a shard.")] = 1000,
    shard_megabytes: Annotated[float, typer.Option(min=0.001, help="webdataset: largest shard, MB.")] = 1000.0,
    alpha_bits: Annotated[int, typer.Option(help="webdataset: 8, or 16 to keep alpha as it is.")] = 8,
    quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Write a data set in a public layout; run it again to go on where it stopped."""
    from synthmat import api

    try:
        result, target = api.export_dataset(
            folder, layout, to, copy=copy, samples_per_shard=samples_per_shard, shard_megabytes=shard_megabytes,
            alpha_bits=alpha_bits, quiet=quiet,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    for note in result.notes:
        print(f"export: {note}")
    print(f"export: {result.made} made, {result.kept} kept in {result.seconds:.1f} s: {target}")


@export_app.command("model")
def export_model(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A checkpoint, or a training's folder.")],
    to: Annotated[str, typer.Option("--to", help="onnx or torchscript.")] = "onnx",
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="PROGRAM", help="rembg, rembg:u2net_custom (320 px), rembg:dis_custom (1024)."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File instead of one beside the checkpoint.")] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Weights in 8 bit: a quarter of the size, less exact.")] = False,
    verbose: Verbose = False,
) -> None:
    """Write a trained network as a file that needs no synthmat, compared with its checkpoint."""
    from synthmat import api

    made = api.export_model(checkpoint, out, to=to, target=for_, int8=int8)
    for note in made.notes:
        print(f"export: {note}")
    print(
        f"export: alpha differs from the checkpoint's by up to {made.difference.largest:.1e}, "
        f"{made.difference.mean:.1e} on average"
    )
    print(f"wrote {made.path}, {made.path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Run the command line; errors of the user's are printed without a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    warnings.showwarning = _print_warning
    try:
        app(standalone_mode=True)
    except SynthmatError as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    except OSError as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        print(f"{error.filename or 'output'}: {error.strerror or error}; what is finished is kept", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except SystemExit as leaving:
        # Typer turns an interruption into this exit code without a word.
        if leaving.code == EXIT_INTERRUPTED:
            print("interrupted; what is finished is kept, the same command goes on from here", file=sys.stderr)
        raise


def _print_warning(message: Warning | str, category: type[Warning], *_place: object, **_more: object) -> None:
    """Print a warning for people: what it says, without the line of code that it comes from."""
    print(message if issubclass(category, FutureWarning) else f"{category.__name__}: {message}", file=sys.stderr)


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _options(
    workers: int | None, device: str, shard: str | None, limit: int | None, dry_run: bool, strict: bool, quiet: bool,
    estimate: bool = False,
) -> RunOptions:  # fmt: skip
    part = None
    if shard is not None:
        index, _, parts = shard.partition("/")
        if not (index.isdigit() and parts.isdigit() and 1 <= int(index) <= int(parts)):
            raise typer.BadParameter(f"--shard {shard}: write it as I/N with I from 1 to N, for example 2/8")
        part = (int(index), int(parts))
    return RunOptions(
        workers=workers, device=device, shard=part, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet,
        estimate=estimate,
    )  # fmt: skip


def _finish(
    results: list[StageResult], recipe: Path, out: Path | None, overrides: list[str] | None, summary: bool = False
) -> None:
    """Print what the stages did and leave with the exit code that says it."""
    from synthmat.api import open_recipe

    _, _, layout = open_recipe(recipe, out, overrides or [])
    _print_results(results)
    if any(result.failed for result in results):
        print(f"what failed, and why: {layout.failures}")
    if summary:
        from synthmat.summary import summary_text

        print(summary_text(layout))
    raise typer.Exit(EXIT_FAILED if any(result.failed for result in results) else EXIT_OK)


def _print_results(results: Sequence[StageResult]) -> None:
    for result in results:
        for note in result.notes:
            print(f"{result.stage}: {note}")
        print(
            f"{result.stage}: {result.made} made, {result.kept} kept, {result.failed} failed in {result.seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
