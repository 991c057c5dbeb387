"""What every stage's report has: its numbers, its files, and measures of its pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.executor import default_workers
from synthmat.images.alpha import Float
from synthmat.random_streams import stream
from synthmat.report.contact_sheet import Tile
from synthmat.report.matte_check import MatteNumbers, measure_matte
from synthmat.rows.row_types import FailureRow
from synthmat.storage.manifest import RowT, read_rows
from synthmat.storage.output_folder import OutputFolder

MEASURED_AT_MOST = 2000
"""Pictures whose pixels are read for the numbers of a page; of more, so many are drawn at random."""

UNREADABLE = "not readable"
MISSING = "file missing"


@dataclass(frozen=True)
class StageReport:
    """One stage's part in the report of the whole output folder."""

    title: str
    page: Path
    numbers: dict[str, str]
    sheets: tuple[Path, ...] = ()
    troubles: tuple[str, ...] = ()
    files: tuple[Path, ...] = field(default=())


@dataclass(frozen=True)
class Measured:
    """A picture's matte in numbers, and its mean brightness in 0..1 (sRGB) where that was asked for."""

    matte: MatteNumbers | None
    brightness: float | None = None
    fault: str = ""

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the matte or its file."""
        return (self.fault,) if self.fault else self.matte.faults if self.matte else ()


def stage_rows(output: OutputFolder, stage: Path, files: Iterable[Path], row_type: type[RowT]) -> list[RowT]:
    """Return the rows of ``files`` and those that an interrupted run left in part files."""
    parts = sorted(output.parts(stage).glob("*.jsonl"))
    return [row for file in (*files, *parts) for row in read_rows(file, row_type)]


def stage_failures(output: OutputFolder, *stages: str) -> list[FailureRow]:
    """Return the rows of ``failures.jsonl``, of the given stages only if any are given."""
    return [row for row in read_rows(output.failures, FailureRow) if not stages or row.get("stage") in stages]


def chosen(there: Sequence[bool]) -> list[int]:
    """Return in order at most `MEASURED_AT_MOST` of the places that are true, drawn at random if there are more."""
    indices = [index for index, found in enumerate(there) if found]
    if len(indices) <= MEASURED_AT_MOST:
        return indices
    drawn = stream(0, "report", len(indices)).choice(len(indices), MEASURED_AT_MOST, replace=False)
    return [indices[place] for place in sorted(drawn)]


def measure_all(readers: Sequence[Callable[[], tuple[Float, float | None]]]) -> list[Measured]:
    """Call each reader, which gives a matte and a brightness, on all processors, and measure the mattes."""

    def measure(reader: Callable[[], tuple[Float, float | None]]) -> Measured:
        try:
            alpha, brightness = reader()
        except AssetError:
            return Measured(None, fault=UNREADABLE)
        return Measured(measure_matte(alpha), brightness)

    with ThreadPoolExecutor(default_workers()) as threads:
        return list(threads.map(measure, readers))


def make_tiles(makers: Sequence[Callable[[], Tile]]) -> list[Tile]:
    """Call each maker of a tile on all processors; one whose file cannot be read gives an empty tile that says so."""

    def make(maker: Callable[[], Tile]) -> Tile:
        try:
            return maker()
        except AssetError:
            return Tile(None, fault=UNREADABLE)

    with ThreadPoolExecutor(default_workers()) as threads:
        return list(threads.map(make, makers))


def measured_words(measured: int, count: int, what: str) -> str:
    """Return how many pictures the numbers come from."""
    return f"all {count:,} {what}" if measured == count else f"{measured:,} of {count:,} {what}, drawn at random"


def plural(count: int, what: str) -> str:
    """Return a number and its noun, for example ``1 frame`` or ``1,200 frames``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
