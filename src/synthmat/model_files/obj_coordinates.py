"""Coordinates of OBJ files that lie far from the origin, as surveyors' do: single precision would ruin them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

_VERTEX = re.compile(rb"^\s*v\s+(\S+)\s+(\S+)\s+(\S+)(.*)$", re.DOTALL)
_NEAR = 1000.0
FAR = 4096.0
"""Distance from the origin, in extents of the object, from which single precision shows: its steps are 2^-24 of it."""


def far_offset(model: Path) -> npt.NDArray[np.float64] | None:
    """Return what to subtract from the vertices of an OBJ file, (3,); None where they are not far from the origin.

    Most files are told by their first vertex alone: one that is near the origin.

    Raises:
        OSError: The file cannot be read.
    """
    with model.open("rb") as file:
        points = _points(file)
        first = next(points, None)
        if first is None or max(map(abs, first)) < _NEAR:
            return None
        every = np.array([first, *points])
    low, high = every.min(axis=0), every.max(axis=0)
    far = np.abs(every).max() > FAR * (high - low).max()
    return np.asarray(np.round((low + high) / 2)) if far and np.isfinite(every).all() else None


def subtract(offset: npt.NDArray[np.float64]) -> Callable[[bytes], bytes]:
    """Return what subtracts an offset from a line of an OBJ file, if it is a vertex."""

    def moved(line: bytes) -> bytes:
        match = _VERTEX.match(line)
        if match is None:
            return line
        values = (float(text) - by for text, by in zip(match.groups()[:3], offset.tolist(), strict=True))
        return b"v " + b" ".join(b"%.9g" % value for value in values) + match[4]

    return moved


def _points(lines: Iterable[bytes]) -> Iterator[tuple[float, float, float]]:
    for line in lines:
        if match := _VERTEX.match(line):
            try:
                yield float(match[1]), float(match[2]), float(match[3])
            except ValueError:
                return
