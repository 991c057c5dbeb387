"""Commands about recipes: init, and `recipe` with check, show, list, explain and schema."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from synthmat.cli.options import RecipePath, Set
from synthmat.cli.outcome import EXIT_OK, EXIT_USAGE
from synthmat.errors import RecipeError

starting = typer.Typer()
app = typer.Typer(help="Check and explain recipes, list those that are ready to run.", no_args_is_help=True)


@starting.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write recipe.yaml.")] = Path(),
    from_: Annotated[
        str, typer.Option("--from", metavar="NAME", help="Begin with this ready recipe; see `synthmat recipe list`.")
    ] = "own_models",
) -> None:
    """Write a starter recipe and the folders that it reads from."""
    from synthmat import api
    from synthmat.recipe import load_recipe
    from synthmat.recipe.ready import input_folders

    path = api.init(folder, from_)
    made = sorted(f"{name}/" for name in input_folders(load_recipe(path)))
    hint = f"; put your own files into {' and '.join(made)}" if made else ""
    print(f"wrote {path} and its schema{hint}")
    here = "" if path.parent.resolve() == Path.cwd() else f"cd {path.parent}; "
    print(f"next: {here}synthmat preview; synthmat run")


@app.command("check")
def check(
    recipes: Annotated[list[Path] | None, typer.Argument(help="The recipes; recipe.yaml if none is named.")] = None,
    set_: Set = None,
    files: Annotated[
        bool, typer.Option("--files", help="Look at every model, texture, photo, matte and weights that they name.")
    ] = False,
) -> None:
    """Check recipes; every fault is printed as file:line:column: place: what. `run` also builds the networks."""
    from synthmat.api import open_recipe
    from synthmat.preflight import Found, check_files
    from synthmat.train.preflight import data_faults
    from synthmat.train.weights_check import check_weights

    faulty = False
    for path in recipes or [Path("recipe.yaml")]:
        try:
            opened = open_recipe(path, overrides=set_ or [])
            if files:
                found = check_files(*opened, opened[0].stages)
                print(*(f"{path}: {note}" for note in found.notes), sep="\n", end="\n" if found.notes else "")
                found.raise_stops(costs=True)
            else:
                Found(data_faults(*opened)).raise_stops()
            for note in check_weights(*opened[:2]):
                print(f"{path}: {note}")
            print(f"{path}: fine")
        except RecipeError as error:
            faulty = True
            print(error, file=sys.stderr)
    raise typer.Exit(EXIT_USAGE if faulty else EXIT_OK)


@app.command("show")
def show(recipe: RecipePath = Path("recipe.yaml"), set_: Set = None) -> None:
    """Print the recipe with every default filled in."""
    from synthmat.recipe import dump_recipe, load_recipe

    print(dump_recipe(load_recipe(recipe, set_ or [])), end="")


@app.command("list")
def list_() -> None:
    """List the ready recipes; `synthmat init --from NAME` begins with one of them."""
    from synthmat.recipe.ready import ready_recipes

    found = ready_recipes()
    wide = max(map(len, found)) + 2
    for name, about in found.items():
        lines = textwrap.wrap(about, max(40, _columns() - wide))
        print(f"{name:{wide}}" + f"\n{'':{wide}}".join(lines))


@app.command("explain")
def explain(
    key: Annotated[str, typer.Argument(help="For example render.camera; all sections if it is left out.")] = "",
) -> None:
    """Say what a key of a recipe means: its values, its default and the keys below it."""
    from synthmat.recipe.explain import explain as explain_key

    print(explain_key(key, _columns()))


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    from synthmat.recipe.schema import schema_text

    print(schema_text(), end="")


def _columns() -> int:
    return min(120, max(40, shutil.get_terminal_size((100, 24)).columns))
