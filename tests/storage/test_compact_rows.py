"""Finished rows are told from each other by where their lines lie, and are read again when they are asked for."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

import pytest

from synthmat.errors import OutputError, PassedOverWarning
from synthmat.rows.row_types import SetupRow
from synthmat.storage.compact_rows import CompactRows
from synthmat.storage.line_places import BlockNumbering
from synthmat.storage.manifest import append_row, write_rows
from synthmat.storage.row_table import RowTable, no_files

LONG = "x" * 500


class Numbers:
    """The names ``0000000`` and so on."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def number(self, name: str) -> int:
        return int(name) if name.isdecimal() and int(name) < self._count else -1

    def name(self, number: int) -> str:
        return f"{number:07d}"


def rows_of(count: int, **more: object) -> list[dict[str, object]]:
    return [{"object": f"{number:07d}", "seconds": 1.5, "more": LONG} | more for number in range(count)]


def table_of(path: Path, parts: tuple[Path, ...] = (), names: Numbers | None = None) -> RowTable[str, SetupRow]:
    return RowTable(
        path.parent, SetupRow, lambda row: row["object"], lists=[path], parts=parts, files_of=no_files, names=names
    )


@pytest.mark.parametrize(("is_numbered", "most"), [(True, 40), (False, 190)])
def test_a_row_takes_a_few_bytes_of_memory_however_long_it_is(tmp_path, is_numbered, most):
    path, taken = tmp_path / "list.jsonl", []
    for count in (3000, 7000):
        write_rows(path, rows_of(count))
        table = table_of(path, names=Numbers(count) if is_numbered else None)
        table.finished(lambda _row: True)  # what is made once, for example of the row's type
        gc.collect()
        tracemalloc.start()
        kept = table.settle(lambda _row: True, lambda rows: write_rows(path, rows.values()))
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(kept) == count
    assert (taken[1] - taken[0]) / 4000 < most


def test_rows_can_be_read_when_another_list_has_taken_the_place_of_theirs(tmp_path):
    path = tmp_path / "list.jsonl"
    write_rows(path, rows_of(300))
    kept = table_of(path, names=Numbers(300)).finished(lambda _row: True)
    write_rows(path, [{"object": "other", "seconds": 0.0}])
    assert list(kept) == [f"{number:07d}" for number in range(300)]
    assert kept["0000299"] == rows_of(300)[299]
    assert kept["0000000"]["seconds"] == 1.5


def test_a_part_that_another_run_has_merged_meanwhile_is_said_to_be_gone(tmp_path):
    parts = tuple(tmp_path / f"part{number:02d}.jsonl" for number in range(20))
    for part, row in zip(parts, rows_of(20), strict=True):
        write_rows(part, [row])
    kept = table_of(tmp_path / "list.jsonl", parts).finished(lambda _row: True)
    parts[0].unlink()
    with pytest.raises(OutputError, match=r"part00\.jsonl: has gone meanwhile, to another run; run the same command"):
        kept["0000000"]
    assert kept["0000001"] == rows_of(2)[1]


def test_lines_longer_than_what_is_read_at_once_are_whole(tmp_path):
    path = tmp_path / "list.jsonl"
    write_rows(path, rows_of(3, longer="y" * 200_000))
    kept = table_of(path).finished(lambda _row: True)
    assert list(kept.values()) == rows_of(3, longer="y" * 200_000)


@pytest.mark.parametrize("spoil", ["nothing", "order", "twice", "broken", "cut", "part"])
def test_a_list_is_written_again_only_if_it_would_be_another(tmp_path, spoil):
    path, part = tmp_path / "list.jsonl", tmp_path / "part.jsonl"
    rows = rows_of(3)
    write_rows(path, rows)
    if spoil == "order":
        write_rows(path, [rows[1], rows[0], rows[2]])
    elif spoil == "twice":
        write_rows(path, [*rows, rows[2]])
    elif spoil == "broken":
        path.write_bytes(b"?\n".join([b"", path.read_bytes()]))
    elif spoil == "cut":
        path.write_bytes(path.read_bytes() + b"{")
    elif spoil == "part":
        append_row(part, rows[2] | {"seconds": 2.5})
    before = path.stat().st_ino
    table = table_of(path, (part,) if spoil == "part" else (), Numbers(3))
    with pytest.warns(PassedOverWarning) if spoil in ("broken", "cut") else nullcontext():
        table.settle(
            lambda _row: True,
            lambda rows: write_rows(path, rows.values()),
            written=[part],
            is_settled=lambda place, _row: place == path,
        )
    assert (path.stat().st_ino == before) == (spoil == "nothing")
    if spoil == "part":
        rows[2]["seconds"] = 2.5
    write_rows(tmp_path / "expected.jsonl", rows)
    assert path.read_bytes() == (tmp_path / "expected.jsonl").read_bytes()


def test_a_row_in_no_list_is_held():
    rows: CompactRows[str, SetupRow] = CompactRows()
    given: SetupRow = {"object": "fox", "seconds": 1.0}
    rows["fox"] = given
    given["seconds"] = 2.0
    assert rows == {"fox": {"object": "fox", "seconds": 1.0}}
    del rows["fox"]
    assert "fox" not in rows


def test_numbers_of_blocks():
    numbers = BlockNumbering([2, 0, 3])
    assert len(numbers) == 5
    assert [numbers.block(number) for number in range(5)] == [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]
