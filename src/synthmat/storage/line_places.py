"""Where rows lie in lists on disk, so that millions of them can be told from each other without being in memory."""

from __future__ import annotations

import os
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Hashable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from synthmat.errors import OutputError
from synthmat.storage.manifest import located_rows

Name = TypeVar("Name", bound=Hashable)
_OFFSET_BITS = 42
_OFFSETS = (1 << _OFFSET_BITS) - 1
_BLOCK = 1 << 16
_PARTS_OPEN = 8


class Numbering(Protocol[Name]):
    """All names that there can be, each with a number from 0, in the order in which lists have them."""

    def __len__(self) -> int:
        """Return their number."""
        ...

    def number(self, name: Name) -> int:
        """Return the number of a name, -1 for any other."""
        ...

    def name(self, number: int) -> Name:
        """Return the name with a number."""
        ...


class BlockNumbering:
    """Finds the block that a number belongs to, where names come in blocks.

    Args:
        sizes: The number of names in each block.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.firsts = array("q", [0])
        for size in sizes:
            self.firsts.append(self.firsts[-1] + size)

    def __len__(self) -> int:
        """Return the number of names."""
        return self.firsts[-1]

    def block(self, number: int) -> tuple[int, int]:
        """Return the block of a number, and its place in it."""
        block = bisect_right(self.firsts, number) - 1
        return block, number - self.firsts[block]


class NumberedPlaces(MutableMapping[Name, int], Generic[Name]):
    """Whole numbers from 0 by name, eight bytes for each name that there can be.

    Args:
        names: Those names.
    """

    def __init__(self, names: Numbering[Name]) -> None:
        self._names = names
        self._places = array("q", bytes(8 * len(names)))
        self._count = 0

    def __getitem__(self, name: Name) -> int:
        number = self._names.number(name)
        if number < 0 or not self._places[number]:
            raise KeyError(name)
        return self._places[number] - 1

    def __setitem__(self, name: Name, place: int) -> None:
        number = self._names.number(name)
        if number < 0:
            raise KeyError(name)
        self._count += not self._places[number]
        self._places[number] = place + 1

    def __delitem__(self, name: Name) -> None:
        self[name]
        self._places[self._names.number(name)] = 0
        self._count -= 1

    def __iter__(self) -> Iterator[Name]:
        return (self._names.name(number) for number, place in enumerate(self._places) if place)

    def __len__(self) -> int:
        return self._count


class Lists:
    """The lists that rows lie in; a row's place is one number: which list, and how far into it.

    Lists stay open, so that a line can be read when another list has taken the place of its own; of parts, of which
    there may be many thousands, the last ones do.
    """

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._open: dict[int, int] = {}
        self._parts: dict[int, int] = {}
        self._block = -1, 0, b""
        weakref.finalize(self, _close, self._open, self._parts)

    def rows(self, path: Path, row_type: type[Any], *, is_part: bool) -> Iterator[tuple[int, int, Any]]:
        """Yield the rows of a list, each behind the places of its line's start and end.

        See `synthmat.storage.manifest.read_rows`.
        """
        if not path.is_file():
            yield from located_rows(path, row_type)
            return
        number, descriptor = len(self._paths), None
        self._paths.append(path)
        if not is_part:
            descriptor = self._open[number] = os.open(path, os.O_RDONLY)
        first = number << _OFFSET_BITS
        for offset, end, row in located_rows(path, row_type, descriptor):
            yield first | offset, first | end, row

    def line(self, place: int) -> bytes:
        """Return the line that begins at a place.

        Raises:
            OutputError: It is not there any more.
        """
        number, offset = place >> _OFFSET_BITS, place & _OFFSETS
        block_of, first, data = self._block
        start = offset - first
        end = data.find(b"\n", start) if block_of == number and 0 <= start < len(data) else -1
        if end < 0:
            data, start = self._read(number, offset), 0
            end = data.find(b"\n")
            self._block = number, offset, data
        return data[start:end] if end >= 0 else data[start:]

    def _read(self, number: int, offset: int) -> bytes:
        """Return a block from an offset on, or more if a line is longer."""
        descriptor = self._descriptor(number)
        data = b""
        while piece := os.pread(descriptor, _BLOCK, offset + len(data)):
            data += piece
            if b"\n" in piece:
                break
        if not data:
            raise OutputError(f"{self._paths[number]}: has become shorter meanwhile; run the same command again")
        return data

    def _descriptor(self, number: int) -> int:
        if number in self._open:
            return self._open[number]
        if number not in self._parts:
            while len(self._parts) >= _PARTS_OPEN:
                os.close(self._parts.pop(next(iter(self._parts))))
            try:
                self._parts[number] = os.open(self._paths[number], os.O_RDONLY)
            except FileNotFoundError:
                words = "has gone meanwhile, to another run; run the same command again"
                raise OutputError(f"{self._paths[number]}: {words}") from None
        return self._parts[number]


def offset_of(place: int) -> int:
    """Return how far into its list a place is, bytes."""
    return place & _OFFSETS


def _close(*kinds: dict[int, int]) -> None:
    for descriptors in kinds:
        for descriptor in descriptors.values():
            os.close(descriptor)
