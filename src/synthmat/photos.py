"""Which photos serve as backgrounds: the user's own, those that installed packages carry, or synthmat's of places."""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import MissingDependencyError, RecipeError
from synthmat.images.picture_formats import PLAIN_SUFFIXES, passed_over, passed_over_note, picture_suffixes, remedy_for
from synthmat.printable_names import printable
from synthmat.recipe.sources import PhotoFolder
from synthmat.stage import files_meant, resolve_pattern, unsupported_extension
from synthmat.storage.digests import digests_of

_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True)
class Photo:
    """A background: ``name`` stands in rows and cards, ``sha256`` is empty if the file could not be read.

    ``weight`` says how often it is drawn, compared with others; ``split`` is the one that the recipe keeps it for;
    photos of one ``scene`` are never in two splits, and a photo without one is a scene of its own.
    """

    name: str
    path: str
    sha256: str
    license: str = ""
    source: str = ""
    weight: float = 1.0
    split: str | None = None
    scene: str = ""


@dataclass(frozen=True)
class _Carried:
    """A photograph inside an installed package."""

    package: str
    file: str
    license: str
    source: str
    scene: str = ""


# Color photographs first, since max_backgrounds keeps the first ones. Left out: drawings, scans, the second picture
# of a stereo pair, and pictures whose terms are not stated.
_BUILTIN = (
    _Carried("skimage", "data/astronaut.png", "public domain", "NASA, portrait of Eileen Collins"),
    _Carried("skimage", "data/chelsea.png", "CC0-1.0", "Stefan van der Walt"),
    _Carried("sklearn", "datasets/images/china.jpg", "CC-BY-2.0", "danielbuechele, Flickr 6061409035"),
    _Carried("skimage", "data/coffee.png", "CC0-1.0", "Rachel Michetti, Pikolo Espresso Bar"),
    _Carried("sklearn", "datasets/images/flower.jpg", "CC-BY-2.0", "vultilion, Flickr 6056698931"),
    _Carried("skimage", "data/rocket.jpg", "public domain", "SpaceX, launch of DSCOVR"),
    _Carried("skimage", "data/hubble_deep_field.jpg", "public domain", "NASA, Hubble eXtreme Deep Field"),
    _Carried("skimage", "data/ihc.png", "no known restrictions", "CMMI, stained tissue"),
    _Carried("skimage", "data/retina.jpg", "CC0-1.0", "Mikael Haeggstroem, Wikimedia Commons"),
    _Carried("skimage", "data/camera.png", "CC0-1.0", "Lav Varshney"),
    _Carried("skimage", "data/brick.png", "CC0-1.0", "CC0Textures, Bricks25"),
    _Carried("skimage", "data/coins.png", "no known restrictions", "Brooklyn Museum, coins from Pompeii"),
    _Carried("skimage", "data/grass.png", "CC0-1.0", "linolafett, DeviantArt 434853879"),
    _Carried("skimage", "data/gravel.png", "CC0-1.0", "CC0Textures, Gravel04"),
)

# Blender's panoramas by Greg Zaal, of which `synthmat views` made photographs; a view with a dog in it is left out.
_PLACES = {
    "city": "portland_landing_pad", "courtyard": "courtyard", "forest": "ninomaru_teien", "interior": "hotel_room",
    "night": "moonless_golf", "studio": "studio_small_01", "sunrise": "spruit_sunrise", "sunset": "venice_sunset",
}  # fmt: skip

_SUBJECTS = ("astronaut", "chelsea", "coffee", "flower", "rocket")

BUILTIN_ENTRIES = ("builtin", "builtin_places")
"""What a recipe calls the photos that need no file of the user's own."""


def list_photos(
    backgrounds: str | Sequence[str | PhotoFolder],
    base: Path,
    most: int | None = None,
    *,
    place: str = "composite.backgrounds",
    digests: Path | None = None,
) -> tuple[list[Photo], list[str]]:
    """Return the photos that a recipe names, and notes on those left out.

    A file that stands there twice under two names counts once: as two, it could be in training and in the test.

    Args:
        backgrounds: ``builtin``, ``builtin_places``, a path, a folder or a pattern, or a list of them, some with
            weight and license.
        base: The folder at which relative paths start.
        most: Keep only so many, the first ones.
        place: The recipe's key that names them, for errors.
        digests: Where checksums are remembered; see `synthmat.storage.digests`.

    Raises:
        RecipeError: An entry names no photo, or a file of another format.
        MissingDependencyError: ``builtin`` is asked for and neither package is installed.
    """
    found: dict[Path, tuple[_Carried | None, PhotoFolder | None]] = {}
    notes: list[str] = []
    for entry, about in photo_entries(backgrounds):
        if entry in BUILTIN_ENTRIES:
            found.update({path: (carried, about) for path, carried in builtin_photos(entry, place).items()})
            continue
        paths, remarks = photos_at(entry, base, place)
        notes += remarks
        found.update({path: (None, about) for path in paths if path not in found})
    names = _names({path: carried for path, (carried, _) in found.items()}, base)
    checksums = digests_of(found, digests)
    photos: dict[str, Photo] = {}
    for path, (carried, about) in found.items():
        photo = Photo(
            names[path],
            str(path),
            checksums[path],
            license=(about and about.license) or (carried.license if carried else ""),
            source=(about and about.source) or (carried.source if carried else ""),
            weight=about.weight if about else 1.0,
            split=about.split if about else None,
            scene=_scene(path, carried, about),
        )
        # Files that are empty or cannot be read are no duplicates: each will be named as a failure.
        content = photo.sha256 if photo.sha256 not in ("", _NOTHING) else photo.name
        if content in photos:
            notes.append(f"{photo.name} is the same photo as {photos[content].name} and is left out")
            continue
        photos[content] = photo
    return list(photos.values())[:most], notes


def photo_entries(backgrounds: str | Sequence[str | PhotoFolder]) -> Iterator[tuple[str, PhotoFolder | None]]:
    """Yield each pattern, folder or file of a recipe's photos, with what the recipe says of them."""
    for entry in [backgrounds] if isinstance(backgrounds, str) else backgrounds:
        if isinstance(entry, str):
            yield entry, None
        else:
            for pattern in [entry.photos] if isinstance(entry.photos, str) else entry.photos:
                yield pattern, entry


def photos_at(entry: str, base: Path, place: str) -> tuple[list[Path], list[str]]:
    """Return the photos of an entry, and notes on what is passed over: formats that are not read, second copies."""
    suffixes = picture_suffixes()
    paths = resolve_pattern(base, entry, suffixes)
    counts = passed_over(files_meant(base, entry))
    notes = [passed_over_note(f"{place}: {entry}", counts)] if counts else []
    if not paths:
        but = f"; {notes[0]}" if notes else ""
        raise RecipeError(f"{place}: no photo ({', '.join(suffixes)}) at {base / entry}{but}")
    for path in paths:
        if path.suffix.lower() not in suffixes:
            remedy = remedy_for(path.suffix.lower()) if counts else "convert it to PNG or JPEG"
            raise RecipeError(f"{place}: {unsupported_extension(path, suffixes)}; {remedy}")
    # A telephone stores one shot as HEIC and as JPEG: as two, it could be in training and in the test.
    stems = {path.with_suffix("") for path in paths if path.suffix.lower() in PLAIN_SUFFIXES}
    twice = [path for path in paths if path.suffix.lower() not in PLAIN_SUFFIXES and path.with_suffix("") in stems]
    if twice:
        notes.append(
            f"{place}: {entry}: {len(twice)} AVIF or HEIC pictures are left out, since another picture beside them has "
            f"the same name, such as {twice[0].name}"
        )
    return [path for path in paths if path not in set(twice)], notes


def builtin_photos(entry: str, place: str) -> dict[Path, _Carried]:
    """Return the photos of one of `BUILTIN_ENTRIES`.

    Raises:
        MissingDependencyError: There is none of the packages that carry them.
    """
    if entry == "builtin_places":
        return _places()
    roots = {package: importlib.util.find_spec(package) for package in ("skimage", "sklearn")}
    folders = {package: Path(spec.origin).parent for package, spec in roots.items() if spec and spec.origin}
    carried = {folders[photo.package] / photo.file: photo for photo in _BUILTIN if photo.package in folders}
    present = {path: photo for path, photo in carried.items() if path.is_file()}
    if not present:
        raise MissingDependencyError(
            f"{place}: `builtin` needs the photographs of scikit-image and scikit-learn: "
            "pip install 'synthmat[composite]'; or name a folder of photos, or `builtin_places`"
        )
    return present


def photos_with_a_subject() -> dict[str, Path]:
    """Return those of ``builtin`` that show a person, an animal or a thing, by name; none if no package has them."""
    try:
        found = builtin_photos("builtin", "")
    except MissingDependencyError:
        return {}
    return {f"{carried.package}/{path.name}": path for path, carried in found.items() if path.stem in _SUBJECTS}


def _places() -> dict[Path, _Carried]:
    root = Path(__file__).parent / "places"
    return {
        path: _Carried("places", path.name, "CC0-1.0", f"Greg Zaal, Poly Haven: {panorama}", f"places/{folder}")
        for folder, panorama in _PLACES.items()
        for path in sorted((root / folder).glob("*.jpg"))
    }


def _scene(path: Path, carried: _Carried | None, about: PhotoFolder | None) -> str:
    if carried is not None:
        return carried.scene
    return path.parent.as_posix() if about is not None and about.scenes == "folder" else ""


def _names(found: dict[Path, _Carried | None], base: Path) -> dict[Path, str]:
    """Name each photo by its path below the recipe, or by its folder and file; namesakes get their full path."""
    start = base.absolute()
    names = {}
    for path, carried in found.items():
        if carried is not None:
            names[path] = f"{carried.package}/{path.name}"
        elif path.is_relative_to(start):
            names[path] = path.relative_to(start).as_posix()
        else:
            names[path] = f"{path.parent.name}/{path.name}"
    count = Counter(names.values())
    return {path: printable(name if count[name] == 1 else path.as_posix()) for path, name in names.items()}
