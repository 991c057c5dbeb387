"""Paths in rows: those that stay in the folder they start at, and those of somebody who wants to reach another one."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

INSIDE = "a path inside the folder that it starts at"

InsidePath = Annotated[str, INSIDE]
"""The type of a column, or of the keys of one, whose values have to be `is_inside`."""

_ODD = frozenset("\\:\0")


def is_inside(name: str) -> bool:
    """Return whether a path in a row stays in the folder that it starts at."""
    if not _ODD & set(name):  # As nearly all are; a path in itself takes ten times as long, and is kept for ever.
        parts = name.split("/")
        return parts[0] != "" and ".." not in parts and any(part != "." for part in parts if part)
    path = PurePosixPath(name)
    elsewhere = PureWindowsPath(name)
    dots = {*path.parts, *elsewhere.parts}
    return bool(path.parts) and not path.is_absolute() and not elsewhere.drive and ".." not in dots and "\0" not in name
