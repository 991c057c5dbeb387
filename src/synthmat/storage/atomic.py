"""Files that are either whole or absent: written under a temporary name beside the target, then moved into place."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import platform
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

_LONGEST_NAME = 255
_FLUSHED_AT_ONCE, _WINDOW = 8, 1000


@contextmanager
def atomic_path(target: Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path in the target's folder with the target's suffix; move it to ``target`` on success.

    The folder is made if need be. On an exception the temporary file is removed and ``target`` stays as it was. With
    ``durable`` it is on the disk before it is moved: after a power cut ``target`` is the old file or the whole new one.

    Raises:
        OSError: It cannot be written, for example since the disk is full; it names a file.
    """
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(_temporary_name(target))
    try:
        yield temporary
        if durable:
            sync_file(temporary)
        temporary.replace(target)
        if durable:
            sync_folder(target.parent)
    except OSError as error:
        if error.filename is None and error.errno is not None:  # A write says only what went wrong.
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _temporary_name(target: Path) -> str:
    name = f".{target.stem}.{process_name()}.tmp{target.suffix}"
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    return f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:32]}.{process_name()}.tmp{target.suffix}"


def process_name() -> str:
    """Return a name for this process that no other has, on other machines that see the same folder neither."""
    return f"{os.getpid()}-{zlib.crc32(platform.node().encode()):08x}"


def write_bytes(target: Path, data: bytes, *, durable: bool = False) -> None:
    """Write ``data`` to ``target`` atomically."""
    with atomic_path(target, durable=durable) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str, *, durable: bool = False) -> None:
    """Write ``text`` to ``target`` atomically, as UTF-8; bytes in names of files that are none are spelled out."""
    write_bytes(target, text.encode("utf-8", "backslashreplace"), durable=durable)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can tell."""
    with contextlib.suppress(OSError):
        sync_file(path)


def sync_files(paths: Iterable[Path]) -> None:
    """Wait until the content of many files is on the disk; one that is not there is passed over.

    Raises:
        OSError: The disk has failed; it names the file.
    """

    several = iter(paths)
    pool: ThreadPoolExecutor | None = None
    try:
        while window := list(itertools.islice(several, _WINDOW)):  # `map` takes all that there are before it begins
            if len(window) == 1:
                _sync_each(window)
                continue
            pool = pool or ThreadPoolExecutor(_FLUSHED_AT_ONCE)
            for _ in pool.map(_sync_each, [window[first::_FLUSHED_AT_ONCE] for first in range(_FLUSHED_AT_ONCE)]):
                pass
    finally:
        if pool is not None:
            pool.shutdown()


def _sync_each(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            sync_file(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error


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
