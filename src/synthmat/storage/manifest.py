"""JSON Lines on disk: workers append a row the moment a file is finished, and a later merge sorts them into one file.

A row counts only together with its files: ``row["files"]`` maps each file's path, relative to the stage's folder, to
its sha256. What is on disk after a crash is therefore exactly what was finished.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from synthmat.storage.atomic import sha256_file, write_text

Row = dict[str, Any]


def append_row(path: Path, row: Row) -> None:
    """Append one line in a single write, so that a crash cannot leave two rows mixed."""
    line = json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON Lines file, or nothing if it is absent; a line cut off by a crash is passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(row, dict):
                yield row


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows atomically, one a line."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows))


def finished_rows(rows: Iterable[Row], folder: Path, wanted: Callable[[Row], bool]) -> Iterator[Row]:
    """Yield the rows that are ``wanted`` and whose files are all present with the checksum of the row."""
    for row in rows:
        if wanted(row) and all(_intact(folder / name, digest) for name, digest in row["files"].items()):
            yield row


def _intact(path: Path, digest: str) -> bool:
    try:
        return sha256_file(path) == digest
    except OSError:
        return False
