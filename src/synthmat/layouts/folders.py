"""Finding pictures in the folders of other people's data sets, and pairing them by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from synthmat.errors import AssetError
from synthmat.images.picture_formats import passed_over, passed_over_note, picture_suffixes
from synthmat.layouts.item import AlphaFrom, Item
from synthmat.printable_names import printable
from synthmat.storage.visible_files import is_hidden, visible_files, visible_tree

SPLIT_FOLDERS = {
    "train": ("train", "training", "training_set"),
    "val": ("val", "valid", "validation", "validation_set"),
    "test": ("test", "testing", "test_set"),
}
_SHOWN = 8


def natural(text: str) -> tuple[list[tuple[int, str]], str]:
    """Return a sort key by which ``frame2`` comes before ``frame10``."""
    parts = re.split(r"([0-9]+)", text)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], text


def subfolder(root: Path, *names: str) -> Path | None:
    """Return the first of the folders ``root/name`` that is there, upper and lower case being the same; else None."""
    for name in names:
        if (root / name).is_dir():
            return root / name
    by_name = {path.name.lower(): path for path in visible(root) if path.is_dir()}
    return next((by_name[name.lower()] for name in names if name.lower() in by_name), None)


def visible(folder: Path) -> list[Path]:
    """Return what lies in a folder in natural order, without hidden files; nothing if there is no such folder.

    Raises:
        AssetError: The folder cannot be read.
    """
    if not folder.is_dir():
        return []
    try:
        found = [path for path in folder.iterdir() if not is_hidden(path.name)]
    except OSError as error:
        raise AssetError(f"{folder}: cannot be read: {error.strerror}") from None
    return sorted(found, key=lambda path: natural(path.name))


def splits_of(root: Path) -> list[tuple[str, Path]]:
    """Return the splits that a folder is divided into and their folders, or itself as the split ``""``."""
    found = [(split, subfolder(root, *names)) for split, names in SPLIT_FOLDERS.items()]
    return [(split, folder) for split, folder in found if folder is not None] or [("", root)]


def pictures(folder: Path) -> dict[str, Path]:
    """Return the pictures below a folder, in natural order, by their path in it without the suffix.

    Links are followed; hidden files are passed over.

    Raises:
        AssetError: Two pictures differ in their suffix only.
    """
    found: dict[str, Path] = {}
    suffixes = frozenset(picture_suffixes())
    for place, names in visible_tree(folder):
        inside = place.relative_to(folder).as_posix()
        for name in names:
            stem, _, suffix = name.rpartition(".")
            if f".{suffix.lower()}" not in suffixes:
                continue
            key = printable(stem if inside == "." else f"{inside}/{stem}")
            if key in found:
                raise AssetError(f"{found[key]} and {name}: two pictures of one name; move away the one not meant")
            found[key] = place / name
    return {key: found[key] for key in sorted(found, key=natural)}


def passed_over_notes(name: str, folder: Path) -> list[str]:
    """Return a note on the pictures below a folder that are of no kind that can be read, if there are any."""
    counts = passed_over(visible_files(folder))
    return [passed_over_note(f"{name}: {folder}", counts)] if counts else []


def paired_items(
    root: Path,
    layout: str,
    split: str,
    required: Mapping[str, Path | None],
    optional: Mapping[str, Path | None] | None = None,
    *,
    alpha_from: AlphaFrom = "gray",
    name_in: Callable[[str, str], str] = lambda _kind, stem: stem,
    unpaired: bool = False,
) -> list[Item]:
    """Return an item for each name that all ``required`` folders have a picture of.

    Args:
        root: The folder that holds the others, for errors.
        layout: For errors.
        split: Of all items.
        required: The folder of each kind (a field of `Item`); a name must be in all of them.
        optional: Folders of kinds that an item may have or not.
        alpha_from: See `Item`.
        name_in: Gives the common name of the picture of a kind from its path without the suffix.
        unpaired: Pass over pictures without a partner as long as most have one: some public archives have such.

    Raises:
        AssetError: A folder is not there, there are no pictures, or some have no partner.
    """
    missing = [kind for kind, folder in required.items() if folder is None]
    present = {kind: folder for kind, folder in (*required.items(), *(optional or {}).items()) if folder is not None}
    if missing:
        raise unlike(root, layout, f"a folder with the {' and '.join(missing)} of each picture")
    files = {
        kind: {name_in(kind, stem): path for stem, path in pictures(folder).items()} for kind, folder in present.items()
    }
    common = set.intersection(*(set(files[kind]) for kind in required))
    for kind in required:
        lone = [name for name in files[kind] if name not in common]
        if not common or (lone and (not unpaired or len(lone) > len(common))):
            others = " and ".join(str(required[other]) for other in required if other != kind)
            if lone:
                names = ", ".join(lone[:3]) + (", ..." if len(lone) > 3 else "")
                raise AssetError(
                    f"{required[kind]}: {len(lone)} of {len(files[kind])} pictures have none of the same name in "
                    f"{others}: {names}; layout {layout}\n{tree(root)}"
                )
            raise unlike(root, layout, f"pictures in {required[kind]}")
    items = []
    for name in files[next(iter(required))]:
        if name in common:
            own: dict[str, Any] = {kind: files[kind].get(name) for kind in files}
            items.append(Item(id=name, split=split, group=name, alpha_from=alpha_from, **own))
    return items


def unlike(root: Path, layout: str, wanted: str) -> AssetError:
    """Return the error that a folder is not in the layout that was asked for."""
    return AssetError(f"{root}: not in the layout {layout}: it should hold {wanted}, but holds\n{tree(root)}")


def tree(root: Path) -> str:
    """Return the first files and folders below a folder, two levels deep, one a line."""
    lines: list[str] = []
    for path in _some(visible(root)):
        lines.append(f"  {path}" if isinstance(path, str) else f"  {path.name}{'/' if path.is_dir() else ''}")
        if not isinstance(path, str):
            lines += [
                f"    {inner}" if isinstance(inner, str) else f"    {inner.name}{'/' if inner.is_dir() else ''}"
                for inner in _some(visible(path))
            ]
    return "\n".join(lines) or "  nothing"


def _some(paths: list[Path]) -> list[Path | str]:
    more = len(paths) - _SHOWN
    return [*paths[:_SHOWN], *([f"... {more} more"] if more > 0 else [])]
