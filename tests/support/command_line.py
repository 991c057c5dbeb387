"""The command line in the process of the tests, which has loaded torch already."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from synthmat.cli import app


@dataclass(frozen=True)
class Answer:
    """What a command came to, with the names of `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


def synthmat(*arguments: str | Path, folder: Path, typed: str = "") -> Answer:
    """Run `synthmat ARGUMENTS` in ``folder``, given what is ``typed``; return its exit code and what it printed."""
    with _printed() as out, _printed() as err, _as_a_process([*map(str, arguments)], typed):
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                app.main()
                code: object = 0
            except SystemExit as leaving:
                code = leaving.code
        answers = [stream.buffer.getvalue().decode() for stream in (out, err) if not stream.flush()]
    return Answer(code if isinstance(code, int) else 0 if code is None else 1, *answers)


@contextlib.contextmanager
def _printed() -> Iterator[io.TextIOWrapper]:
    with io.TextIOWrapper(io.BytesIO(), encoding="utf-8") as stream:
        yield stream


@contextlib.contextmanager
def _as_a_process(arguments: list[str], typed: str) -> Iterator[None]:
    """Let a command find what it finds in a process of its own, and take back what it changes in this one."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    given = {"argv": ["synthmat", *arguments], "stdin": io.StringIO(typed)}
    with warnings.catch_warnings(), mock.patch.multiple(sys, **given):
        warnings.resetwarnings()
        app._printed.clear()
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
