"""Extension points that are folders: each file is one choice, known by its name without being imported."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterable
from pathlib import Path


def named_files(folders: Iterable[str]) -> dict[str, str]:
    """Return the name of each choice in a package's ``__path__`` and the first line of its file's docstring.

    Files whose name starts with ``_`` are no choices.
    """
    files = (path for folder in folders for path in Path(folder).glob("[a-z]*.py"))
    return {
        path.stem: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        for path in sorted(files)
    }


def check_name(what: str, name: str, known: Collection[str]) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is known; ``what`` says what it should name."""
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"possible: {', '.join(known)}"
        raise ValueError(f"no {what} {name!r}; {hint}")
