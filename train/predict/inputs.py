"""Which pictures are meant, what their results are called, and which trimap and background belong to which."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.images.picture_formats import passed_over, passed_over_note, picture_suffixes
from synthmat.layouts.folders import natural, pictures
from synthmat.printable_names import printable
from synthmat.random_streams import stream
from synthmat.rows.row_types import PredictionRow
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import PREDICTIONS
from synthmat.storage.visible_files import visible_files, visible_tree
from synthmat.train.predict.outputs import FORMATS

ROWS = PREDICTIONS
"""The list of results beside them."""

_RESULTS = ("_alpha.png", *(f"_cutout.{suffix}" for suffix in FORMATS), "_composite.jpg")


_LONGEST_NAME = 230
"""In bytes; with what is added to it, it stays below the 255 of common file systems."""


@dataclass(frozen=True)
class Input:
    """A picture, and the name that its results start with: its path below the folder it was found in."""

    name: str
    path: Path


def find_inputs(given: Sequence[Path], out: Path) -> list[Input]:
    """Return the pictures meant, in natural order: files as they are, folders with all below them.

    Hidden files are passed over, and so is what `predict` itself wrote: the folder ``out`` below another one, and
    whatever a list of results names, in ``out`` or in a folder that is looked through. Names are printable; of
    namesakes all but the first also have their suffix or a number.

    Raises:
        AssetError: Something is not there, a folder holds no pictures, or a result would take the place of a picture.
    """
    found: dict[Path, str] = {}
    for path in given:
        if path.is_dir():
            below, results = _below(path, out)
            if not below:
                but = f" but {results:,} that predict wrote" if results else ""
                counts = passed_over(visible_files(path))
                note = f"; {passed_over_note('in it', counts)}" if counts else ""
                raise AssetError(f"{path}: no pictures ({', '.join(picture_suffixes())}) in this folder{but}{note}")
            found |= {file: file.relative_to(path).with_suffix("").as_posix() for file in below if file not in found}
        elif path.is_file():
            found.setdefault(path, path.stem)
        else:
            raise AssetError(f"{path}: no such file or folder")
    written = _written(out)
    inputs = _named({path: name for path, name in found.items() if not written or path.resolve() not in written})
    if not inputs:
        raise AssetError(f"{', '.join(map(str, given))}: predict wrote all of it; name pictures of your own")
    _check_places(inputs, out)
    return inputs


def _named(found: dict[Path, str]) -> list[Input]:
    taken: Counter[str] = Counter()
    inputs = []
    for path, text in found.items():
        name = _short(printable(text))
        if taken[name]:
            name = f"{name}_{path.suffix[1:]}"
        while taken[name]:
            name = f"{name}_2"
        taken[name] += 1
        inputs.append(Input(name, path))
    return inputs


def _short(name: str) -> str:
    """Return a name whose results have names that a file system takes: a long one is cut, and has a hash at its end."""
    folder, slash, own = name.rpartition("/")
    data = own.encode()
    if len(data) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{folder}{slash}{data[: _LONGEST_NAME - 9].decode(errors='ignore')}_{digest}"


def _written(folder: Path) -> set[Path]:
    """Return the files that `predict` wrote into a folder, as its list there says."""
    place = folder.resolve()
    return {place / name for row in read_rows(folder / ROWS, PredictionRow) for name in row["files"]}


def _check_places(inputs: Sequence[Input], out: Path) -> None:
    """Refuse pictures that lie where the results of others go."""
    place = out.resolve()
    mine = {path: each for each in inputs if place in (path := each.path.resolve()).parents}
    if not mine:
        return
    for each in inputs:
        for result in _RESULTS:
            if (other := mine.get(place / f"{each.name}{result}")) is not None:
                raise AssetError(
                    f"{other.path}: a result of {each.path} would take its place; choose another folder with --out, "
                    "or, if it is what an earlier run left, delete it"
                )


@dataclass(frozen=True)
class Partners:
    """The trimaps, captured backgrounds or new backgrounds of pictures: one file for all, or a folder of many."""

    what: str
    place: Path

    def __post_init__(self) -> None:
        if not self.place.exists():
            raise AssetError(f"{self.what}: {self.place}: no such file or folder")

    @cached_property
    def files(self) -> dict[str, Path]:
        """The pictures of a folder by their path in it without the suffix; it is looked through once."""
        return pictures(self.place)

    def of(self, picture: Input) -> Path:
        """Return the file for a picture: in a folder the one of the same name, without the suffix.

        Raises:
            AssetError: The folder has none.
        """
        found = self._named(picture)
        if found is None:
            raise AssetError(f"{self.place}: no {self.what} called {picture.path.stem} for {picture.path}")
        return found

    def some(self, picture: Input) -> Path:
        """Return the file for a picture, or, if the folder has none of its name, always the same other one.

        Raises:
            AssetError: The folder is empty.
        """
        found = self._named(picture)
        if found is not None:
            return found
        files = list(self.files.values())
        if not files:
            raise AssetError(f"{self.what}: {self.place}: no pictures in this folder")
        return files[int(stream(0, self.what, picture.name).integers(len(files)))]

    def _named(self, picture: Input) -> Path | None:
        if self.place.is_file():
            return self.place
        return self.files.get(picture.name) or self.files.get(picture.path.stem)


def _below(folder: Path, out: Path) -> tuple[list[Path], int]:
    """Return the pictures below a folder, and how many results of `predict` were left out of them."""
    files: dict[Path, Path] = {}
    results: set[Path] = set()
    own = out.resolve()
    for place, names in visible_tree(folder, without=own):
        here = place.resolve()
        if ROWS in names:
            results |= _written(place)
        suffixes = picture_suffixes()
        files |= {here / name: place / name for name in names if Path(name).suffix.lower() in suffixes}
    kept = [file for path, file in files.items() if path not in results]
    kept.sort(key=lambda file: natural(file.relative_to(folder).as_posix()))
    return kept, len(files) - len(kept)
