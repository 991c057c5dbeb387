"""Checksums of many input files, kept between runs: ten thousand photos would otherwise be read for every plan."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import read_rows, write_rows


def digests_of(files: Iterable[Path], cache: Path | None = None) -> dict[Path, str]:
    """Return the sha256 of each file, empty for those that cannot be read.

    Args:
        files: Any number of them.
        cache: A JSON Lines file that remembers checksums by path, size and time of change; None remembers nothing.
            What a worker reads is checked against the checksum again, so a stale entry costs a failure and no sample.
    """
    known = {} if cache is None else {(row["file"], row["size"], row["changed"]): row for row in read_rows(cache)}
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
                known[stamp] = dict(zip(("file", "size", "changed"), stamp, strict=True)) | {"sha256": digest}
        newest = {row["file"]: row for row in known.values()}
        with contextlib.suppress(OSError):  # Remembering saves time and nothing else.
            write_rows(cache, newest.values())
    return result


def _stamp(file: Path) -> tuple[str, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_size, status.st_mtime_ns


def _digest(file: Path) -> str:
    try:
        return sha256_file(file)
    except OSError:
        return ""
