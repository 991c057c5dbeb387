"""The command line. Heavy imports happen inside the commands, so that ``synthmat --help`` answers at once.

One file for each group of commands; `app` joins them, `options` has what several take, `outcome` how a command ends.
"""

from __future__ import annotations

import os
import signal
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Run the command line; an interrupt is answered in one line from the beginning, while it is still being loaded."""
    before = signal.signal(signal.SIGINT, _leave)
    from synthmat.cli.app import main as run

    run(before)


def _leave(_signal: int, _frame: Any) -> None:
    os.write(2, b"interrupted before anything was begun\n")
    os._exit(130)
