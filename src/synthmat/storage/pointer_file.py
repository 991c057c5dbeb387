"""A small file in the place of one that lies in an object store: it says the checksum of what belongs there.

A run whose output goes to a store knows by them what is finished without fetching it. They are moved, set aside and
counted as the files themselves are; whoever needs the content fetches it first (`synthmat.object_store`).
"""

from __future__ import annotations

import re
from pathlib import Path

from synthmat.storage.atomic import sha256_file

_POINTER = re.compile(rb"synthmat pointer: the file with sha256 ([0-9a-f]{64}) lies in the object store\n")
_LENGTH = len("synthmat pointer: the file with sha256  lies in the object store\n") + 64


def write_pointer(path: Path, sha256: str) -> None:
    """Put a pointer to the content with a checksum at ``path``; its folder is made if need be."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"synthmat pointer: the file with sha256 {sha256} lies in the object store\n".encode())


def pointed_at(path: Path) -> str:
    """Return the checksum that a pointer names, empty for any other file and where there is none."""
    try:
        if path.stat().st_size != _LENGTH:
            return ""
        found = _POINTER.fullmatch(path.read_bytes())
    except (OSError, ValueError):
        return ""
    return "" if found is None else found[1].decode()


def content_sha256(path: Path) -> str:
    """Return the checksum of a file's content, of a pointer that of the content that it stands for.

    Raises:
        OSError: It cannot be read.
    """
    return pointed_at(path) or sha256_file(path)


def has_digest(path: Path, digest: str) -> bool:
    """Return whether a file is there and its content, or that of what it stands for, has a sha256."""
    try:
        return content_sha256(path) == digest
    except (OSError, ValueError):
        return False
