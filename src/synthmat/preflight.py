"""What a recipe names and is not there, or is not what it should be: found before hours are spent on the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from synthmat.errors import RecipeError, SynthmatError
from synthmat.model_files.boundary import files_in
from synthmat.printable_names import expand_home
from synthmat.rows.kinds import INPUTS, PAIR
from synthmat.storage import git_lfs

if TYPE_CHECKING:
    from synthmat.layouts.item import Item
    from synthmat.recipe import Recipe
    from synthmat.recipe.sources import PhotoFolder
    from synthmat.recipe.training_data import LayoutData
    from synthmat.storage.output_folder import OutputFolder

STAGES = ("render", "composite", "train")
_MAX_POINTERS = 3
_WEIGHTS = (".bin", ".ckpt", ".pt", ".pth", ".safetensors", ".tar")


@dataclass
class Found:
    """What was found: ``stops`` end a stage, ``costs`` cost the frames or samples of one file, ``notes`` nothing."""

    stops: list[str] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def raise_stops(self, *, costs: bool = False) -> None:
        """Raise RecipeError, which lists every fault in a line of its own, if there are any that end a stage.

        Args:
            costs: Take those that cost single frames or samples for faults too.
        """
        faults = list(dict.fromkeys([*self.stops, *(self.costs if costs else ())]))
        if faults:
            raise RecipeError("\n".join(faults))


def check_files(recipe: Recipe, base: Path, output: OutputFolder, stages: Sequence[str] = STAGES) -> Found:
    """Look at every file and folder that a recipe names, as far as that goes without Blender and torch.

    What lies in the output folder may still be made, and is passed over.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.
        output: Where the output goes.
        stages: Whose inputs.
    """
    found = Found()
    if "render" in stages and recipe.objects:
        _check_models(recipe, base, found)
        _check_lights(recipe, base, found)
    if "composite" in stages:
        _check_photos(recipe.composite.backgrounds, base, "composite.backgrounds", found)
        _check_foregrounds(recipe, base, found)
    if "train" in stages:
        _check_training(recipe, base, output, found)
    return found


def _check_models(recipe: Recipe, base: Path, found: Found) -> None:
    from synthmat.generator.model_check import model_entries, model_faults, models_at

    models: dict[Path, None] = {}
    for where, pattern in model_entries(recipe):
        files, faults, notes = models_at(where, pattern, base)
        models |= dict.fromkeys(files)
        found.stops += faults
        found.notes += notes
    members = [member for entry in recipe.objects for member in getattr(entry, "group", [entry])]
    folders = [base / expand_home(folder) for member in members for folder in getattr(member, "files_in", ())]
    for model in models:
        with files_in(model.parent, base, *folders):
            for fault, fails in model_faults(model, recipe.render.missing_textures):
                (found.costs if fails else found.notes).append(fault)


def _check_lights(recipe: Recipe, base: Path, found: Found) -> None:
    from synthmat.generator.panoramas import list_panoramas
    from synthmat.recipe.lights import HdriLights, MatchPhotoLights

    lights = recipe.render.lights
    for setup in lights if isinstance(lights, list) else [lights]:
        if isinstance(setup, HdriLights):
            files = setup.hdri.files
            for entry in files if isinstance(files, list) and files else [files]:
                hdri = setup.hdri.model_copy(update={"files": entry})
                found.stops += _faults(partial(list_panoramas, hdri, base))
        elif isinstance(setup, MatchPhotoLights):
            if setup.match_photo.photos == "backgrounds":
                _check_photos(recipe.composite.backgrounds, base, "composite.backgrounds", found)
            else:
                _check_photos(setup.match_photo.photos, base, "render.lights: match_photo.photos", found)


def _check_photos(photos: str | Sequence[str | PhotoFolder], base: Path, place: str, found: Found) -> None:
    from synthmat.photos import BUILTIN_ENTRIES, builtin_photos, photo_entries, photos_at

    for entry, _ in photo_entries(photos):
        if entry in BUILTIN_ENTRIES:
            found.stops += _faults(partial(builtin_photos, entry, place))
            continue
        try:
            files, notes = photos_at(entry, base, place)
        except SynthmatError as error:
            found.stops.append(str(error))
            continue
        found.notes += [note for note in notes if note not in found.notes]
        found.costs += _pointers(files, f"{place}: {entry}")


def _check_foregrounds(recipe: Recipe, base: Path, found: Found) -> None:
    from synthmat.compositor.planning.foregrounds import folder_items
    from synthmat.recipe.sources import ForegroundFolder

    for number, entry in enumerate(recipe.composite.foregrounds):
        if not isinstance(entry, ForegroundFolder):
            continue
        place = f"composite.foregrounds[{number}]"
        try:
            items, notes = folder_items(entry, base, place)
        except SynthmatError as error:
            found.stops.append(_placed(place, error))
            continue
        found.notes += notes
        found.costs += _pointers(_files(items), f"{place}: {entry.folder}")


def _check_training(recipe: Recipe, base: Path, output: OutputFolder, found: Found) -> None:
    from synthmat.recipe.training_data import LayoutData
    from synthmat.train.preflight import data_faults, trained_sections

    found.stops += data_faults(recipe, base, output)
    for where, variant in trained_sections(recipe):
        found.stops += [f"{where}{fault}" for fault in _weight_faults(variant.train.init, base, "train.init")]
        for config in [variant.train.of_stage(stage) for stage in variant.train.stages] or [variant.train]:
            for key, value in config.options.items():
                if key.endswith("weights") and isinstance(value, str):
                    found.stops += [f"{where}{fault}" for fault in _weight_faults(value, base, f"train.options.{key}")]
        named = variant.train.unlabelled
        photos = [each for each in ([named] if isinstance(named, str) else named or []) if each != "backgrounds"]
        _check_photos(photos, base, f"{where}train.unlabelled", found)
        for key in ("data", "validation"):
            for entry in getattr(variant.train, key):
                if isinstance(entry, LayoutData) and (base / expand_home(entry.folder)).is_dir():
                    _check_training_folder(entry, recipe, base, f"{where}train.{key}", found)


def _check_training_folder(entry: LayoutData, recipe: Recipe, base: Path, place: str, found: Found) -> None:
    from synthmat.train.data.sources import items_of

    try:
        items, notes = items_of(entry, base)
    except SynthmatError as error:
        found.stops.append(_placed(place, error))
        return
    found.notes += [note for note in notes if note not in found.notes]
    found.costs += _pointers(_files(items), f"{place}: {entry.folder}")
    if any(item.image is None for item in items):
        photos = entry.backgrounds if entry.backgrounds is not None else recipe.composite.backgrounds
        _check_photos(photos, base, f"{place}.backgrounds", found)


def _weight_faults(value: str | None, base: Path, key: str) -> Iterator[str]:
    """Yield what is wrong with a file of weights; a word such as `imagenet` names none."""
    if value is None:
        return
    path = (base / expand_home(value)).absolute()
    if git_lfs.is_pointer_file(path):
        yield f"{key}: {path}: {git_lfs.REMEDY}"
    elif key != "train.init" and not path.is_file() and (path.suffix.lower() in _WEIGHTS or "/" in value):
        yield f"{key}: {path}: no such file of weights; put it there, or name another one"


def _pointers(files: Iterable[Path], place: str) -> list[str]:
    """Return the faults of files that are Git LFS pointers: the first ones by name, the others by number."""
    pointers = [file for file in files if git_lfs.is_pointer_file(file)]
    faults = [f"{place}: {file}: {git_lfs.REMEDY}" for file in pointers[:_MAX_POINTERS]]
    more = len(pointers) - _MAX_POINTERS
    return [*faults, *([f"{place}: {more} more files are such pointers"] if more > 0 else [])]


def _files(items: Iterable[Item]) -> list[Path]:
    kinds = (*PAIR, *INPUTS)
    return list(dict.fromkeys(path for item in items for kind in kinds if (path := getattr(item, kind)) is not None))


def _faults(look: Callable[[], object]) -> list[str]:
    try:
        look()
    except SynthmatError as error:
        return [str(error)]
    return []


def _placed(place: str, error: SynthmatError) -> str:
    return str(error) if str(error).startswith(place) else f"{place}: {error}"
