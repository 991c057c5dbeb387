"""What a terminal shows: a bar that lives from the start, and one width whatever is written beside it."""

import contextlib
import io
import re
import time

import pytest

from synthmat.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def lines(self):
        return [line for line in re.split(r"[\r\n]+", self.getvalue()) if line.strip()]


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_the_bar_keeps_its_width_and_the_line_stays_within_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "24")
    with contextlib.redirect_stderr(Terminal()) as terminal, Progress("composite", 20_000, unit="samples") as progress:
        for count in (0, 1, 999, 12_345, 20_000):
            time.sleep(0.11)
            progress.say(f"validation Dice {count / 20_000:.6f}" * (count % 3))
            progress.advance_to(count)
    lines = terminal.lines()
    assert len({re.search(r"\|.{16}\| ", line).start() for line in lines}) == 1
    assert max(map(len, lines)) <= columns
    assert any("12345/20000" in line and "samples/s" in line for line in lines)


def test_the_clock_goes_on_before_the_first_piece_is_finished(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    with contextlib.redirect_stderr(Terminal()) as terminal, Progress("render", 12, unit="frames") as progress:
        for _ in range(5):
            time.sleep(0.5)
            progress.advance_to(0)
        waiting = set(terminal.lines()[1:])
        progress.advance_to(1)
    assert {re.search(r"\[(\d\d:\d\d)", line).group(1) for line in waiting} >= {"00:01", "00:02"}
    assert all("starting" in line for line in waiting)
    assert "starting" not in terminal.lines()[-1]


def test_without_a_terminal_there_are_lines():
    with contextlib.redirect_stderr(io.StringIO()) as stream, Progress("render", 3, unit="frames") as progress:
        progress.advance()
        progress.tell("fox: broken")
    assert [line.partition(",")[0] for line in stream.getvalue().splitlines()] == [
        "render: fox: broken",
        "render: 1/3 frames",
    ]
