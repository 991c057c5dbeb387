"""Which pictures are meant, what their results are called, and which trimap and background belong to which."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.layouts.folders import natural, pictures
from synthmat.photos import PHOTO_SUFFIXES
from synthmat.random_streams import stream


@dataclass(frozen=True)
class Input:
    """A picture, and the name that its results start with: its path below the folder it was found in."""

    name: str
    path: Path


def find_inputs(given: Sequence[Path], out: Path) -> list[Input]:
    """Return the pictures meant, in natural order: files as they are, folders with all below them.

    Hidden files are passed over, and so is ``out``. Names are printable; of namesakes all but the first also have
    their suffix or a number.

    Raises:
        AssetError: Something is not there, or a folder holds no pictures.
    """
    found: dict[Path, str] = {}
    for path in given:
        if path.is_dir():
            below = _below(path, out)
            if not below:
                raise AssetError(f"{path}: no pictures ({', '.join(PHOTO_SUFFIXES)}) in this folder")
            found |= {file: file.relative_to(path).with_suffix("").as_posix() for file in below if file not in found}
        elif path.is_file():
            found.setdefault(path, path.stem)
        else:
            raise AssetError(f"{path}: no such file or folder")
    taken: Counter[str] = Counter()
    inputs = []
    for path, text in found.items():
        name = os.fsencode(text).decode("utf-8", "backslashreplace")
        if taken[name]:
            name = f"{name}_{path.suffix[1:]}"
        while taken[name]:
            name = f"{name}_2"
        taken[name] += 1
        inputs.append(Input(name, path))
    return inputs


@dataclass(frozen=True)
class Partners:
    """The trimaps, captured backgrounds or new backgrounds of pictures: one file for all, or a folder of many."""

    what: str
    place: Path

    def __post_init__(self) -> None:
        if not self.place.exists():
            raise AssetError(f"{self.what}: {self.place}: no such file or folder")

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
        files = list(pictures(self.place).values())
        if not files:
            raise AssetError(f"{self.what}: {self.place}: no pictures in this folder")
        return files[int(stream(0, self.what, picture.name).integers(len(files)))]

    def _named(self, picture: Input) -> Path | None:
        if self.place.is_file():
            return self.place
        files = pictures(self.place)
        return files.get(picture.name) or files.get(picture.path.stem)


def _below(folder: Path, out: Path) -> list[Path]:
    files = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and Path(place, name).absolute() != out]
        files += [
            Path(place, name)
            for name in names
            if Path(name).suffix.lower() in PHOTO_SUFFIXES and not name.startswith(".")
        ]
    return sorted(files, key=lambda file: natural(file.relative_to(folder).as_posix()))
