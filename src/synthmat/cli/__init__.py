"""The command line. Heavy imports happen inside the commands, so that ``synthmat --help`` answers at once.

One file for each group of commands; `app` joins them, `options` has what several take, `outcome` how a command ends.
"""

from __future__ import annotations

from synthmat.cli.app import app, main

__all__ = ["app", "main"]
