"""Names of files as text: they are bytes, and not all of them are characters."""

from __future__ import annotations

import os


def printable(name: str) -> str:
    r"""Return a name as Python has it from the file system with bytes that are no UTF-8 written as ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def expand_home(path: str | os.PathLike[str]) -> str:
    """Return a path with a leading ``~`` or ``~user`` replaced by that home folder; unknown users stay as written."""
    return os.path.expanduser(path)  # noqa: PTH111  # pathlib raises RuntimeError for unknown users
