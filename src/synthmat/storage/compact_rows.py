"""Very many rows by name, of which only the places in their lists are in memory."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, MutableMapping
from typing import Generic

from synthmat.storage.line_places import Lists, Name, NumberedPlaces, Numbering
from synthmat.storage.manifest import RowT


class CompactRows(MutableMapping[Name, RowT], Generic[Name, RowT]):
    """Rows by name; each is read anew whenever it is asked for, so a change of what was given does not last.

    A row that is in no list is held itself. With ``names`` a row in a list takes eight bytes, and rows come in their
    order; without, it takes its name and some hundred bytes, and rows come in the order in which they were put.

    Args:
        lists: Those that rows lie in.
        names: All names that there can be.

    Example:
        >>> rows = CompactRows()
        >>> rows["a"] = {"object": "a", "view": "0000"}
        >>> rows["a"]["view"]
        '0000'
    """

    def __init__(self, lists: Lists | None = None, names: Numbering[Name] | None = None) -> None:
        self._lists = lists or Lists()
        self._held: list[RowT] = []
        self._places: MutableMapping[Name, int] = {} if names is None else NumberedPlaces(names)

    def put(self, name: Name, place: int) -> None:
        """Say where in the lists the row of a name lies; the row itself is not looked at."""
        self._places[name] = 2 * place

    def place(self, name: Name) -> int:
        """Return where in the lists a row lies that was put there."""
        return self._places[name] // 2

    def keep(self, stays: Callable[[Name], bool]) -> None:
        """Forget the rows of all other names."""
        gone = [name for name in self._places if not stays(name)]
        for name in gone:
            del self._places[name]

    def __getitem__(self, name: Name) -> RowT:
        place = self._places[name]
        if place % 2:
            return self._held[place // 2]
        row: RowT = json.loads(self._lists.line(place // 2))
        return row

    def __setitem__(self, name: Name, row: RowT) -> None:
        self._held.append(json.loads(json.dumps(row)))
        self._places[name] = 2 * len(self._held) - 1

    def __delitem__(self, name: Name) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places


class RowSequence(Generic[RowT]):
    """Rows one after the other, of which only the places in their lists are in memory.

    Args:
        lists: Those that they lie in.
    """

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._places = array("q")
        self._held: list[RowT] = []

    def put(self, place: int) -> None:
        """Add the row at a place."""
        self._places.append(place)

    def append(self, row: RowT) -> None:
        """Add a row that is in no list."""
        self._held.append(row)

    def __len__(self) -> int:
        return len(self._places) + len(self._held)

    def __iter__(self) -> Iterator[RowT]:
        for place in self._places:
            row: RowT = json.loads(self._lists.line(place))
            yield row
        yield from self._held
