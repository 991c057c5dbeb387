"""One progress bar with rate and time left; without a terminal, a line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from tqdm import tqdm

_LINE_EVERY_S, _SIGN_OF_LIFE_EVERY_S = 10.0, 60.0
# The bar itself is 16 characters wide, whatever is written behind it; the line ends where the terminal does.
_FORMAT = "{desc} {percentage:3.0f}%|{bar:16}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]{postfix}"
_STARTING = "starting"


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
        self._bar = (
            tqdm(total=total, desc=what, unit=f" {unit}", dynamic_ncols=True, bar_format=_FORMAT, file=sys.stderr)
            if terminal
            else None
        )
        if self._bar is not None:
            self._bar.set_postfix_str(_STARTING)

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
        """Say that ``count`` pieces are finished in all; also when it is as before, as a sign of life."""
        moved = count > self._count
        if self._bar is not None:
            if moved and not self._note:
                self._bar.set_postfix_str("", refresh=False)
            self._bar.update(count - self._count if moved else 0)
            if not moved:
                self._bar.refresh()  # the clock goes on before the first piece is finished
        self._count = max(count, self._count)
        now = time.monotonic()
        every = _LINE_EVERY_S if moved else _SIGN_OF_LIFE_EVERY_S
        if self._bar is None and not self._quiet and now - self._printed >= every:
            self._printed = now
            self._line()

    def tell(self, text: str) -> None:
        """Print a line now, above the bar: something that a user would not want to learn at the end only."""
        if not self._quiet:
            tqdm.write(f"{self._what}: {text}", file=sys.stderr)

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
        left = f"{rate:.2f}/s, {(self._total - self._count) / rate:.0f} s left" if rate else f"{elapsed:.0f} s so far"
        print(
            f"{self._what}: {self._count}/{self._total} {self._unit}, {left}{self._note}",
            file=sys.stderr,
            flush=True,
        )
