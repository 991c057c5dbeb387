"""Checksums of many input files, kept between runs: ten thousand photos would otherwise be read for every plan."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypedDict

from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import read_rows, write_rows


class DigestRow(TypedDict):
    """What is remembered of a file: its size, the times of change of content and of anything, and its sha256."""

    file: str
    size: int
    changed: int
    touched: int
    sha256: str


class _Stamp(NamedTuple):
    """By what a file is known again; a program can set the time of its content, and not the time of any change."""

    file: str
    size: int
    changed: int
    touched: int


def digests_of(files: Iterable[Path], cache: Path | None = None) -> dict[Path, str]:
    """Return the sha256 of each file, empty for those that cannot be read.

    Args:
        files: Any number of them.
        cache: A JSON Lines file that remembers checksums by path, size and times of change; None remembers nothing.
            What a worker reads is checked against the checksum again, so a stale entry costs a failure and no sample.
    """
    known: dict[_Stamp, DigestRow] = (
        {} if cache is None else {_stamp_of(row): row for row in read_rows(cache, DigestRow)}
    )
    stamps = {file: _stamp(file) for file in files}
    missing = [file for file, stamp in stamps.items() if stamp is not None and stamp not in known]
    with ThreadPoolExecutor(4) as pool:
        fresh = dict(zip(missing, pool.map(_digest, missing), strict=True))
    result = {}
    for file, stamp in stamps.items():
        result[file] = "" if stamp is None else fresh[file] if file in fresh else known[stamp]["sha256"]
    if cache is not None and fresh:
        for file, digest in fresh.items():
            stamp = stamps[file]
            if stamp is not None and digest:
                known[stamp] = {
                    "file": stamp.file, "size": stamp.size, "changed": stamp.changed, "touched": stamp.touched,
                    "sha256": digest,
                }  # fmt: skip
        _write(cache, known.values())
    return result


def forget(cache: Path, files: Collection[str]) -> None:
    """Drop what is remembered of files that turned out to be other ones, so that the next plan reads them anew."""
    if files:
        _write(cache, [row for row in read_rows(cache, DigestRow) if row["file"] not in files])


def _write(cache: Path, rows: Iterable[DigestRow]) -> None:
    newest = {row["file"]: row for row in rows}
    with contextlib.suppress(OSError):  # Remembering saves time and nothing else.
        write_rows(cache, newest.values())


def _stamp_of(row: DigestRow) -> _Stamp:
    return _Stamp(row["file"], row["size"], row["changed"], row["touched"])


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):  # To read from a pipe or a device could take for ever.
        return None
    return _Stamp(str(file), status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _digest(file: Path) -> str:
    try:
        return sha256_file(file)
    except OSError:
        return ""
