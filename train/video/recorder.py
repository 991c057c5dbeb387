"""The results of a clip, written segment by segment: what a killed run has finished is found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.images.alpha import Float, UInt8, over_uint8, to_levels
from synthmat.rows.row_types import SegmentRow
from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import append_row, read_rows
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.outputs import write_alpha
from synthmat.train.video.backdrop import Backdrop
from synthmat.train.video.clip_file import Clip
from synthmat.train.video.segment_writer import ALPHA, COMPOSITE, CUTOUTS, Encoding, SegmentWriter, cutout_pixels
from synthmat.train.video.steady import Step

SEGMENT = 120
"""Frames of a segment: so many are made again, at most, after a kill."""

_ROWS = "segments.jsonl"


@dataclass(frozen=True)
class Wanted:
    """What is made of a clip.

    Args:
        bits: Of alpha, 8 or 16.
        frames: A folder for alpha as numbered PNG files; None makes a video of it.
        cutout: A name in `CUTOUTS`, or empty for no cut-out.
        backdrop: What the composite is over; None for no composite.
    """

    bits: int
    frames: Path | None
    cutout: str
    backdrop: Backdrop | None

    @property
    def encodings(self) -> dict[str, Encoding]:
        """By ``alpha``, ``cutout`` and ``composite``, those that are videos."""
        found = {} if self.frames is not None else {"alpha": ALPHA[self.bits]}
        if self.cutout:
            found["cutout"] = CUTOUTS[self.cutout]
        if self.backdrop is not None:
            found["composite"] = COMPOSITE
        return found


class Recorder:
    """Writes what is wanted of a clip, in segments below ``state``; what is finished there already is kept.

    ``times`` are those of all frames in finished segments, and then of those written since.
    """

    def __init__(self, clip: Clip, wanted: Wanted, state: Path) -> None:
        self._clip, self._wanted, self._state = clip, wanted, state
        self.rows = _intact(state)
        self.times = [each for row in self.rows for each in row["times"]]
        self.kept = len(self.times)
        self._writers: Mapping[str, SegmentWriter] = {}
        self._files: dict[str, Path] = {}
        self._first = self.kept

    def write(self, step: Step) -> None:
        """Write a frame's results.

        Raises:
            OutputError: They cannot be written.
        """
        if len(self.times) == self._first:
            self._open()
        self.times.append(step.pts)
        foreground = step.foreground
        if foreground is None and (self._wanted.cutout or self._wanted.backdrop is not None):
            foreground = estimate_foreground(step.image, step.alpha)
        self._add(step, foreground)
        if len(self.times) - self._first == SEGMENT:
            self.finish()

    def finish(self) -> None:
        """Finish the segment in work, if there is one."""
        if len(self.times) == self._first:
            return
        for writer in self._writers.values():
            writer.close()
        row: SegmentRow = {
            "first": self._first,
            "times": self.times[self._first :],
            "files": {path.name: sha256_file(path) for path in self._files.values()},
        }
        append_row(self._state / _ROWS, row)
        self.rows.append(row)
        self._first = len(self.times)
        self._writers = {}

    def segments(self, kind: str) -> Sequence[Path]:
        """Return the files of all finished segments of a kind, in order."""
        return [self._state / _file_name(row["first"], self._wanted.encodings[kind]) for row in self.rows]

    def _open(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        encodings = self._wanted.encodings
        self._files = {kind: self._state / _file_name(self._first, each) for kind, each in encodings.items()}
        self._writers = {
            kind: SegmentWriter(self._files[kind], each, self._clip.rate, self._clip.aspect)
            for kind, each in encodings.items()
        }

    def _add(self, step: Step, foreground: UInt8 | None) -> None:
        wanted, writers = self._wanted, self._writers
        if wanted.frames is not None:
            write_alpha(wanted.frames / f"{step.number:06d}.png", step.alpha, wanted.bits)
        else:
            writers["alpha"].add(to_levels(step.alpha, wanted.bits))
        if foreground is None:
            return
        if wanted.cutout:
            writers["cutout"].add(cutout_pixels(foreground, step.alpha, wanted.cutout))
        if wanted.backdrop is not None:
            writers["composite"].add(self._composite(step, foreground, step.alpha, wanted.backdrop))

    def _composite(self, step: Step, foreground: UInt8, alpha: Float, backdrop: Backdrop) -> UInt8:
        seconds = float((step.pts - self.times[0]) * self._clip.time_base)
        return over_uint8(foreground, to_levels(alpha, 16), backdrop.at(seconds, *alpha.shape))


def _file_name(first: int, encoding: Encoding) -> str:
    return f"{first:09d}{encoding.suffix}"


def _intact(state: Path) -> list[SegmentRow]:
    """Return the finished segments from the beginning on, up to the first one that is missing or damaged."""
    by_first = {row["first"]: row for row in read_rows(state / _ROWS, SegmentRow)}
    rows: list[SegmentRow] = []
    place = 0
    while (row := by_first.get(place)) is not None and row["times"]:
        files = [(state / name, digest) for name, digest in row["files"].items()]
        if not all(path.is_file() and sha256_file(path) == digest for path, digest in files):
            break
        rows.append(row)
        place += len(row["times"])
        if len(row["times"]) < SEGMENT:  # The last one: only a clip's end makes it shorter.
            break
    return rows
