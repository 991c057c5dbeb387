"""Planned samples, thirteen bytes each: an entry is made when it is asked for."""

from __future__ import annotations

import functools
import hashlib
import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.planning.foregrounds import ForegroundCandidate
from synthmat.storage.output_folder import SPLITS

_LONGEST_ID = 250
"""In bytes; with its suffix it is a name that common file systems take."""
_ROOM = 50
"""What numbers, hashes and signs between them take at most, bytes."""


class Entry(NamedTuple):
    """A planned sample: its id, its split, and the places of its candidate and its photo; ``number`` is its draw."""

    id: str
    split: str
    candidate: int
    number: int
    photo: int


class Entries(Sequence[Entry]):
    """Planned samples in any order.

    Args:
        candidates: The foregrounds that they are made of.
    """

    def __init__(self, candidates: Sequence[ForegroundCandidate]) -> None:
        self._candidates = candidates
        self._candidate, self._number, self._photo = array("I"), array("I"), array("I")
        self._split = array("B")

    @classmethod
    def planned(
        cls, candidates: Sequence[ForegroundCandidate], its: Callable[[int], Iterable[tuple[int, str, int]]]
    ) -> Entries:
        """Return all samples, sorted by id.

        Args:
            candidates: The foregrounds.
            its: Gives the number, the split and the photo of each sample of a candidate, by its place.
        """
        entries = cls(candidates)
        for places in _clusters(candidates):
            some = [
                (sample_id(candidates[place], number), place, number, split, photo)
                for place in places
                for number, split, photo in its(place)
            ]
            some.sort()
            for _, place, number, split, photo in some:
                entries._append(place, number, photo, SPLITS.index(split))
        return entries

    def _append(self, candidate: int, number: int, photo: int, split: int) -> None:
        self._candidate.append(candidate)
        self._number.append(number)
        self._photo.append(photo)
        self._split.append(split)

    def __len__(self) -> int:
        return len(self._split)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Entries: ...
    def __getitem__(self, place: int | slice) -> Entry | Entries:
        if isinstance(place, slice):
            return self._taken(np.arange(len(self))[place])
        candidate, number = self._candidate[place], self._number[place]
        name = sample_id(self._candidates[candidate], number)
        return Entry(name, SPLITS[self._split[place]], candidate, number, self._photo[place])

    def __iter__(self) -> Iterator[Entry]:
        return map(self.__getitem__, range(len(self)))

    def where(self, stays: Callable[[Entry], bool]) -> Entries:
        """Return the samples that stay, in this order."""
        found = Entries(self._candidates)
        for place, entry in enumerate(self):
            if stays(entry):
                found._append(entry.candidate, entry.number, entry.photo, self._split[place])
        return found

    def by_photo(self) -> Entries:
        """Return them sorted by photo, candidate and number."""
        return self._taken(np.lexsort([np.frombuffer(each, each.typecode) for each in self._in_order()]))

    def evenly(self, count: int) -> Entries:
        """Return ``count`` of them, spread over all."""
        return self._taken(np.arange(count) * len(self) // max(1, count))

    def divided(self, split_of: Callable[[Entry], str]) -> Entries:
        """Return them with other splits."""
        found = self[:]
        for place, entry in enumerate(self):
            found._split[place] = SPLITS.index(split_of(entry))
        return found

    def find(self, name: str) -> int:
        """Return the place of an id among entries that are sorted by it, -1 if it is none of theirs."""
        place = bisect_left(self, name, key=lambda entry: entry.id)
        return place if place < len(self) and self[place].id == name else -1

    def _in_order(self) -> tuple[array[int], array[int], array[int]]:
        return self._number, self._candidate, self._photo

    def _taken(self, places: NDArray[np.int64]) -> Entries:
        found = Entries(self._candidates)
        for mine, its in zip((*self._in_order(), self._split), (*found._in_order(), found._split), strict=True):
            its.frombytes(np.frombuffer(mine, mine.typecode)[places].tobytes())
        return found


def _clusters(candidates: Sequence[ForegroundCandidate]) -> Iterator[list[int]]:
    """Yield the places of candidates whose samples' ids may lie between each other's, cluster by cluster in order."""
    cluster: list[int] = []
    first = ""
    for place in sorted(range(len(candidates)), key=lambda place: _head(candidates[place])):
        head = _head(candidates[place])
        if cluster and not head.startswith(first):
            yield cluster
            cluster = []
        if not cluster:
            first = head
        cluster.append(place)
    if cluster:
        yield cluster


def _head(candidate: ForegroundCandidate) -> str:
    """Return what all ids of a candidate's samples begin with, which is nothing where a name is so long that it is cut.

    Ids of two candidates of which neither's head begins with the other's lie apart.
    """
    about = candidate.foreground
    unit = candidate.clip or about.view
    long = len(f"{about.object}{unit}".encode(errors="replace")) > _LONGEST_ID - _ROOM
    return "" if long else f"{safe_id(about.object)}_{safe_id(unit)}_"


def sample_id(candidate: ForegroundCandidate, number: int) -> str:
    """Return the id; the frames of a clip differ in the last part."""
    about = candidate.foreground
    if candidate.clip:
        return _short(f"{safe_id(about.object)}_{safe_id(candidate.clip)}", f"_{number:03d}_{candidate.frame:05d}")
    return _short(f"{safe_id(about.object)}_{safe_id(about.view)}", f"_{number:03d}")


def _short(name: str, numbers: str) -> str:
    """Return an id that a file can be called by: a name of more bytes than that is cut, and ends in a hash."""
    data = name.encode()
    if len(data) + len(numbers) <= _LONGEST_ID:
        return name + numbers
    cut = data[: _LONGEST_ID - len(numbers) - 9].decode(errors="ignore")
    return f"{cut}-{hashlib.sha256(data).hexdigest()[:8]}{numbers}"


@functools.lru_cache(maxsize=4096)
def safe_id(name: str) -> str:
    """Return ``name`` without dots and signs, which tar-based formats split names at; a hash keeps it unique."""
    safe = re.sub(r"[^\w-]", "_", name)
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
