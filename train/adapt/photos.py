"""Which photographs statistics are taken from: each once, and none that anything is judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthmat.errors import AssetError, RecipeError
from synthmat.photos import list_photos
from synthmat.recipe import Recipe
from synthmat.recipe.sources import PhotoFolder
from synthmat.recipe.training_data import LayoutData
from synthmat.storage.digests import digests_of
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data.dataset import read_samples
from synthmat.train.data.sources import items_of, validation_entries
from synthmat.train.predict.inputs import Partners, find_inputs

BACKGROUNDS = "backgrounds"
"""In ``train.unlabelled``: the photos of ``composite.backgrounds``."""


@dataclass(frozen=True)
class Unlabelled:
    """A photograph without a matte; ``partners`` are its files of other kinds that a network takes."""

    name: str
    path: Path
    sha256: str
    partners: Mapping[str, Path] = field(default_factory=dict)


def photos_in(given: Sequence[Path], out: Path, partners: Mapping[str, Path]) -> tuple[list[Unlabelled], list[str]]:
    """Return the photographs in files and folders, in natural order, and notes on those left out.

    Args:
        given: Files, and folders with all below them; what ``predict`` wrote there is left out.
        out: What is written, and so never read.
        partners: A file or folder for each further kind of picture that the network takes.

    Raises:
        AssetError: Something is not there, or a photograph has no partner.
    """
    inputs = find_inputs(given, out)
    digests = digests_of(each.path for each in inputs)
    others = {kind: Partners(kind.replace("_", " "), place) for kind, place in partners.items()}
    found: dict[str, Unlabelled] = {}
    notes = []
    for each in inputs:
        sha256 = digests[each.path] or each.name
        if sha256 in found:
            notes.append(f"{each.name} is the same photo as {found[sha256].name} and is left out")
            continue
        files = {kind: partner.of(each) for kind, partner in others.items()}
        found[sha256] = Unlabelled(each.name, each.path, digests[each.path], files)
    return list(found.values()), notes


def photos_of(recipe: Recipe, base: Path, output: OutputFolder) -> tuple[list[Unlabelled], list[str]]:
    """Return the photographs of ``train.unlabelled``, and notes on those left out.

    Left out are those that a sample of the data set's test split lies on, and those of folders of photographs under
    ``train.validation``: a network is not judged on what it was adapted to.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.
        output: Where its data set lies.

    Raises:
        RecipeError: An entry names no photo, or none is left.
    """
    digests = output.root / ".digests.jsonl"
    photos, notes = list_photos(_entries(recipe), base, place="train.unlabelled", digests=digests)
    names, contents = _judged(recipe, base, output, digests)
    kept = [photo for photo in photos if photo.name not in names and photo.sha256 not in contents]
    left_out = len(photos) - len(kept)
    if not kept:
        raise RecipeError(
            f"train.unlabelled: all of its {left_out} photos are judged on, in the test split or under "
            "train.validation; name others, or divide by object and photo (composite.split.by: object)"
        )
    if left_out:
        notes.append(f"train.unlabelled: {left_out} of {len(photos)} photos are judged on, and left out")
    return [Unlabelled(photo.name, Path(photo.path), photo.sha256) for photo in kept], notes


def _entries(recipe: Recipe) -> list[str | PhotoFolder]:
    named = recipe.train.unlabelled
    backgrounds = recipe.composite.backgrounds
    entries: list[str | PhotoFolder] = []
    for entry in [named] if isinstance(named, str) else named or []:
        if entry != BACKGROUNDS:
            entries.append(entry)
        else:
            entries += [backgrounds] if isinstance(backgrounds, str) else backgrounds
    return entries


def _judged(recipe: Recipe, base: Path, output: OutputFolder, digests: Path) -> tuple[set[str], set[str]]:
    """Return names and checksums of the photographs that the recipe judges on."""
    names = {sample.background for sample in read_samples(output, "test")}
    contents: set[str] = set()
    if names:
        photos, _ = list_photos(recipe.composite.backgrounds, base, digests=digests)
        contents |= {photo.sha256 for photo in photos if photo.name in names}
    folders = [each.data for each in validation_entries(recipe.train) if isinstance(each.data, LayoutData)]
    pictures = [item.image for entry in folders for item in items_of(entry, base)[0] if item.image is not None]
    return names, (contents | {*digests_of(pictures, digests).values()}) - {""}


def check_out(out: Path, checkpoint: Path) -> None:
    """Refuse to write over the checkpoint itself.

    Raises:
        AssetError: Both are one file.
    """
    if out.exists() and out.samefile(checkpoint):
        raise AssetError(f"{out}: is the checkpoint itself; choose another file with --out")
