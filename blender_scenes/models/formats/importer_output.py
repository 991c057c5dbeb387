"""What Blender's importers say of a file: they print it, and return nothing of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_LEVEL = re.compile(
    r"""^(?:
        (?:WARN|ERROR|FATAL)\ \(\S+\):\ (?:\S+:\d+\ \w+:\ )?        # Blender 4.5
      | [\d:.]+\s+[\w.]+\s*\|\s*(?:WARNING|ERROR|FATAL)\s          # Blender 5
      | [\d:]+\ \|\ (?:WARNING|ERROR|CRITICAL):\                   # the glTF importer
      | (?:Warning|Error|Coding\ Error|Runtime\ Error):\ (?:in\ \w+\ at\ line\ \d+\ of\ \S+\ --\ )?  # USD, reports
    )(?P<text>.*)""",
    re.VERBOSE,
)
_USD_TAIL = re.compile(r"\s*\((?:instantiating|recomposing) stage on stage @.*\)$")
_MAX_LINES = 10


@dataclass
class ImporterOutput:
    """The lines that were printed: ``problems`` are those of warnings and errors, without what only a programmer needs.

    Known once the block of `captured_output` has ended.
    """

    text: str = ""
    problems: list[str] = field(default_factory=list)


@contextlib.contextmanager
def captured_output() -> Iterator[ImporterOutput]:
    """Catch all that this process prints meanwhile, C libraries included; it is printed afterwards."""
    output = ImporterOutput()
    with tempfile.TemporaryFile() as caught:
        _flush()
        before = os.dup(1), os.dup(2)
        try:
            for stream in (1, 2):
                os.dup2(caught.fileno(), stream)
            yield output
        finally:
            _flush()
            for stream, kept in enumerate(before, start=1):
                os.dup2(kept, stream)
                os.close(kept)
            caught.seek(0)
            output.text = caught.read().decode("utf-8", "replace")
            with contextlib.suppress(OSError):
                os.write(2, output.text.encode())
            output.problems = _problems(output.text)


def as_warnings(problems: list[str], model: Path) -> list[str]:
    """Return problems as warnings: each once, paths from the model's folder on, and no endless list."""
    folders = {f"{folder}/" for folder in (model.parent, model.parent.absolute(), model.parent.resolve())}
    shown = []
    for problem in problems:
        for folder in sorted(folders - {"./"}, key=len, reverse=True):
            problem = problem.replace(folder, "")
        shown.append(f"Blender's importer: {problem}")
    shown = list(dict.fromkeys(shown))
    more = (
        [f"Blender's importer: {len(shown) - _MAX_LINES} more warnings in the worker's log"]
        if len(shown) > _MAX_LINES
        else []
    )
    return shown[:_MAX_LINES] + more


def _problems(text: str) -> list[str]:
    matches = (_LEVEL.match(line) for line in text.splitlines())
    found = [_USD_TAIL.sub("", match["text"]).strip() for match in matches if match]
    return [problem for problem in found if problem]


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)
