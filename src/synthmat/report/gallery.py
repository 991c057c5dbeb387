"""What the filterable grid of a page holds: one short record a picture, which the page's script turns into tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A picture of the grid.

    Args:
        title: Heading of the enlarged view and first line below the tile.
        note: Second line below the tile.
        image: Address of the picture, relative to the page and percent-encoded; empty if the file is not there.
        alpha: Address of a grey matte; empty if the picture's own alpha is the matte.
        fg: Address of the straight foreground, if there is one.
        faults: What is wrong with it.
        groups: Value of each filter, such as ``{"split": "train"}``.
        facts: What the enlarged view lists.
        edge: Where the enlarged view looks first, x and y as shares of width and height.
    """

    title: str
    note: str
    image: str
    alpha: str = ""
    fg: str = ""
    faults: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    edge: tuple[float, float] = (0.5, 0.5)


def gallery(kind: str, entries: Sequence[Entry], filters: Sequence[str]) -> dict[str, Any]:
    """Return the grid's data as JSON-serialisable values; lists and not mappings, since there may be 10,000.

    Args:
        kind: ``renders`` (the picture carries its alpha) or ``dataset`` (image and matte are two files).
        entries: In the order of the grid.
        filters: The groups by which the grid can be narrowed.
    """
    facts = list(dict.fromkeys(name for entry in entries for name in entry.facts))
    return {
        "kind": kind,
        "filters": list(filters),
        "facts": facts,
        "entries": [
            [
                entry.title,
                entry.note,
                entry.image,
                entry.alpha,
                entry.fg,
                list(entry.faults),
                [entry.groups.get(name, "") for name in filters],
                [entry.facts.get(name, "") for name in facts],
                [round(entry.edge[0], 3), round(entry.edge[1], 3)],
            ]
            for entry in entries
        ],
    }
