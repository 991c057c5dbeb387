"""JSON Lines on disk: workers append a row the moment a file is finished, and a later merge sorts them into one file.

A row counts only together with its files: ``row["files"]`` maps each file's path, relative to the stage's folder, to
its sha256. What is on disk after a crash is therefore exactly what was finished.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

from synthmat.errors import OutputError, PassedOverWarning
from synthmat.storage.atomic import atomic_path, sync_files, sync_folder
from synthmat.storage.row_check import fault_of

Row = dict[str, Any]
"""A row of any list; who knows the list reads it by its type in `synthmat.rows.row_types`."""

RowT = TypeVar("RowT", bound=Mapping[str, Any])

_LONE = re.compile("[\ud800-\udfff]")
_ROWS_AT_ONCE = 1000
_appending = threading.Lock()
_told: set[Path] = set()


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Append one line in a single write, so that a crash cannot leave two rows mixed.

    A line that an earlier crash or a full disk cut off is ended first, and costs none but itself.

    Raises:
        OSError: The disk is full, or the file cannot be written to; it names the file.
    """
    _append(path, row_line(row))


def append_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append rows, and wait until they are on the disk; without any nothing is touched.

    Raises:
        OSError: See `append_row`.
    """
    lines = map(row_line, rows)
    written = False
    while text := b"".join(itertools.islice(lines, _ROWS_AT_ONCE)):
        _append(path, text)
        written = True
    if written:
        sync_files([path])
        sync_folder(path.parent)


def _append(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _appending:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                text = b"\n" + text
            _write_all(descriptor, text)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, however little at a time the system takes."""
    while data:
        data = data[os.write(descriptor, data) :]


@overload
def read_rows(path: Path) -> Iterator[dict[str, Any]]: ...
@overload
def read_rows(path: Path, row_type: type[RowT]) -> Iterator[RowT]: ...
def read_rows(path: Path, row_type: type[Any] | None = None) -> Iterator[Any]:
    """Yield the rows of a JSON Lines file, or nothing if it is absent.

    A line that cannot be read, for example cut off by a crash, or that is not of ``row_type``, a TypedDict, is passed
    over; the first time that this happens to a file, a warning names the first such line and their number.

    Raises:
        OutputError: What is there is no file.
    """
    return (row for _, _, row in located_rows(path, row_type))


def located_rows(
    path: Path, row_type: type[Any] | None = None, descriptor: int | None = None
) -> Iterator[tuple[int, int, Any]]:
    """Yield what `read_rows` does, each row behind where in the file its line begins and ends.

    With a ``descriptor`` that is open already the file is read through it, whatever lies at ``path`` by now.
    """
    if not path.exists():
        return
    if not path.is_file():
        raise OutputError(f"{path}: a list belongs there, and it is no file; move it away")
    passed_over, first, place = 0, "", 0
    with path.open("rb") if descriptor is None else os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        for number, line in enumerate(file, start=1):
            row, fault = _parsed(line)
            if row is not None and row_type is not None:
                fault = fault_of(row, row_type)
            if fault:
                passed_over += 1
                first = first or f"line {number} is passed over, since {fault}"
            elif row is not None:
                yield place, place + len(line), row
            place += len(line)
    if passed_over and path not in _told:
        _told.add(path)
        more = f"; so are {passed_over - 1} more" if passed_over > 1 else ""
        warnings.warn(f"{path}: {first}{more}", PassedOverWarning, stacklevel=2)


def _parsed(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return the row of a line, or what is wrong with it; neither for an empty line."""
    if not line.strip():
        return None, ""
    try:
        row = json.loads(line.decode())
        if b"\\u" in line:  # A half of a pair of code units can be read, and not be written again.
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None, "it cannot be read" if line.endswith(b"\n") else "it is cut off"
    return (row, "") if isinstance(row, dict) else (None, "it is no row of named columns")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows atomically, one a line; they are on the disk before they take the place of older ones.

    ``rows`` may be a generator: a few are held in memory at a time.
    """
    with atomic_path(path, durable=True) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            lines = map(row_line, rows)
            while text := b"".join(itertools.islice(lines, _ROWS_AT_ONCE)):
                _write_all(descriptor, text)
        finally:
            os.close(descriptor)


def rows_text(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the bytes that `write_rows` writes."""
    return b"".join(map(row_line, rows))


def row_line(row: Mapping[str, Any]) -> bytes:
    """Return the line of a row."""
    text = json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # A name of a file that is no UTF-8: its bytes are spelled out.
        return _LONE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode()
