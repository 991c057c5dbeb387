"""Folder layouts of matting data sets: one file each in this folder, known by its name.

A file with ``read(root)`` and ``detect(root)`` is a layout that can be read, one with ``export(samples, options)`` one
that our data sets can be exported to; many have all three. The first line of its docstring describes it. A new layout
is a new file here. The names are those the public loaders expect; none of their code is used.
"""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthmat.errors import AssetError
from synthmat.named_files import check_name

if TYPE_CHECKING:
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


@cache
def layouts() -> dict[str, About]:
    """Return every layout by name, without importing any."""
    found = {}
    for path in sorted(file for folder in __path__ for file in Path(folder).glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if names & {"read", "export"}:
            summary = (ast.get_docstring(tree) or "").partition("\n")[0]
            found[path.stem] = About(summary, "read" in names, "export" in names)
    return found


def readable() -> list[str]:
    """Return the names of the layouts that `read_layout` reads."""
    return [name for name, about in layouts().items() if about.reads]


def exportable() -> list[str]:
    """Return the names of the layouts that data sets can be exported to."""
    return [name for name, about in layouts().items() if about.exports]


def detect(root: Path) -> str:
    """Return the name of the layout that a folder is in.

    Raises:
        AssetError: The folder is not there, or is in no known layout.
    """
    from synthmat.layouts.folders import tree

    if not root.is_dir():
        raise AssetError(f"{root}: no such folder")
    scores = {name: importlib.import_module(f"{__name__}.{name}").detect(root) for name in readable()}
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
    if name != "auto":
        check_name("layout", name, readable())
    if not root.is_dir():
        raise AssetError(f"{root}: no such folder")
    layout = detect(root) if name == "auto" else name
    items: list[Item] = importlib.import_module(f"{__name__}.{layout}").read(root)
    count = Counter(item.id for item in items)
    return [item if count[item.id] == 1 else replace(item, id=f"{item.split or 'all'}/{item.id}") for item in items]


def plan_export(name: str, samples: list[StoredSample], options: ExportOptions) -> list[Output]:
    """Return the files that an export of ``samples`` to a layout consists of.

    Raises:
        OutputError: The samples lack a file that the layout needs.
        ValueError: There is no such layout.
    """
    check_name("layout to export to", name, exportable())
    outputs: list[Output] = importlib.import_module(f"{__name__}.{name}").export(samples, options)
    return outputs
