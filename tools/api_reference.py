"""The page of the Python API: everything that `synthmat.__all__` lists, documented from its docstrings."""

from __future__ import annotations

import inspect
from typing import Any

import synthmat
from synthmat import api

_HEAD = """# Python API

`import synthmat` gives all of this, and imports nothing heavy before it is asked for. The functions are the commands of
the command line; [Use it from Python](../guides/python.md) shows how they play together. What is not on this page may
change from one version to the next without notice.
"""
_GROUPS = {"Functions": inspect.isfunction, "Records and classes": inspect.isclass}


def api_reference() -> str:
    """Return the page as Markdown with mkdocstrings' directives; this imports torch."""
    public = {name: getattr(synthmat, name) for name in synthmat.__all__}
    errors = {name for name, value in public.items() if inspect.isclass(value) and issubclass(value, Exception)}
    commands = {name: _command(value) for name, value in public.items()}
    lines = [_HEAD]
    for title, belongs in _GROUPS.items():
        lines += [f"## {title}", ""]
        for name, value in commands.items():
            if name not in errors and belongs(value):
                lines += _directive(name, value)
    lines += ["## Errors", "", "Each names the file, the reason and the remedy; all of them are `SynthmatError`.", ""]
    for name in sorted(errors):
        lines += _directive(name, public[name])
    return "\n".join(lines)


def _directive(name: str, value: Any) -> list[str]:
    """Return what makes mkdocstrings document an object under its public name."""
    place = f"{value.__module__}.{value.__qualname__}"
    return [f"::: {place}", f"    options: {{heading: synthmat.{name}, toc_label: {name}}}", ""]


def _command(value: Any) -> Any:
    """Return the function that stands behind a package that can be called, as ``synthmat.train`` is."""
    return api.train if inspect.ismodule(value) else value
