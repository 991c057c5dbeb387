"""Finished work of other settings: set aside when a run's plan no longer has it, and found again when one has.

A stage's folder holds exactly what its present plan has, so that whoever walks through it, a trainer for example, sees
nothing else. What is finished and not in the plan, since a setting changed or a model is away, moves to ``.stale`` in
that folder: ``.stale/rows.jsonl`` lists the rows, and the files of a row are ``.stale/<two digits>/<id>-<number>.png``,
where the id is a hash of the row's key and of its files' checksums, and the number counts the files by their paths.
Nothing there is ever overwritten or deleted but by `synthmat clean`, so going from one setting to another and back
costs nothing but disk.

A kill at any moment loses nothing, since a row is always in a list that is looked at: it is written to
``rows.jsonl`` before its files move away and before the manifest forgets it, and it is in the manifest before its files
move back and before ``rows.jsonl`` forgets it. A file counts wherever of its two places it lies, by its checksum. Moves
are renames within one folder: they take no space, and a hundred thousand of them about a minute.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic

from synthmat.storage.inside import is_inside
from synthmat.storage.manifest import RowT, append_rows, read_rows, write_rows
from synthmat.storage.pointer_file import has_digest

FOLDER = ".stale"
_AT_ONCE = 1000

FilesOf = Callable[[Any], Mapping[str, str]]
"""Gives the files of a row, relative to the stage's folder, and their sha256."""


class StaleRows(Generic[RowT]):
    """The rows that are set aside in one stage's folder.

    Args:
        stage: That folder.
        row_type: The TypedDict of its rows.
        files_of: See `FilesOf`.
        ours: Whether a row is one of the stage's.
        aside: Where in ``stage`` they lie.
    """

    def __init__(
        self, stage: Path, row_type: type[RowT], files_of: FilesOf, ours: Callable[[RowT], bool], aside: str = FOLDER
    ) -> None:
        self.folder = stage / aside
        self._stage = stage
        self._row_type = row_type
        self._files_of = files_of
        self._ours = ours
        self._list = self.folder / "rows.jsonl"

    def __iter__(self) -> Iterator[RowT]:
        """Yield the rows, those last that were set aside last."""
        return filter(self._ours, read_rows(self._list, self._row_type))

    def is_intact(self, row: RowT) -> bool:
        """Return whether all files of a row can be put back as they were."""
        places = self.places(row)
        return bool(places) and all(
            has_digest(aside, digest) or has_digest(place, digest) for aside, place, digest in places.values()
        )

    @property
    def rows_file(self) -> Path:
        """The file that lists the rows."""
        return self._list

    def remember(self, rows: Iterable[RowT]) -> None:
        """List rows that another machine has set aside; their files come with them."""
        self._add({self._id(row): row for row in rows if self._ours(row)}, self._known())

    def set_aside(self, rows: Iterable[RowT], claimed: Container[str] = ()) -> None:
        """Move the files of rows away; rows of which no file is left are not worth keeping.

        Args:
            rows: Rows that are no longer planned.
            claimed: Files that planned rows have; one is moved only if it is not theirs by its checksum.
        """
        known: set[bytes] | None = None
        several = iter(rows)
        while some := list(itertools.islice(several, _AT_ONCE)):
            leaving: dict[bytes, RowT] = {}
            moves: list[tuple[Path, Path]] = []
            for row in some:
                its = [
                    (place, aside)
                    for name, (aside, place, digest) in self.places(row).items()
                    if not _lies(aside) and (has_digest(place, digest) if name in claimed else _lies(place))
                ]
                if its or any(_lies(aside) for aside, _, _ in self.places(row).values()):
                    leaving[self._id(row)] = row
                    moves += its
            if leaving:
                known = self._known() if known is None else known
                self._add(leaving, known)
                self._move_away(moves)

    def _move_away(self, moves: Collection[tuple[Path, Path]]) -> None:
        for place, aside in moves:
            _move(place, aside)
        for folder in {place.parent for place, _ in moves} - {self._stage}:
            with contextlib.suppress(OSError):  # Other files lie there.
                folder.rmdir()

    def take_back(self, rows: Mapping[Any, RowT]) -> None:
        """Move the files of rows, which are intact, to where they were; then forget the rows."""
        back = set()
        for row in rows.values():
            back.add(self._id(row))
            for aside, place, _ in self.places(row).values():
                _move(aside, place)
        if back:
            write_rows(self._list, (row for row in self if self._id(row) not in back))

    def _known(self) -> set[bytes]:
        return {self._id(row) for row in self}

    def _add(self, rows: Mapping[bytes, RowT], known: set[bytes]) -> None:
        """Append the rows that are not in the list; the list may be far longer than what is added to it."""
        append_rows(self._list, (row for name, row in rows.items() if name not in known))
        known.update(rows)

    def _id(self, row: RowT) -> bytes:
        text = json.dumps([row.get("key"), sorted(self._files_of(row).items())])
        return hashlib.sha256(text.encode()).digest()[:16]

    def places(self, row: RowT) -> dict[str, tuple[Path, Path, str]]:
        """Return where each file of a row lies when it is set aside, where it belongs, and its sha256.

        A path that leads out of the stage's folder is not ours, and nor are the others of its row.
        """
        files = self._files_of(row)
        if not all(is_inside(name) and not name.startswith(".") for name in files):
            return {}
        own = self._id(row).hex()
        places = {}
        for number, (name, digest) in enumerate(sorted(files.items())):
            aside = self.folder / own[:2] / f"{own}-{number}{Path(name).suffix}"
            places[name] = aside, self._stage / name, digest
        return places


def _lies(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _move(source: Path, target: Path) -> None:
    """Rename a file, if it is there."""
    if _lies(source):
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
