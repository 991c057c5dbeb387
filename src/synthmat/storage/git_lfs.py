"""Files that stand for others: what a checkout without Git LFS holds instead of models and pictures."""

from __future__ import annotations

from pathlib import Path

_START = b"version https://git-lfs.github.com/spec/v1"

REMEDY = "a Git LFS pointer, and not the file itself: run `git lfs pull` in its repository"
"""What is wrong with such a file, and what to do, as the end of an error that starts with its path."""


def is_pointer(data: bytes) -> bool:
    """Return whether the content of a file, or its beginning, is that of a Git LFS pointer."""
    return data.startswith(_START)


def is_pointer_file(path: Path) -> bool:
    """Return whether a file is a Git LFS pointer; False for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return is_pointer(file.read(len(_START)))
    except OSError:
        return False
