"""A lock for folders whose file system has none: a file that is created by one run only, and kept young while it runs.

Shared folders without a lock service (NFS mounted with ``nolock``, many FUSE file systems) answer `fcntl.flock` with an
error. Creating a file that is not there yet is atomic on them too. The file says who holds the lock; its holder touches
it every few seconds, so that one of a killed run is known by its age. Ages are differences of two times of the file
server's own clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthmat.errors import OutputError

TOUCHED_S, ABANDONED_S = 10.0, 60.0
"""How often a holder touches its file, and after how long without that it counts as gone."""

_WAIT_S, _TAKEN_S = 0.1, 0.3


class TakenError(OutputError):
    """Another run holds the lock."""


@contextmanager
def held_file(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock that ``path`` stands for while the block runs.

    Args:
        path: The file; its folder is there.
        wait: Wait for a holder that lives, instead of raising.

    Raises:
        TakenError: Another run holds it; the message says which one, and how long it is taken for living.
        OSError: The folder cannot be written to.
    """
    token = json.dumps({"host": platform.node(), "process": os.getpid(), "token": uuid.uuid4().hex}).encode()
    while not _created(path, token):
        if is_held(path) and not wait:
            raise TakenError(f"{path}: {_holder(path)} holds it; if that run is gone, try again in {ABANDONED_S:g} s")
        time.sleep(_WAIT_S)
    ended = threading.Event()
    toucher = threading.Thread(target=_keep_young, args=(path, ended), daemon=True)
    toucher.start()
    try:
        yield
    finally:
        ended.set()
        toucher.join()
        if _content(path) == token:
            path.unlink(missing_ok=True)


def is_held(path: Path) -> bool:
    """Return whether a living run holds the lock of ``path``; the file of one that is gone is removed."""
    content = _content(path)
    if content is None:
        return False
    if _is_gone(path, content):
        if _content(path) == content:
            path.unlink(missing_ok=True)
        return False
    return True


def _created(path: Path, token: bytes) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    try:
        os.write(descriptor, token)
    finally:
        os.close(descriptor)
    # Two that have found the same abandoned file remove it at the same time, the second perhaps ours.
    time.sleep(_TAKEN_S)
    return _content(path) == token


def _is_gone(path: Path, content: bytes) -> bool:
    holder = _parsed(content)
    process = holder.get("process")
    if holder.get("host") == platform.node() and isinstance(process, int):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    probe = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        probe.write_bytes(b"")
        return probe.stat().st_mtime - path.stat().st_mtime > ABANDONED_S
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)


def _keep_young(path: Path, ended: threading.Event) -> None:
    while not ended.wait(TOUCHED_S):
        with contextlib.suppress(OSError):
            os.utime(path)


def _holder(path: Path) -> str:
    holder = _parsed(_content(path) or b"")
    return f"process {holder.get('process', '?')} on {holder.get('host', 'another machine')}"


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _parsed(content: bytes) -> dict[str, object]:
    try:
        holder = json.loads(content)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}
