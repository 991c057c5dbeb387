"""Which built-in objects there are, known without Blender: one file each in ``blender_scenes/builtins``."""

from __future__ import annotations

import ast
import difflib
from functools import cache
from pathlib import Path


@cache
def builtin_objects() -> dict[str, str]:
    """Return the name of every built-in object and the first line of its file's docstring."""
    import synthmat.blender_scenes.builtins as package

    files = (path for folder in package.__path__ for path in Path(folder).glob("[a-z]*.py"))
    return {
        path.stem: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        for path in sorted(files)
    }


def check_builtin(name: str) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is a built-in object."""
    known = builtin_objects()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"possible: {', '.join(known)}"
        raise ValueError(f"no built-in object {name!r}; {hint}")
