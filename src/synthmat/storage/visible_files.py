"""The files below a folder: what is hidden is left out, links are followed, and what is no file is never opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from synthmat.errors import AssetError

_CLUTTER = ("thumbs.db", "__macosx", "desktop.ini")


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden by its name (``._x.jpg``), or is what a system leaves in folders."""
    return name.startswith(".") or name.lower() in _CLUTTER


def visible_tree(folder: Path, *, without: Path | None = None) -> Iterator[tuple[Path, list[str]]]:
    """Yield ``folder`` and each folder below it with the names of its regular files, in the order of names.

    Links are followed, except those that lead back to a folder on the way to them.

    Args:
        folder: Where to begin.
        without: A resolved folder that is left out.

    Raises:
        AssetError: A folder cannot be read.
    """
    waiting: list[tuple[Path, tuple[Path, ...]]] = [(folder, (folder.resolve(),))]
    while waiting:
        here, way = waiting.pop()
        entries = [entry for entry in _entries(here) if not is_hidden(entry.name)]
        yield here, [entry.name for entry in entries if _tells(entry.is_file)]
        inner: list[tuple[Path, tuple[Path, ...]]] = []
        for entry in entries:
            if _tells(entry.is_dir):
                place = Path(entry.path).resolve() if entry.is_symlink() else way[-1] / entry.name
                if place != without and not any(each.is_relative_to(place) for each in way):
                    inner.append((here / entry.name, (*way, place)))
        waiting += reversed(inner)


def visible_files(folder: Path) -> Iterator[Path]:
    """Yield every file of `visible_tree`."""
    for place, names in visible_tree(folder):
        yield from (place / name for name in names)


def matching_files(folder: Path, pattern: tuple[str, ...]) -> Iterator[Path]:
    """Yield the regular files below ``folder`` whose path matches ``pattern``, one part a folder, some maybe twice.

    ``*``, ``?`` and ``[`` mean what they do in a shell: they match no leading dot. ``**`` means any folders.

    Raises:
        AssetError: A folder cannot be read.
    """
    if not pattern:
        return
    part, rest = pattern[0], pattern[1:]
    if part == "**":
        for place, names in visible_tree(folder):
            yield from matching_files(place, rest) if rest else (place / name for name in names)
        return
    wild = any(sign in part for sign in "*?[")
    names = [entry.name for entry in _entries(folder)] if wild else [part]
    for name in names:
        if wild and (not fnmatchcase(name, part) or (is_hidden(name) and not part.startswith("."))):
            continue
        path = folder / name
        if not rest and path.is_file():
            yield path
        elif rest and path.is_dir():
            yield from matching_files(path, rest)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise AssetError(f"{folder}: the folder cannot be read: {error.strerror}") from None


def _tells(question: Callable[[], bool]) -> bool:
    """Ask an entry what it is; a link that leads nowhere is neither file nor folder."""
    try:
        return question()
    except OSError:
        return False
