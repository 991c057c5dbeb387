"""Jobs for executors on other machines, whose processes import them by name."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

from synthmat.errors import AssetError

_slots: list[int] = []


def prepare_slot(slot: int) -> None:
    """Note the worker's slot."""
    _slots.append(slot)


def fail_to_start(_slot: int) -> None:
    """Be no worker."""
    raise AssetError("no such device")


def work(job: str) -> str:
    """Do what a job says: raise, die at the first time, or tell who did it."""
    kind, _, argument = job.partition(":")
    if kind == "once" and not Path(argument).exists():
        Path(argument).touch()
        tempfile.mkdtemp()
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "asset":
        raise AssetError(f"{argument}: broken")
    if kind == "bug":
        raise ValueError("a bug")
    print(f"worked on {job}", flush=True)
    return f"{job} in slot {_slots[0]}, {os.environ['SYNTHMAT_TEST']}"
