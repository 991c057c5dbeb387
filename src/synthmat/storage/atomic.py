"""Files that are either whole or absent: written under a temporary name beside the target, then moved into place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path in the target's folder with the target's suffix; move it to ``target`` on success.

    The folder is made if need be. On an exception the temporary file is removed and ``target`` stays as it was.
    """
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.tmp{target.suffix}")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(target: Path, data: bytes) -> None:
    """Write ``data`` to ``target`` atomically."""
    with atomic_path(target) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str) -> None:
    """Write ``text`` to ``target`` atomically, as UTF-8."""
    write_bytes(target, text.encode())


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files that processes killed while writing left anywhere below ``folder``.

    Call it only while no one else writes there.
    """
    for path in folder.rglob(".*.tmp.*"):
        path.unlink(missing_ok=True)


def sha256_file(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
