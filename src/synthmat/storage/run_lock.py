"""One run at a time on a stage's folder: two would overwrite each other's rows.

Locks are the file system's own (`flock`), which end with their process. On shared folders that have none files
take their place: see `synthmat.storage.held_file`.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.storage.held_file import TakenError, held_file, is_held

_HELD = ".held"


@contextmanager
def run_lock(folder: Path, shard: str = "") -> Iterator[None]:
    """Hold the lock of ``folder`` while the block runs; it ends with the process.

    Several shards may hold theirs at once, each of them one time; a run of all holds it alone.

    Raises:
        OutputError: Another run holds it, or the folder cannot be written to.
    """
    descriptor = _opened(folder, ".lock")
    try:
        try:
            has_locks = _flock(descriptor, shared=bool(shard))
        except BlockingIOError:
            raise _taken(folder) from None
        if not has_locks:
            with _held(folder, shard):
                yield
        elif not shard:
            yield
        else:
            with _locked(folder, f".lock-{shard}"):
                yield
    finally:
        os.close(descriptor)


@contextmanager
def merge_lock(folder: Path) -> Iterator[None]:
    """Wait for and hold the short lock under which shards that run at once bring their rows together."""
    name = ".lock-merge"
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if _flock(descriptor, wait=True):
            yield
        else:
            with held_file(folder / f"{name}{_HELD}", wait=True):
                yield
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: Path, name: str) -> Iterator[None]:
    descriptor = _opened(folder, name)
    try:
        try:
            _flock(descriptor)
        except BlockingIOError:
            raise _taken(folder) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _held(folder: Path, shard: str) -> Iterator[None]:
    """Hold the lock of a folder without `flock`: each creates its own file first, and looks for the others' then."""
    own = folder / (f".lock-{shard}{_HELD}" if shard else f".lock{_HELD}")
    others = [folder / f".lock{_HELD}"] if shard else []
    try:
        with held_file(own):
            if not shard:
                others = [path for path in folder.glob(f".lock-*{_HELD}") if path.name != f".lock-merge{_HELD}"]
            if any(map(is_held, others)):
                raise _taken(folder)
            yield
    except TakenError as error:
        raise _taken(folder, str(error)) from None


def _opened(folder: Path, name: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"{folder}: cannot write there: {error.strerror}; choose another place with --out") from None


def _taken(folder: Path, more: str = "") -> OutputError:
    words = f"{folder}: another synthmat run is writing there; wait for it, or choose another place with --out"
    return OutputError(f"{words} ({more})" if more else words)


def _flock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file; return False where its file system has no locks.

    Raises:
        BlockingIOError: Another process holds it.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
            raise BlockingIOError(error.errno, error.strerror) from None
        return False
    return True
