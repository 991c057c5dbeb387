"""Which files a model may bring along: regular ones, in its own folder or one that the recipe names.

A model comes from strangers, and it can name any file of the machine: a pipe or device that never ends, or what is
nobody's business. What lies outside counts as missing; workers refuse such a model by name before Blender opens it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_MOST_BYTES = 8 * 2**30
_allowed: ContextVar[tuple[Path, ...] | None] = ContextVar("_allowed", default=None)


@contextmanager
def files_in(*folders: Path) -> Iterator[None]:
    """Let `may_read` say yes only to files in these folders, inside the block and in this thread.

    A folder that is reached through links counts by both of its paths: Blender tells those of a .blend file resolved.
    """
    token = _allowed.set(tuple(path for folder in folders for path in (_plain(folder), folder.resolve())))
    try:
        yield
    finally:
        _allowed.reset(token)


def may_read(path: Path) -> bool:
    """Return whether there is a regular file, not of absurd size, in an allowed folder; in any outside of `files_in`.

    A link inside an allowed folder may lead anywhere: its owner has put it there.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= _MOST_BYTES and is_allowed(path)


def is_allowed(path: Path) -> bool:
    """Return whether a path, of a file that may be missing, leads into an allowed folder."""
    allowed = _allowed.get()
    if allowed is None:
        return True
    place = _plain(path)
    try:
        detour = ".." in path.parts and place.resolve() != path.resolve()  # through a link and up again
    except (OSError, RuntimeError, ValueError):
        return False
    return not detour and any(place.is_relative_to(folder) for folder in allowed)


def is_refused(path: Path) -> bool:
    """Return whether something is there that is no folder, and that `may_read` says no to."""
    try:
        return path.exists() and not path.is_dir() and not may_read(path)
    except (OSError, ValueError):
        return False


def refusal(model: Path, path: Path) -> str:
    """Return what to say of a file that `is_refused`."""
    return (
        f"{model}: it refers to {path}, which is no plain file, or lies outside of the model's own folder and the "
        "recipe's; if that is meant, name its folder in the model's entry (files_in), or put the file beside the model"
    )


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))
