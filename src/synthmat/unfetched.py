"""Files that stand for others: Git-LFS pointers, which lie in a clone until the real files are downloaded."""

from __future__ import annotations

from pathlib import Path

_LFS_START = b"version https://git-lfs.github.com/spec/"

FETCH = "a Git-LFS pointer, three lines in place of the file; run `git lfs pull` in its folder to download it"
"""What such a file is and what to do about it."""


def begins_lfs_pointer(start: bytes) -> bool:
    """Tell whether a file that begins with these bytes, 64 or more, is a Git-LFS pointer."""
    return start.startswith(_LFS_START)


def is_lfs_pointer(path: Path) -> bool:
    """Tell whether a file is a Git-LFS pointer; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return begins_lfs_pointer(file.read(64))
    except OSError:
        return False
