"""What a stage has finished: rows with their files, in lists that a crash leaves readable, and how a run goes on.

Workers append rows to part files as they finish; `RowTable.settle` brings them, the lists and the files to what the
present plan has. What the plan does not have is set aside, and what it has again is taken back: see
`synthmat.storage.stale`. It is the one way in which frames, samples, videos, predictions, figures of an evaluation and
exports resume.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from synthmat.storage.atomic import sync_files
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.manifest import RowT, read_rows
from synthmat.storage.pointer_file import has_digest
from synthmat.storage.stale import FOLDER, FilesOf, StaleRows

Name = TypeVar("Name", bound=Hashable)


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

    def of(self, names: Collection[Name]) -> Outlook[Name, RowT]:
        """Return it without the finished rows of other names."""
        finished: CompactRows[Name, RowT] = CompactRows()
        finished.update((name, self.finished[name]) for name in self.finished if name in names)
        return Outlook(finished, self.returning & finished.keys(), self.leaving, self.aside)

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

    def weed(self, wanted: Callable[[RowT], bool]) -> set[Name]:
        """Delete what is left of ``wanted`` rows whose files are not all as they were; return the others' names."""
        rows = {self._name_of(row): row for row in self.rows() if wanted(row)}
        intact = {name for name, row in rows.items() if self.is_intact(row)}
        for name in rows.keys() - intact:
            for file in self._files_of(rows[name]):
                (self.stage / file).unlink(missing_ok=True)
        return intact

    def outlook(self, wanted: Callable[[RowT], bool]) -> Outlook[Name, RowT]:
        """Return what a run finds whose plan has the ``wanted`` rows; nothing is changed."""
        finished, leaving = self._divided(wanted)
        for name in [name for name, row in finished.items() if not self.is_intact(row)]:
            del finished[name]
        aside = itertools.count()
        stale = (row for row in self._aside() if next(aside) >= 0)
        back = self._returning(stale, lambda row: self._name_of(row) not in finished and wanted(row))
        finished.update(back)
        return Outlook(finished, frozenset(back), len(leaving), next(aside) - len(back))

    def settle(
        self,
        keep: Callable[[RowT], bool],
        write: Callable[[CompactRows[Name, RowT]], object],
        *,
        wanted: Callable[[RowT], bool] | None = None,
        made: Iterable[RowT] = (),
        written: Sequence[Path] = (),
    ) -> CompactRows[Name, RowT]:
        """Bring lists and files to the rows to ``keep``, and return these by name.

        What is not kept is set aside, and what is ``wanted`` and was set aside is taken back. Call it under the lock of
        the stage's folder.

        Args:
            keep: Whether the plan has a row.
            write: Writes the lists; it is called when files of other rows have moved away and are safe.
            wanted: Whether a row is taken back; ``keep`` if absent.
            made: Rows that are in no list yet.
            written: Part files whose rows are in the lists now; they are removed.
        """
        wanted = wanted or keep
        kept, leaving = self._divided(keep, made)
        lacking = {name for name, row in kept.items() if not self._is_there(row)}

        def returns(row: RowT) -> bool:
            name = self._name_of(row)
            return (name not in kept or name in lacking) and wanted(row)

        back = self._returning(self._aside(), returns)
        self._clear(leaving, {name for row in kept.values() for name in self._files_of(row)})
        kept.update(back)
        fresh = (row for part in written for row in self.rows_in(part))
        sync_files(self.stage / name for row in itertools.chain(fresh, made) for name in self._files_of(row))
        write(kept)
        self.stale.take_back(back.values())
        for part in written:
            part.unlink(missing_ok=True)
        return kept

    def _aside(self) -> Iterable[RowT]:
        return () if self._deletes else self.stale

    def _clear(self, leaving: list[RowT], claimed: set[str]) -> None:
        """Set rows aside, or delete those of their files that no other row has."""
        if not self._deletes:
            self.stale.set_aside(leaving, claimed)
            return
        for name in {name for row in leaving for name in self._files_of(row)} - claimed:
            (self.stage / name).unlink(missing_ok=True)

    def _divided(
        self, keep: Callable[[RowT], bool], made: Iterable[RowT] = ()
    ) -> tuple[CompactRows[Name, RowT], list[RowT]]:
        kept: CompactRows[Name, RowT] = CompactRows()
        leaving: list[RowT] = []
        for row in itertools.chain(self.rows(), made):
            if keep(row):
                kept[self._name_of(row)] = row
            else:
                leaving.append(row)
        return kept, leaving

    def _returning(self, stale: Iterable[RowT], returns: Callable[[RowT], bool]) -> dict[Name, RowT]:
        return {self._name_of(row): row for row in stale if returns(row) and self.stale.is_intact(row)}

    def _is_there(self, row: RowT) -> bool:
        return all((self.stage / name).is_file() for name in self._files_of(row))
