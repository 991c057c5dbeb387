"""What a stage has finished: rows with their files, in lists that a crash leaves readable, and how a run goes on.

Workers append rows to part files as they finish; `RowTable.settle` brings them, the lists and the files to what the
present plan has. What the plan does not have is set aside, and what it has again is taken back: see
`synthmat.storage.stale`. It is the one way in which frames, samples, videos, predictions, figures of an evaluation and
exports resume.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from synthmat.storage.atomic import sync_files
from synthmat.storage.compact_rows import CompactRows, RowSequence
from synthmat.storage.line_places import Lists, Name, Numbering, offset_of
from synthmat.storage.manifest import RowT, read_rows
from synthmat.storage.pointer_file import has_digest
from synthmat.storage.stale import FOLDER, FilesOf, StaleRows


def files_column(row: Mapping[str, object]) -> Mapping[str, str]:
    """Return the files of a row that has them in one column."""
    files = row["files"]
    assert isinstance(files, dict)
    return files


def no_files(_row: Mapping[str, object]) -> Mapping[str, str]:
    """Return nothing: of rows that are figures, finished as soon as they are written."""
    return {}


@dataclass(frozen=True)
class Outlook(Generic[Name, RowT]):
    """What a run would find: finished rows by name, those that it would take back, and how many it would set aside.

    ``aside`` rows lie aside already and stay there.
    """

    finished: CompactRows[Name, RowT]
    returning: frozenset[Name]
    leaving: int
    aside: int

    def of(self, ours: Callable[[Name], bool]) -> Outlook[Name, RowT]:
        """Return it without the finished rows of other names, which are forgotten."""
        self.finished.keep(ours)
        return Outlook(self.finished, frozenset(filter(ours, self.returning)), self.leaving, self.aside)

    def notes(self, what: str) -> list[str]:
        """Return what to tell a user of it, in front of the run."""
        lines = []
        if self.returning:
            lines.append(f"would take back {len(self.returning)} {what} that were set aside")
        if self.leaving:
            lines.append(
                f"would set aside {self.leaving} finished {what} of other settings; going back finds them again"
            )
        if self.aside:
            lines.append(f"would leave {self.aside} {what} of other settings aside; `synthmat clean` removes them")
        return lines


def aside_note(count: int, what: str, stage: Path) -> list[str]:
    """Return what to tell a user at the end of a run of finished work that lies aside."""
    if not count:
        return []
    return [
        f"{count} finished {what} of other settings are kept in {stage / FOLDER}; going back to these settings finds "
        "them again, and `synthmat clean` removes them"
    ]


class RowTable(Generic[Name, RowT]):
    """The finished rows of one stage.

    Args:
        stage: Its folder, at which the paths of files start.
        row_type: The TypedDict of its rows; other rows are passed over.
        name_of: What a row is about: of two rows of one name the later one counts.
        lists: The files that rows are merged into.
        parts: The files that workers append to.
        files_of: Gives the files of a row; see `FilesOf`. With `no_files` every row is intact.
        ours: Whether a row is one of the stage's at all; others are passed over.
        aside: Where in ``stage`` rows of other settings lie; tables of one stage need different places. None deletes
            their files, for folders that can be made again from what they were copied from.
        is_made: Whether a file, whose value in ``files_of`` is given, is as it was made.
        names: All names that ``keep`` and ``wanted`` of the methods say yes to, if they are known; rows take less
            memory then, and come in the order of these names.
    """

    def __init__(
        self,
        stage: Path,
        row_type: type[RowT],
        name_of: Callable[[RowT], Name],
        *,
        lists: Sequence[Path],
        parts: Sequence[Path] = (),
        files_of: FilesOf = files_column,
        ours: Callable[[RowT], bool] = lambda _row: True,
        aside: str | None = FOLDER,
        is_made: Callable[[Path, str], bool] = has_digest,
        names: Numbering[Name] | None = None,
    ) -> None:
        self.stage = stage
        self.stale: StaleRows[RowT] = StaleRows(stage, row_type, files_of, ours, aside or FOLDER)
        self._deletes = aside is None
        self._is_made = is_made
        self._row_type = row_type
        self._name_of = name_of
        self._lists = lists
        self._parts = parts
        self._files_of = files_of
        self._ours = ours
        self._names = names

    def rows(self) -> Iterator[RowT]:
        """Yield all rows: of the lists, then of the part files."""
        for path in (*self._lists, *self._parts):
            yield from self.rows_in(path)

    def rows_in(self, path: Path) -> Iterator[RowT]:
        """Yield the rows of any list of this kind."""
        return filter(self._ours, read_rows(path, self._row_type))

    @property
    def lists(self) -> Sequence[Path]:
        """The files that rows are merged into."""
        return self._lists

    def files(self, row: RowT) -> Mapping[str, str]:
        """Return the files of a row, from the stage's folder on, and their checksums."""
        return self._files_of(row)

    def is_intact(self, row: RowT) -> bool:
        """Return whether a row has files, and all of them are there as they were made."""
        files = self._files_of(row)
        whole = all(self._is_made(self.stage / name, state) for name, state in files.items())
        return whole and (bool(files) or self._files_of is no_files)

    def finished(self, wanted: Callable[[RowT], bool]) -> CompactRows[Name, RowT]:
        """Return the rows by name that are ``wanted`` and whose files are intact, those that are set aside too."""
        return self.outlook(wanted).finished

    def weed(self, wanted: Callable[[RowT], bool]) -> CompactRows[Name, RowT]:
        """Delete what is left of ``wanted`` rows whose files are not all as they were; return the others."""
        rows, _ = self._divided(wanted)
        return self.intact(rows, self._delete)

    def intact(
        self, rows: CompactRows[Name, RowT], broken: Callable[[RowT], None] = lambda _row: None
    ) -> CompactRows[Name, RowT]:
        """Take those rows away whose files are not all as they were made, calling ``broken`` with each."""

        def stays(name: Name) -> bool:
            row = rows[name]
            if self.is_intact(row):
                return True
            broken(row)
            return False

        rows.keep(stays)
        return rows

    def _delete(self, row: RowT) -> None:
        for file in self._files_of(row):
            (self.stage / file).unlink(missing_ok=True)

    def outlook(self, wanted: Callable[[RowT], bool]) -> Outlook[Name, RowT]:
        """Return what a run finds whose plan has the ``wanted`` rows; nothing is changed."""
        lists = Lists()
        finished, leaving = self._divided(wanted, lists=lists)
        self.intact(finished)
        aside, back = self._returning(lists, lambda row: wanted(row) and self._name_of(row) not in finished)
        for name in back:
            finished.put(name, back.place(name))
        return Outlook(finished, frozenset(back), len(leaving), aside - len(back))

    def settle(
        self,
        keep: Callable[[RowT], bool],
        write: Callable[[CompactRows[Name, RowT]], object],
        *,
        wanted: Callable[[RowT], bool] | None = None,
        made: Iterable[RowT] = (),
        written: Sequence[Path] = (),
        is_settled: Callable[[Path, RowT], bool] = lambda _path, _row: False,
    ) -> CompactRows[Name, RowT]:
        """Bring lists and files to the rows to ``keep``, and return these by name.

        What is not kept is set aside, and what is ``wanted`` and was set aside is taken back. Call it under the lock of
        the stage's folder. Of rows that were in ``written``, only the names can be asked for afterwards.

        Args:
            keep: Whether the plan has a row.
            write: Writes the lists; it is called when files of other rows have moved away and are safe.
            wanted: Whether a row is taken back; ``keep`` if absent.
            made: Rows that are in no list yet.
            written: Part files whose rows are in the lists now; they are removed.
            is_settled: Whether a row of a list would be written to it just so; if all would, in the order that they
                are in, nothing is written.
        """
        lists = Lists()
        settled = _Settled(self._name_of, is_settled)
        kept, leaving = self._divided(keep, made, lists=lists, fresh=frozenset(written), settled=settled)

        def returns(row: RowT) -> bool:
            name = self._name_of(row)
            return (wanted or keep)(row) and (name not in kept or not self._is_there(kept[name]))

        _, back = self._returning(lists, returns)
        self._clear(leaving, kept)
        for name in back:
            kept.put(name, back.place(name))
        if not settled or made or len(leaving) or len(back):
            write(kept)
        self.stale.take_back(back)
        for part in written:
            part.unlink(missing_ok=True)
        return kept

    def _clear(self, leaving: RowSequence[RowT], kept: CompactRows[Name, RowT]) -> None:
        """Set rows aside, or delete those of their files that no other row has."""
        if not len(leaving):
            return
        theirs = {name for row in leaving for name in self._files_of(row)}
        claimed = {name for row in kept.values() for name in self._files_of(row) if name in theirs}
        if not self._deletes:
            self.stale.set_aside(leaving, claimed)
            return
        for name in theirs - claimed:
            (self.stage / name).unlink(missing_ok=True)

    def _divided(
        self,
        keep: Callable[[RowT], bool],
        made: Iterable[RowT] = (),
        *,
        lists: Lists | None = None,
        fresh: Container[Path] = (),
        settled: _Settled[Name, RowT] | None = None,
    ) -> tuple[CompactRows[Name, RowT], RowSequence[RowT]]:
        """Return the rows to keep and the others, when the files of those in ``fresh`` parts are on the disk."""
        lists = lists or Lists()
        kept: CompactRows[Name, RowT] = CompactRows(lists, self._names)
        leaving: RowSequence[RowT] = RowSequence(lists)

        def divide() -> Iterator[Path]:
            paths = [*((path, False) for path in self._lists), *((path, True) for path in self._parts)]
            for path, is_part in paths:
                for place, end, row in lists.rows(path, self._row_type, is_part=is_part):
                    if not self._ours(row):
                        continue
                    if keep(row):
                        kept.put(self._name_of(row), place)
                        if settled is not None:
                            settled.look(path, place, end, row)
                    else:
                        leaving.put(place)
                    if path in fresh:
                        yield from map(self.stage.joinpath, self._files_of(row))
            for row in made:
                if keep(row):
                    kept[self._name_of(row)] = row
                else:
                    leaving.append(row)
                yield from map(self.stage.joinpath, self._files_of(row))

        sync_files(divide())
        return kept, leaving

    def _returning(self, lists: Lists, returns: Callable[[RowT], bool]) -> tuple[int, CompactRows[Name, RowT]]:
        """Return how many rows lie aside, and those of them that are intact and to be taken back."""
        count = 0
        back: CompactRows[Name, RowT] = CompactRows(lists)
        if not self._deletes:
            for place, _, row in lists.rows(self.stale.rows_file, self._row_type, is_part=False):
                count += self._ours(row)
                if self._ours(row) and returns(row) and self.stale.is_intact(row):
                    back.put(self._name_of(row), place)
        return count, back

    def _is_there(self, row: RowT) -> bool:
        return all((self.stage / name).is_file() for name in self._files_of(row))


class _Settled(Generic[Name, RowT]):
    """Whether lists are what would be written: every row as it is, in the order of the names, and nothing between."""

    def __init__(self, name_of: Callable[[RowT], Name], is_settled: Callable[[Path, RowT], bool]) -> None:
        self._name_of, self._is_settled = name_of, is_settled
        self._path: Path | None = None
        self._name: Any = None
        self._ends: dict[Path, int] = {}
        self._end = 0
        self._so_far = True

    def look(self, path: Path, place: int, end: int, row: RowT) -> None:
        """Look at the next row, and where its line begins and ends."""
        if not self._so_far:
            return
        name = self._name_of(row)
        first = path != self._path
        follows = not offset_of(place) if first else place == self._end and name > self._name
        self._so_far = follows and self._is_settled(path, row)
        self._path, self._name, self._end = path, name, end
        self._ends[path] = offset_of(end)

    def __bool__(self) -> bool:
        return self._so_far and bool(self._ends) and all(path.stat().st_size == end for path, end in self._ends.items())
