"""Very many rows in memory: each as its line of JSON, a tenth of what the same row takes as a dictionary."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, MutableMapping
from typing import Generic, TypeVar

from synthmat.storage.manifest import RowT, row_line

Name = TypeVar("Name", bound=Hashable)


class CompactRows(MutableMapping[Name, RowT], Generic[Name, RowT]):
    """Rows by name; each is read anew whenever it is asked for, so a change of what was given does not last.

    Example:
        >>> rows = CompactRows()
        >>> rows["a"] = {"object": "a", "view": "0000"}
        >>> rows["a"]["view"]
        '0000'
    """

    def __init__(self) -> None:
        self._lines: dict[Name, bytes] = {}

    def __getitem__(self, name: Name) -> RowT:
        row: RowT = json.loads(self._lines[name])
        return row

    def __setitem__(self, name: Name, row: RowT) -> None:
        self._lines[name] = row_line(row)

    def __delitem__(self, name: Name) -> None:
        del self._lines[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, name: object) -> bool:
        return name in self._lines
