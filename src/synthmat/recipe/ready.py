"""The recipes that come with synthmat, and starting from one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from synthmat.errors import OutputError, RecipeError
from synthmat.photos import BUILTIN_ENTRIES, photo_entries
from synthmat.recipe.loading import parse_recipe
from synthmat.recipe.model import Recipe
from synthmat.recipe.objects import ModelFiles
from synthmat.recipe.schema import schema_text
from synthmat.registry import check_name
from synthmat.storage.atomic import write_text

_MODELINE = "# yaml-language-server:"


def ready_recipes() -> dict[str, str]:
    """Return the name of every ready recipe and its first sentence.

    Example:
        >>> ready_recipes()["own_models"]
        'Your own 3D models on your own photos'
    """
    found = {}
    for file in files("synthmat.recipes").iterdir():
        if file.name.endswith(".yaml"):
            found[file.name.removesuffix(".yaml")] = _first_sentence(file.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


def write_starter(folder: Path, start: str) -> Path:
    """Write a ready recipe to ``folder/recipe.yaml``, its schema beside it, and make the folders that it reads from.

    Raises:
        OutputError: There is a recipe already, or the folder cannot be written to.
        RecipeError: There is no such ready recipe.
    """
    try:
        check_name("ready recipe", start, ready_recipes())
    except ValueError as error:
        raise RecipeError(f"--from {start}: {error}") from None
    target = folder / "recipe.yaml"
    if target.exists():
        raise OutputError(f"{target}: there already; choose another folder or move it away")
    text = files("synthmat.recipes").joinpath(f"{start}.yaml").read_text(encoding="utf-8")
    try:
        for name in input_folders(parse_recipe(text)):
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_text(folder / "recipe.schema.json", schema_text())
        write_text(target, text.replace(f"{start}.yaml", "recipe.yaml"))
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot write there: {error.strerror}") from None
    return target


def input_folders(recipe: Recipe) -> Iterator[str]:
    """Yield the folders of models and photos that a recipe names, without patterns and single files."""
    models = [each.models for each in recipe.objects if isinstance(each, ModelFiles)]
    named = [text for each in models for text in ([each] if isinstance(each, str) else each)]
    named += [entry for entry, _ in photo_entries(recipe.composite.backgrounds)]
    for text in named:
        if text not in BUILTIN_ENTRIES:
            plain = re.split(r"[*?\[]", text)[0]
            folder = plain.rpartition("/")[0] if plain != text else text
            if folder and not Path(folder).suffix and not Path(folder).is_absolute():
                yield folder


def _first_sentence(text: str) -> str:
    """Return the first sentence of the comment at the top of a recipe."""
    comment = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith(_MODELINE):
            comment.append(line.lstrip("# ").strip())
    return re.split(r"(?<=[.?])\s", " ".join(comment).strip(), maxsplit=1)[0].rstrip(".")
