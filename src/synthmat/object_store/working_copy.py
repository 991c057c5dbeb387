"""A folder on this machine in which a stage works as ever, and the store that holds what it has finished.

Before a run the lists come from the store, and a pointer stands for every finished file in it
(`synthmat.storage.pointer_file`): the stage finds all of it finished. During the run and at its end new files go to the
store, and then the rows that name them. A row in the store's lists therefore always has its files, whatever is killed
when: objects are put there whole, and one that a list names is replaced only after the list without its row.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthmat.errors import OutputError
from synthmat.object_store.store import Store, each_of
from synthmat.storage.atomic import write_bytes
from synthmat.storage.manifest import Row, rows_text
from synthmat.storage.pointer_file import pointed_at, write_pointer
from synthmat.storage.row_table import RowTable
from synthmat.storage.run_lock import merge_lock

PARTS = ".parts"
_SEEN = ".store"
_EVERY_S = 20.0


@dataclass(frozen=True)
class StoredTable:
    """A table of finished work, the list that each row belongs to, and whether workers append to parts of it."""

    rows: RowTable[Any, Any]
    list_of: Callable[[Any], Path]
    has_parts: bool = True


@dataclass(frozen=True)
class _Finished:
    """A row, the object that its list is, and its files by object: checksums, and where here each may lie."""

    list: str
    row: Row
    digests: Mapping[str, str]
    places: Mapping[str, tuple[Path, ...]]
    has_parts: bool

    @property
    def identity(self) -> str:
        """What tells it from rows with other files."""
        return hashlib.sha256(json.dumps(sorted(self.digests.items())).encode()).hexdigest()


class WorkingCopy:
    """One stage's output in a store, and its working folder.

    Args:
        store: Where the output goes.
        folder: The working folder, laid out as any output folder.
        tables: Returns the tables of finished work, with the parts that there are now.
        others: Files that are published as they are at the end of a run.
        shard: Names the part of the plan that is made, empty for all of it. Parts never touch what others published.

    ``published`` and ``bytes`` say how many files have gone to the store, and how large they were. ``check`` raises an
    OutputError once another run writes there; nothing is published then.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        tables: Callable[[], Sequence[StoredTable]],
        others: Sequence[Path] = (),
        shard: str = "",
    ) -> None:
        self.store, self.folder = store, folder
        self.check: Callable[[], None] = lambda: None
        self.published, self.bytes = 0, 0
        self._tables, self._others, self._label = tables, others, shard or "all"
        self._is_part = bool(shard)
        self._known: dict[str, str] = {}
        """The checksums of the objects that the store's lists name."""
        self._told: set[str] = set()
        """The identities of the rows in the store's lists."""
        self._parts: set[str] = set()
        self._one_at_a_time = threading.Lock()

    def pull(self) -> None:
        """Bring the lists here, and put pointers for finished files that are not; nothing in the store changes.

        Raises:
            OutputError: The store cannot be read.
        """
        for table in self._tables():
            there = self.store.names(self._name(table.rows.stage))
            for path in (*table.rows.lists, table.rows.stale.rows_file):
                if self._name(path) not in there:
                    self._seen(self._name(path)).unlink(missing_ok=True)
            parts = [name for name in there if name.startswith(f"{self._name(table.rows.stage)}/{PARTS}/")]
            lists = [self._name(path) for path in table.rows.lists if self._name(path) in there]
            lists += parts if table.has_parts else []
            aside = self._name(table.rows.stale.rows_file)
            each_of(self._see, [*lists, aside] if aside in there else lists)
            for name in lists:
                for row in table.rows.rows_in(self._seen(name)):
                    self._learn(self._live(table, row), there)
                self._take(name, table)
            self._parts.update(parts if table.has_parts else [])
            rows = list(table.rows.rows_in(self._seen(aside))) if aside in there else []
            for row in rows:
                self._learn(self._set_aside(table, row), there)
            table.rows.stale.remember(rows)
        self._point()

    def fetch(self) -> int:
        """Bring every file here of which there is only a pointer; return how many those were.

        Raises:
            OutputError: The store cannot be read, or a file is not what its row says.
        """
        wanted = {
            name: digest
            for table in self._tables()
            for row in table.rows.rows()
            for name, digest in self._live(table, row).digests.items()
            if pointed_at(self.folder / name)
        }

        def get(name: str) -> None:
            data = self.store.read(name)
            if hashlib.sha256(data).hexdigest() != wanted[name]:
                raise OutputError(f"{self.store.address}/{name}: is not what its row says; remove it and make it again")
            write_bytes(self.folder / name, data)

        each_of(get, wanted)
        return len(wanted)

    def publish(self, *, whole: bool = False) -> None:
        """Bring the store up to what is finished here, with ``whole`` to its lists: what these leave out goes.

        Raises:
            OutputError: The store fails, another run writes there, or a part of a plan would replace what other parts
                may have.
        """
        self.check()
        with self._one_at_a_time:
            live, aside = self._finished()
            replaced = {
                name
                for each in live
                for name, digest in each.digests.items()
                if self._known.get(name, digest) != digest
            }
            if self._is_part:
                self._refuse_other_settings(replaced, aside)
                live, aside = [each for each in live if each.has_parts], []
            elif whole or replaced:
                self._make_way(live, aside, replaced)
            self._upload([*live, *aside] if whole else live)
            if whole and not self._is_part:
                self._write_lists(live, aside)
                for path in filter(Path.is_file, self._others):
                    self.store.write(self._name(path), path.read_bytes())
            else:
                self._write_part(live)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Publish what is finished again and again while the block runs; a store that fails is tried again later."""
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(_EVERY_S):
                try:
                    self.publish()
                except OutputError:
                    continue

        thread = threading.Thread(target=keep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _see(self, name: str) -> None:
        write_bytes(self._seen(name), self.store.read(name))

    def _seen(self, name: str) -> Path:
        """Return where a list lies as it is in the store."""
        return self.folder / _SEEN / name

    def _take(self, name: str, table: StoredTable) -> None:
        """Put a list from the store in its place; beside another one its rows are a part of their own."""
        path, seen = self.folder / name, self._seen(name)
        if not path.exists():
            write_bytes(path, seen.read_bytes())
        elif table.has_parts and path.parent.name != PARTS and path.read_bytes() != seen.read_bytes():
            write_bytes(table.rows.stage / PARTS / f"{self._label}-store.jsonl", seen.read_bytes())

    def _learn(self, each: _Finished, there: Mapping[str, int]) -> None:
        if each.digests and all(there.get(name) for name in each.digests):
            self._known.update(each.digests)
            self._told.add(each.identity)

    def _point(self) -> None:
        """Put pointers to what is in the store and not here, and remove those to what is no longer there."""
        for name, digest in self._known.items():
            if not (self.folder / name).exists():
                write_pointer(self.folder / name, digest)
        for each in itertools.chain(*self._finished()):
            for place in (place for places in each.places.values() for place in places):
                pointed = pointed_at(place)
                if pointed and self._known.get(self._name(place)) != pointed:
                    place.unlink()

    def _finished(self) -> tuple[list[_Finished], list[_Finished]]:
        """Return the rows of one moment, between two merges: of lists and parts, and those that are set aside."""
        live: dict[str, _Finished] = {}
        owners: dict[str, str] = {}
        aside: list[_Finished] = []
        for stage in {table.rows.stage for table in self._tables()}:
            stage.mkdir(parents=True, exist_ok=True)
            with merge_lock(stage):
                for table in (table for table in self._tables() if table.rows.stage == stage):
                    for each in (self._live(table, row) for row in table.rows.rows()):
                        for name in each.digests:  # Of two rows of one file the later one counts.
                            live.pop(owners.get(name, ""), None)
                            owners[name] = each.identity
                        live[each.identity] = each
                    aside += [self._set_aside(table, row) for row in table.rows.stale]
        return [each for each in live.values() if each.digests], aside

    def _refuse_other_settings(self, replaced: Iterable[str], aside: Iterable[_Finished]) -> None:
        moved = {
            self._name(place)
            for each in aside
            for name, (_, place) in each.places.items()
            if self._known.get(self._name(place)) == each.digests[name]
        }
        if other := sorted({*replaced, *moved}):
            raise OutputError(
                f"{self.store.address}: holds work of other settings, such as {other[0]}, which all parts would set "
                "aside; run the same command once without --shard and with --limit 1"
            )

    def _make_way(self, live: Sequence[_Finished], aside: Sequence[_Finished], replaced: set[str]) -> None:
        """Copy in the store what was moved here, and remove what has no row any more, after the lists that name it."""
        wanted = {name: digest for each in (*live, *aside) for name, digest in each.digests.items()}
        holders = {digest: name for name, digest in self._known.items()}
        self._copy({name: digest for name, digest in wanted.items() if name not in self._known}, holders)
        gone = self._known.keys() - wanted.keys()
        if gone or replaced:
            self._write_lists(live, aside)
            for name in replaced:
                del self._known[name]
            staying = {digest: name for name, digest in self._known.items()}
            self._copy({name: wanted[name] for name in replaced}, staying)
            for name in gone:
                del self._known[name]
            self.store.remove({*gone, *(replaced - self._known.keys())})

    def _copy(self, wanted: Mapping[str, str], holders: Mapping[str, str]) -> None:
        there = {name: digest for name, digest in wanted.items() if digest in holders}
        each_of(lambda name: self.store.copy(holders[there[name]], name), there)
        self._known.update(there)

    def _upload(self, finished: Iterable[_Finished]) -> None:
        todo = {name: (each.digests[name], each.places[name]) for each in finished for name in each.digests}

        def upload(name: str) -> None:
            digest, places = todo[name]
            for place in places:
                try:
                    data = place.read_bytes()
                except OSError:  # It has just been moved; the next time its row says where it is then.
                    continue
                if hashlib.sha256(data).hexdigest() == digest:
                    self.store.write(name, data)
                    self._known[name] = digest
                    self.published, self.bytes = self.published + 1, self.bytes + len(data)
                    return

        each_of(upload, [name for name in todo if name not in self._known])

    def _write_lists(self, live: Iterable[_Finished], aside: Iterable[_Finished]) -> None:
        """Write the lists of all that is in the store, and remove the parts that they take the place of.

        A row that moves from one list to another is in both for a moment: in none it would be lost with this machine.
        """
        asides = [self._name(table.rows.stale.rows_file) for table in self._tables()]
        lists: dict[str, list[Row]] = {self._name(path): [] for table in self._tables() for path in table.rows.lists}
        lists |= {name: [] for name in asides}  # the last ones
        for each in (*live, *aside):
            if self._is_there(each):
                lists[each.list].append(each.row)
                self._told.add(each.identity)
        for name in asides:
            seen = self._seen(name).read_bytes() if self._seen(name).is_file() else b""
            before, after = (dict.fromkeys(text.splitlines(keepends=True)) for text in (seen, rows_text(lists[name])))
            self._write_list(name, b"".join(before | after))
        for name, rows in lists.items():
            self._write_list(name, rows_text(rows))
        self.store.remove(self._parts)
        self._parts.clear()

    def _write_list(self, name: str, text: bytes) -> None:
        seen = self._seen(name)
        if text and not (seen.is_file() and seen.read_bytes() == text):
            self.store.write(name, text)
            write_bytes(seen, text)
        elif not text and seen.is_file():
            self.store.remove([name])
            seen.unlink()

    def _write_part(self, live: Iterable[_Finished]) -> None:
        """Write the rows that no list in the store has yet, as a list of their own."""
        fresh = [each for each in live if each.has_parts and each.identity not in self._told and self._is_there(each)]
        if not fresh:
            return
        stage = fresh[0].list.partition("/")[0]
        name = f"{stage}/{PARTS}/{self._label}-{uuid.uuid4().hex}.jsonl"
        self.store.write(name, rows_text([each.row for each in fresh]))
        self._parts.add(name)
        self._told.update(each.identity for each in fresh)

    def _is_there(self, each: _Finished) -> bool:
        return all(self._known.get(name) == digest for name, digest in each.digests.items())

    def _live(self, table: StoredTable, row: Any) -> _Finished:
        digests = {self._name(table.rows.stage / name): digest for name, digest in table.rows.files(row).items()}
        where = {name: (self.folder / name,) for name in digests}
        return _Finished(self._name(table.list_of(row)), row, digests, where, table.has_parts)

    def _set_aside(self, table: StoredTable, row: Any) -> _Finished:
        places = table.rows.stale.places(row).values()
        digests = {self._name(aside): digest for aside, _, digest in places}
        where = {self._name(aside): (aside, place) for aside, place, _ in places}
        return _Finished(self._name(table.rows.stale.rows_file), row, digests, where, table.has_parts)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()
