"""Folder layouts of matting data sets: one file each in this folder, known by its name.

A file with ``read(root)`` and ``detect(root)`` is a layout that can be read, one with ``export(samples, options)`` one
that our data sets can be exported to; many have all three. The first line of its docstring describes it. A new layout
is a new file here; other packages add theirs by the entry-point group ``synthmat.layouts`` (see `synthmat.registry`).
The names are those the public loaders expect; none of their code is used.
"""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from synthmat.errors import AssetError
from synthmat.registry import Choice, Registry, folder_choices

if TYPE_CHECKING:
    from pathlib import Path

    from synthmat.layouts.item import Item
    from synthmat.layouts.outputs import ExportOptions, Output
    from synthmat.layouts.pixels import read_alpha, read_color_and_alpha, read_image, read_pair
    from synthmat.rows.samples import StoredSample


__all__ = [
    "About",
    "Item",
    "detect",
    "exportable",
    "layouts",
    "plan_export",
    "read_alpha",
    "read_color_and_alpha",
    "read_image",
    "read_layout",
    "read_pair",
    "readable",
]


def __getattr__(name: str) -> Any:
    """Import what needs OpenCV when it is first asked for."""
    if name in ("read_alpha", "read_color_and_alpha", "read_image", "read_pair"):
        return getattr(importlib.import_module(f"{__name__}.pixels"), name)
    if name == "Item":
        return importlib.import_module(f"{__name__}.item").Item
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True)
class About:
    """What a layout's file says of itself: its first line, and whether it reads and exports."""

    summary: str
    reads: bool
    exports: bool


def _ours() -> dict[str, Choice]:
    files = folder_choices(__name__, __path__)
    return {name: each for name, each in files.items() if each.functions & {"read", "export"}}


def _lacks(choice: Choice) -> str:
    """Return what a module lacks to be a layout."""
    if not choice.functions & {"read", "export"}:
        return "defines neither a function read nor a function export"
    return "defines no function detect beside read" if {"read", "detect"} - choice.functions == {"detect"} else ""


LAYOUTS = Registry("synthmat.layouts", "layout", _ours, _lacks, reserved=["auto"])


def layouts() -> dict[str, About]:
    """Return every layout by name, without importing any."""
    return {
        name: About(each.about, "read" in each.functions, "export" in each.functions)
        for name, each in LAYOUTS.usable().items()
    }


def readable() -> list[str]:
    """Return the names of the layouts that `read_layout` reads."""
    return [name for name, about in layouts().items() if about.reads]


def exportable() -> list[str]:
    """Return the names of the layouts that data sets can be exported to."""
    return [name for name, about in layouts().items() if about.exports]


def check_layout(name: str, *, export: bool = False) -> Choice:
    """Return a layout that reads, or with ``export`` one that can be exported to.

    Raises:
        ValueError: There is none of this name, or it cannot be used.
    """
    return LAYOUTS.check(name, "export" if export else "read")


def detect(root: Path) -> str:
    """Return the name of the layout that a folder is in.

    Raises:
        AssetError: The folder is not there, or is in no known layout.
    """
    from synthmat.layouts.folders import tree

    if not root.is_dir():
        raise AssetError(f"{root}: no such folder")
    scores = {name: LAYOUTS.choices[name].load().detect(root) for name in readable()}
    best = max(scores, key=lambda name: scores[name])
    if not scores[best]:
        raise AssetError(f"{root}: in none of the layouts {', '.join(readable())}; it holds\n{tree(root)}")
    return best


def read_layout(root: Path, name: str = "auto") -> list[Item]:
    """Return the items of a data set, sorted by split and name; their ids are unique.

    Args:
        root: The data set's folder.
        name: A layout that reads, or ``auto`` for `detect`.

    Raises:
        AssetError: The folder is missing, empty, in another layout, or some of its files have no partner.
        ValueError: There is no such layout.
    """
    named = None if name == "auto" else check_layout(name)
    if not root.is_dir():
        raise AssetError(f"{root}: no such folder")
    layout = named or LAYOUTS.choices[detect(root)]
    items: list[Item] = layout.load().read(root)
    count = Counter(item.id for item in items)
    return [item if count[item.id] == 1 else replace(item, id=f"{item.split or 'all'}/{item.id}") for item in items]


def plan_export(name: str, samples: list[StoredSample], options: ExportOptions) -> list[Output]:
    """Return the files that an export of ``samples`` to a layout consists of.

    Raises:
        OutputError: The samples lack a file that the layout needs.
        ValueError: There is no such layout.
    """
    outputs: list[Output] = check_layout(name, export=True).load().export(samples, options)
    return outputs
