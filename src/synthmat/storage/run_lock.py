"""One run at a time on a stage's folder: two would overwrite each other's rows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthmat.errors import OutputError


@contextmanager
def run_lock(folder: Path, shard: str = "") -> Iterator[None]:
    """Hold the lock of ``folder`` while the block runs; it ends with the process.

    Several shards may hold theirs at once, each of them one time; a run of all holds it alone.

    Raises:
        OutputError: Another run holds it, or the folder cannot be written to.
    """
    with _locked(folder, ".lock", shared=bool(shard)):
        if not shard:
            yield
            return
        with _locked(folder, f".lock-{shard}", shared=False):
            yield


@contextmanager
def _locked(folder: Path, name: str, *, shared: bool) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"{folder}: cannot write there: {error.strerror}; choose another place with --out") from None
    try:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except OSError:
                raise OutputError(
                    f"{folder}: another synthmat run is writing there; wait for it, or choose another place with --out"
                ) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def merge_lock(folder: Path) -> Iterator[None]:
    """Wait for and hold the short lock under which shards that run at once bring their rows together."""
    descriptor = os.open(folder / ".lock-merge", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
