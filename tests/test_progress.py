"""What a terminal shows: a bar that lives from the start, and one width whatever is written beside it."""

import contextlib
import fcntl
import io
import os
import re
import struct
import termios
import time
from collections.abc import Iterator

import pytest

from synthmat.progress import Progress


class Terminal:
    """A pseudo-terminal of some columns as ``sys.stderr``; `lines` are all that the bar ever looked like."""

    def __init__(self, columns: int) -> None:
        self._screen, program = os.openpty()
        fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.set_blocking(self._screen, False)
        self.stream = os.fdopen(program, "w", encoding="utf-8")
        self._seen = ""

    def lines(self) -> list[str]:
        self.stream.flush()
        with contextlib.suppress(BlockingIOError):
            while True:
                self._seen += os.read(self._screen, 1_000_000).decode()
        plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self._seen)
        return [line for line in re.split(r"[\r\n]+", plain) if line.strip()]


@contextlib.contextmanager
def terminal(columns: int) -> Iterator[Terminal]:
    opened = Terminal(columns)
    with contextlib.redirect_stderr(opened.stream):
        yield opened


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_the_bar_keeps_its_width_and_the_line_stays_within_the_terminal(columns):
    with terminal(columns) as screen, Progress("composite", 20_000, unit="samples") as progress:
        for count in (0, 1, 999, 12_345, 20_000):
            time.sleep(0.11)
            progress.say(f"validation Dice {count / 20_000:.6f}" * (count % 3))
            progress.advance_to(count)
    lines = screen.lines()
    assert len({re.search(r"\|.{16}\| ", line).start() for line in lines}) == 1
    assert max(map(len, lines)) <= columns
    assert any("12345/20000" in line and "samples/s" in line for line in lines)


def test_the_clock_goes_on_before_the_first_piece_is_finished():
    with terminal(80) as screen, Progress("render", 12, unit="frames") as progress:
        for _ in range(5):
            time.sleep(0.5)
            progress.advance_to(0)
        waiting = screen.lines()[1:]
        progress.advance_to(1)
    assert {re.search(r"\[(\d\d:\d\d)", line).group(1) for line in waiting} >= {"00:01", "00:02"}
    assert all("starting" in line for line in waiting)
    assert "starting" not in screen.lines()[-1]


def test_without_a_terminal_there_are_lines():
    with contextlib.redirect_stderr(io.StringIO()) as stream, Progress("render", 3, unit="frames") as progress:
        progress.advance()
        progress.tell("fox: broken")
    assert [line.partition(",")[0] for line in stream.getvalue().splitlines()] == [
        "render: fox: broken",
        "render: 1/3 frames",
    ]
