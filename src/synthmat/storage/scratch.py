"""Temporary folders: removed at the end, and those of runs that were killed by the next run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX, _LOCK = "synthmat-", ".in-use"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a temporary folder of this process's own, which is locked as long as the block runs."""
    remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        descriptor = os.open(folder / f"{_LOCK}.new", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _is_locked_by_us(descriptor)
            # Under its name it is locked from the beginning.
            (folder / f"{_LOCK}.new").rename(folder / _LOCK)
            yield folder
        finally:
            os.close(descriptor)


def remove_abandoned() -> None:
    """Delete the temporary folders of killed runs: those of this user whose lock nobody holds."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            if lock.stat().st_uid != os.getuid():
                continue
            descriptor = os.open(lock, os.O_RDWR)
        except OSError:
            continue
        try:
            if _is_locked_by_us(descriptor):
                shutil.rmtree(lock.parent, ignore_errors=True)
        finally:
            os.close(descriptor)


def _is_locked_by_us(descriptor: int) -> bool:
    """Lock a file for this process, unless another one holds it; where there are no such locks, it is not ours."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
