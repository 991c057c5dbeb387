"""What the filterable grid of a page holds: one short record a picture, which the page's script turns into tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A picture of the grid.

    Args:
        title: Heading of the enlarged view and first line below the tile.
        note: Second line below the tile.
        files: Address of each kind of picture, relative to the page and percent-encoded; a kind whose file is not
            there has an empty one. ``image`` is what the tile shows; without ``alpha`` its own alpha is the matte.
        faults: What is wrong with it.
        groups: Value of each filter, such as ``{"split": "train"}``; several values stand with ``; `` between them.
        facts: What the enlarged view lists.
        edge: Where the enlarged view looks first, x and y as shares of width and height.
        clip: The sequence that it is a frame of; its frames follow each other in the grid.
    """

    title: str
    note: str
    files: Mapping[str, str]
    faults: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    edge: tuple[float, float] = (0.5, 0.5)
    clip: str = ""


def gallery(kind: str, entries: Sequence[Entry], filters: Sequence[str]) -> dict[str, Any]:
    """Return the grid's data as JSON-serialisable values: by column, each value once, since there may be 10,000.

    Args:
        kind: ``renders`` (the picture carries its alpha) or ``dataset`` (image and matte are two files).
        entries: In the order of the grid.
        filters: The groups by which the grid can be narrowed.
    """
    names = list(dict.fromkeys(name for entry in entries for name in entry.facts))
    kinds = list(dict.fromkeys(kind for entry in entries for kind in entry.files))
    addresses = [_address(entry, kinds) for entry in entries]
    patterns = list(dict.fromkeys(pattern for _, pattern in addresses))
    place = {pattern: number for number, pattern in enumerate(patterns)}
    return {
        "kind": kind,
        "kinds": kinds,
        "titles": [entry.title for entry in entries],
        "notes": _column([entry.note for entry in entries]),
        "stems": [stem for stem, _ in addresses],
        "patterns": patterns,
        "pattern": [place[pattern] for _, pattern in addresses],
        "clips": _column([entry.clip for entry in entries]),
        "faults": {number: list(entry.faults) for number, entry in enumerate(entries) if entry.faults},
        "filters": {name: _column([entry.groups.get(name, "") for entry in entries]) for name in filters},
        "facts": {name: _column([entry.facts.get(name, "") for entry in entries]) for name in names},
        "edges": [[round(1000 * share) for share in entry.edge] for entry in entries],
    }


def _address(entry: Entry, kinds: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return what the addresses of an entry end with alike, and each of them with ``*`` in its place."""
    paths = {kind: PurePosixPath(address) for kind, address in entry.files.items() if address}
    backwards = zip(*(path.with_suffix("").parts[::-1] for path in paths.values()), strict=False)
    common = list(takewhile(lambda parts: len(set(parts)) == 1, backwards))
    stem = "/".join(parts[0] for parts in reversed(common))
    cut = {kind: f"{str(path.with_suffix(''))[: -len(stem) or None]}*{path.suffix}" for kind, path in paths.items()}
    return stem, tuple(cut.get(kind, "") for kind in kinds)


def _column(values: Sequence[str]) -> list[Any]:
    """Return the different values, and for each entry the place of its own among them."""
    place = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return [list(place), [place[value] for value in values]]
