"""The command line. Heavy imports happen inside the commands, so that ``synthmat --help`` answers at once."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from synthmat import __version__
from synthmat.errors import RecipeError, SynthmatError
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
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")]
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
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render the recipe's objects onto transparent PNGs."""
    from synthmat import api

    options = _options(workers, device, shard, limit, dry_run, strict, quiet)
    _finish([api.render(recipe, out=out, overrides=set_ or [], options=options)], recipe, out, set_)


@app.command()
def composite(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    shard: Shard = None, limit: Limit = None, dry_run: DryRun = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Put the rendered objects on photos and write the data set."""
    from synthmat import api

    options = _options(workers, "auto", shard, limit, dry_run, strict, quiet)
    _finish([api.composite(recipe, out=out, overrides=set_ or [], options=options)], recipe, out, set_)


@app.command()
def train(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", limit: Limit = None, dry_run: DryRun = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Train the recipe's network on the data set; run it again to go on where it stopped."""
    from synthmat import api

    options = _options(workers, device, None, limit, dry_run, strict, quiet)
    _finish([api.train(recipe, out=out, overrides=set_ or [], options=options)], recipe, out, set_)


@app.command()
def run(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", dry_run: DryRun = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render, composite, train and report."""
    from synthmat import api

    options = _options(workers, device, None, None, dry_run, strict, quiet)
    _finish(api.run(recipe, out=out, overrides=set_ or [], options=options), recipe, out, set_, summary=not dry_run)


@app.command()
def inspect(folder: Annotated[Path, typer.Argument(help="An output folder, or one stage's folder in it.")]) -> None:
    """Make contact sheets and HTML pages of any stage's output."""
    from synthmat import api

    for path in api.inspect(folder):
        print(f"wrote {path}")


@app.command()
def doctor() -> None:
    """Say what is installed, which devices there are, what is missing and how to get it."""
    from synthmat import api

    text, well = api.doctor()
    print(text)
    raise typer.Exit(EXIT_OK if well else EXIT_FAILED)


@recipe_app.command("check")
def recipe_check(recipes: Annotated[list[Path], typer.Argument(help="The recipes.")], set_: Set = None) -> None:
    """Check recipes; every fault is printed as file:line:column: place: what."""
    from synthmat.recipe import load_recipe

    faulty = False
    for path in recipes:
        try:
            load_recipe(path, set_ or [])
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


def main() -> None:
    """Run the command line; errors of the user's are printed without a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
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


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _options(
    workers: int | None, device: str, shard: str | None, limit: int | None, dry_run: bool, strict: bool, quiet: bool
) -> RunOptions:
    part = None
    if shard is not None:
        index, _, parts = shard.partition("/")
        if not (index.isdigit() and parts.isdigit() and 1 <= int(index) <= int(parts)):
            raise typer.BadParameter(f"--shard {shard}: write it as I/N with I from 1 to N, for example 2/8")
        part = (int(index), int(parts))
    return RunOptions(
        workers=workers, device=device, shard=part, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet
    )


def _finish(
    results: list[StageResult], recipe: Path, out: Path | None, overrides: list[str] | None, summary: bool = False
) -> None:
    """Print what the stages did and leave with the exit code that says it."""
    from synthmat.api import open_recipe

    _, _, layout = open_recipe(recipe, out, overrides or [])
    for result in results:
        for note in result.notes:
            print(f"{result.stage}: {note}")
        print(
            f"{result.stage}: {result.made} made, {result.kept} kept, {result.failed} failed in {result.seconds:.1f} s"
        )
    if any(result.failed for result in results):
        print(f"what failed, and why: {layout.failures}")
    if summary:
        from synthmat.summary import summary_text

        print(summary_text(layout))
    raise typer.Exit(EXIT_FAILED if any(result.failed for result in results) else EXIT_OK)


if __name__ == "__main__":
    main()
