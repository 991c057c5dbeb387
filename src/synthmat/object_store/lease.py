"""One run at a time on a stage in an object store: a small object says who writes there, and is renewed while it does.

Stores have no locks, but an object has a time, and many stores can create one only if it is not there yet. Where one
cannot, what was written is read back after a moment: of two that began at once the later one has it. A run that finds
that another has its lease publishes nothing more.
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
from synthmat.object_store.store import Store

RENEWED_S, ABANDONED_S = 20.0, 120.0
"""How often a run renews its lease, and after how long without that it counts as gone."""

LEASE = ".lease"
_SETTLING_S = 1.0
_ours: set[str] = set()
"""The tokens of the leases that this process holds now."""


@contextmanager
def leased(store: Store, stage: str = "", shard: str = "") -> Iterator[Lease]:
    """Hold the lease of a stage while the block runs.

    Several shards may hold theirs at once, each of them one time; a run of all holds it alone.

    Args:
        store: Where the output goes.
        stage: The folder in it, empty for all of it.
        shard: Names the part of the plan that is made, empty for all of it.

    Raises:
        OutputError: Another run holds it, or the store cannot be written to.
    """
    top = f"{stage}/{LEASE}" if stage else LEASE
    lease = Lease(store, f"{top}-{shard}" if shard else top)
    lease.take()
    try:
        others = [top] if shard else [name for name in store.names(stage) if name.startswith(f"{top}-")]
        for name in others:
            if (holder := lease.living(name)) is not None:
                raise _taken(store, holder)
        with lease.renewing():
            yield lease
    finally:
        lease.release()


class Lease:
    """The lease that one object stands for.

    Args:
        store: Where it lies.
        name: The object.

    ``notes`` say what a user is to know of how it was come by.
    """

    def __init__(self, store: Store, name: str) -> None:
        self.notes: list[str] = []
        self._store, self._name = store, name
        self._token = uuid.uuid4().hex
        self._renewed = time.monotonic()
        self._thief = ""
        self._one_at_a_time = threading.Lock()

    def take(self) -> None:
        """Take it, from a run that is gone too.

        Raises:
            OutputError: A run that lives holds it, or the store cannot be written to.
        """
        found = self._found(self._name)
        if (holder := self.living(self._name)) is not None:
            raise _taken(self._store, holder)
        if found is not None:
            self.notes.append(f"took over the lease of {_words(found)}, which did not end by itself")
            if self._found(self._name) == found:
                self._store.remove([self._name])
        is_exclusive = self._store.create(self._name, self._content())
        if found is not None or not is_exclusive:
            time.sleep(_SETTLING_S)
        holder = self._found(self._name)
        if holder is None or holder.get("token") != self._token:
            raise _taken(self._store, holder or {})
        _ours.add(self._token)

    def check(self) -> None:
        """Return if it is still ours.

        Raises:
            OutputError: Another run has it, or it cannot be renewed in time since the store fails.
        """
        if not self._thief and time.monotonic() - self._renewed > ABANDONED_S / 2:
            self._renew()
        if self._thief:
            raise OutputError(
                f"{self._store.address}: {self._thief} has taken this run's lease ({self._name}), which was not "
                f"renewed for {ABANDONED_S:g} s; what is published is kept, and this run publishes nothing more"
            )

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Renew it again and again while the block runs; a store that fails is tried again later."""
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(RENEWED_S):
                with contextlib.suppress(OutputError):
                    self._renew()

        thread = threading.Thread(target=keep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def release(self) -> None:
        """Give it back, if it is ours; a store that fails now keeps it until it counts as abandoned."""
        _ours.discard(self._token)
        with contextlib.suppress(OutputError):
            if (self._found(self._name) or {}).get("token") == self._token:
                self._store.remove([self._name])

    def living(self, name: str) -> dict[str, object] | None:
        """Return who holds a lease of the stage, None if nobody does or that run is gone."""
        found = self._found(name)
        return None if found is None or self._is_gone(name, found) else found

    def _renew(self) -> None:
        with self._one_at_a_time:
            found = self._found(self._name)
            if found is None or found.get("token") != self._token:
                self._thief = _words(found) if found else "someone"
            else:
                self._store.write(self._name, self._content())
                self._renewed = time.monotonic()

    def _content(self) -> bytes:
        about = {"host": platform.node(), "process": os.getpid(), "token": self._token, "machine": _machine()}
        return json.dumps({**about, "renewed": round(time.time())}).encode()

    def _found(self, name: str) -> dict[str, object] | None:
        data = self._store.read_if_there(name)
        if data is None:
            return None
        try:
            found = json.loads(data)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _is_gone(self, name: str, holder: dict[str, object]) -> bool:
        process = holder.get("process")
        if isinstance(process, int) and holder.get("machine") == _machine() != "":
            if process == os.getpid():
                return holder.get("token") not in _ours
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                return True
            except (PermissionError, OverflowError):
                pass
        return self._age_s(name, holder) > ABANDONED_S

    def _age_s(self, name: str, holder: dict[str, object]) -> float:
        """Return the age of a lease: by the store's own clock, or by those of two machines where it tells no times."""
        probe = f"{name}.probe-{uuid.uuid4().hex}"
        self._store.write(probe, b"")
        try:
            now, then = self._store.modified(probe), self._store.modified(name)
        finally:
            self._store.remove([probe])
        if now is not None and then is not None:
            return now - then
        renewed = holder.get("renewed")
        return time.time() - renewed if isinstance(renewed, int | float) else 0.0


def _taken(store: Store, holder: dict[str, object]) -> OutputError:
    return OutputError(
        f"{store.address}: {_words(holder)} is writing there; wait for it, or choose another place with --out. If that "
        f"run is gone, try again in {ABANDONED_S:g} s"
    )


def _words(holder: dict[str, object]) -> str:
    return f"process {holder.get('process', '?')} on {holder.get('host', 'another machine')}"


def _machine() -> str:
    """Return what all processes that can see each other's numbers have in common, empty where that is not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""
