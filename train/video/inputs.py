"""Which clips are meant, and which pictures beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.images.clip_formats import is_clip
from synthmat.images.picture_formats import picture_suffixes
from synthmat.layouts.folders import natural
from synthmat.rows.row_types import ClipPredictionRow
from synthmat.storage.manifest import read_rows

CLIPS = "clips.jsonl"
"""The list of results beside them."""


@dataclass(frozen=True)
class ClipInput:
    """A clip, and the name that its results start with: its path below the folder it was found in."""

    name: str
    path: Path


def divided(given: Sequence[Path], out: Path) -> tuple[list[ClipInput], list[Path]]:
    """Return the clips meant, and what is given of pictures: files that are none, and folders that hold any.

    In folders hidden files are passed over, and so is what predict wrote. Of namesakes all but the first have their
    suffix in the name, or a number.
    """
    clips: dict[Path, str] = {}
    rest: list[Path] = []
    for path in given:
        if path.is_dir():
            below = _below(path, out)
            clips |= {file: file.relative_to(path).with_suffix("").as_posix() for file in below if file not in clips}
            if not below or _has_pictures(path):
                rest.append(path)
        elif is_clip(path):
            clips.setdefault(path, path.stem)
        else:
            rest.append(path)
    return _named(clips), rest


def _below(folder: Path, out: Path) -> list[Path]:
    own = out.resolve()
    written = {path for place in folder.rglob(CLIPS) for path in _written(place.parent)} | _written(out)
    files = [
        path
        for path in folder.rglob("*")
        if is_clip(path)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and own not in path.resolve().parents
        and path.resolve() not in written
    ]
    return sorted(files, key=lambda path: natural(path.relative_to(folder).as_posix()))


def _written(folder: Path) -> set[Path]:
    return {folder.resolve() / name for row in read_rows(folder / CLIPS, ClipPredictionRow) for name in row["files"]}


def _has_pictures(folder: Path) -> bool:
    return any(path.suffix.lower() in picture_suffixes() for path in folder.rglob("*"))


def _named(found: dict[Path, str]) -> list[ClipInput]:
    taken: set[str] = set()
    inputs = []
    for path, text in found.items():
        name = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        name = f"{name}_{path.suffix[1:]}" if name in taken else name
        while name in taken:
            name = f"{name}_2"
        taken.add(name)
        inputs.append(ClipInput(name, path))
    return inputs
