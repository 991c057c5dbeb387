"""One progress bar with rate and time left; without a terminal, a line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from tqdm import tqdm

_LINE_EVERY_S = 10.0


class Progress:
    """Counts finished pieces of ``total``; a context manager."""

    def __init__(self, what: str, total: int, *, unit: str, quiet: bool = False) -> None:
        self._what = what
        self._unit = unit
        self._total = total
        self._count = 0
        self._quiet = quiet
        self._note = ""
        self._started = self._printed = time.monotonic()
        terminal = sys.stderr.isatty() and not quiet
        self._bar = tqdm(total=total, desc=what, unit=unit, dynamic_ncols=True) if terminal else None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif not self._quiet and self._count:
            self._line()

    def advance_to(self, count: int) -> None:
        """Say that ``count`` pieces are finished in all."""
        if count <= self._count:
            return
        if self._bar is not None:
            self._bar.update(count - self._count)
        self._count = count
        now = time.monotonic()
        if self._bar is None and not self._quiet and now - self._printed >= _LINE_EVERY_S:
            self._printed = now
            self._line()

    def advance(self, pieces: int = 1) -> None:
        """Say that so many more pieces are finished."""
        self.advance_to(self._count + pieces)

    def say(self, note: str) -> None:
        """Show a few words behind the counts, such as the latest score."""
        self._note = f", {note}"
        if self._bar is not None:
            self._bar.set_postfix_str(note)

    def _line(self) -> None:
        elapsed = time.monotonic() - self._started
        rate = self._count / elapsed if elapsed else 0.0
        left = (self._total - self._count) / rate if rate else 0.0
        print(
            f"{self._what}: {self._count}/{self._total} {self._unit}, {rate:.2f}/s, {left:.0f} s left{self._note}",
            file=sys.stderr,
            flush=True,
        )
