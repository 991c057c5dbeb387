"""From what a caller gives to a checked recipe and options; what every stage returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from synthmat.errors import OutputError
from synthmat.keywords import RunKeywords
from synthmat.object_store.store import is_address
from synthmat.stage import RunOptions, StageResult, recorded_failures
from synthmat.storage.atomic import write_text
from synthmat.storage.output_folder import OutputFolder

if TYPE_CHECKING:
    from synthmat.recipe import Recipe

RecipeLike: TypeAlias = "str | Path | Mapping[str, Any] | Recipe"


def open_recipe(
    recipe: RecipeLike, out: str | Path | None = None, overrides: Sequence[str] = ()
) -> tuple[Recipe, Path, OutputFolder]:
    """Return the checked recipe, the folder at which its relative paths start, and where its output goes.

    Raises:
        RecipeError: The recipe has faults; see `synthmat.load_recipe`.
        OutputError: ``out`` is the address of a store.

    Example:
        >>> recipe, base, output = open_recipe({"name": "toys", "objects": [{"builtin": "vase"}]})
        >>> base == Path.cwd(), output.dataset == base / "output/toys/dataset"
        (True, True)
    """
    from synthmat.recipe import load_recipe

    if is_address(out):
        raise OutputError(
            f"{out}: only render, composite and `export dataset` write to object stores; name a folder with --out"
        )
    checked = load_recipe(recipe, overrides)
    base = Path(recipe).absolute().parent if isinstance(recipe, str | Path) else Path.cwd()
    root = Path(out) if out is not None else Path("output") / checked.name
    return checked, base, OutputFolder(root.absolute())


def run_options(options: RunOptions | None, keywords: RunKeywords) -> RunOptions:
    return replace(options or RunOptions(), **keywords)


def with_output(
    result: StageResult, options: RunOptions, output: OutputFolder, folder: Path, files: Iterable[Path]
) -> StageResult:
    """Say in a stage's result where its output lies and what failed; of a dry run there is neither."""
    if not options.dry_run:
        result.folder = folder
        result.paths = [file for file in files if file.is_file()]
        result.failures = recorded_failures(output, result.stage, options.shard) if result.failed else []
    return result


def begin(
    recipe: RecipeLike, out: str | Path | None, overrides: Sequence[str], options: RunOptions
) -> tuple[Recipe, Path, OutputFolder, RunOptions]:
    """Check the recipe before a stage's heavy imports; a run that begins keeps it with every default filled in."""
    checked, base, output = open_recipe(recipe, out, overrides)
    return checked, base, output, replace(options, begun=partial(keep_recipe, checked, recipe, output))


def keep_recipe(checked: Recipe, recipe: RecipeLike, output: OutputFolder) -> None:
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
