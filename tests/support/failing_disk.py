"""A disk that fails once: at the n-th write, flush, rename or removal, with what a write had begun left behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_WHOLE = os.write


class FailingDisk:
    """Counts the steps that change the disk, and fails at one of them; ``steps`` is how many there were."""

    def __init__(self, at: int | None) -> None:
        self.steps = 0
        self._at = at

    def fails(self) -> bool:
        self.steps += 1
        return self.steps - 1 == self._at


def full(path: object = None) -> OSError:
    """Return the error of a full disk, as a write gives it: without a name unless ``path`` is given."""
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if path is not None:
        error.filename = str(path)
    return error


@contextmanager
def failing_disk(at: int | None = None) -> Iterator[FailingDisk]:
    """Let the step ``at``, counted from 0, fail inside the block; None lets none fail and counts them."""
    disk = FailingDisk(at)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "rename", "unlink", "mkdir"):
            patch.setattr(Path, name, _failing(getattr(Path, name), disk))
        patch.setattr(os, "fsync", _failing(os.fsync, disk, named=False))
        patch.setattr(os, "link", _failing(os.link, disk))

        def write(descriptor: int, data: Any) -> int:
            if disk.fails():
                _WHOLE(descriptor, bytes(data)[: len(data) // 2])
                raise full()
            return _WHOLE(descriptor, data[: max(1, len(data) // 2)])  # a short write, which is none of an error

        def write_bytes(path: Path, data: Any) -> int:
            failed = disk.fails()
            with path.open("wb") as file:
                file.write(bytes(data)[: len(data) // 2] if failed else data)
            if failed:
                raise full()
            return len(data)

        patch.setattr(os, "write", write)
        patch.setattr(Path, "write_bytes", write_bytes)
        yield disk


def _failing(function: Any, disk: FailingDisk, *, named: bool = True) -> Any:
    def step(*arguments: Any, **keywords: Any) -> Any:
        if disk.fails():
            raise full(arguments[0] if named else None)
        return function(*arguments, **keywords)

    return step
