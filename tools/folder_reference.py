"""The page of folders: one sentence each on what belongs there, from the packages' docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TOP = ("src/synthmat", "generator", "blender_scenes", "compositor", "train")
_HEAD = """# Folders

What belongs into each folder of the sources, as its `__init__.py` says; this page is made by `make docs`. How they hang
together is in [Architecture](../design/architecture.md).

| folder | what belongs there |
|---|---|
"""


def folder_reference() -> str:
    """Return the page as Markdown.

    Raises:
        ValueError: A package does not say what belongs into it.
    """
    rows = (f"| `{folder}/` | {about} |\n" for folder, about in folders().items())
    return _HEAD + "".join(rows)


def folders() -> dict[str, str]:
    """Return every package's folder, relative to the repository, and the first paragraph of its docstring."""
    found = {}
    for top in TOP:
        for file in sorted((REPOSITORY / top).rglob("__init__.py")):
            name = str(file.parent.relative_to(REPOSITORY))
            text = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n\n")[0]
            if not text:
                raise ValueError(f"{name}/__init__.py has no docstring; say in a sentence what belongs into the folder")
            found.setdefault(name, " ".join(text.replace("``", "`").split()).replace("|", "\\|"))
    return found
