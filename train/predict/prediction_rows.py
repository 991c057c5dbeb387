"""What was made in a folder of predictions, and how the next run takes it up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from synthmat.rows.row_types import PredictionRow
from synthmat.storage.manifest import write_rows
from synthmat.storage.row_table import RowTable
from synthmat.train.predict.inputs import ROWS


def prediction_table(out: Path) -> RowTable[str, PredictionRow]:
    """Return what was made in a folder of predictions, by the pictures' names."""
    return RowTable(out, PredictionRow, lambda row: row["name"], lists=[out / ROWS])


def known_names(out: Path) -> set[str]:
    """Return the names of pictures of which something was made, with the present options or with others."""
    table = prediction_table(out)
    return {row["name"] for row in (*table.rows(), *table.stale)}


def take_up(out: Path, keys: Mapping[str, str]) -> set[str]:
    """Bring a folder to the wanted predictions, and return the names of those that need not be made again.

    Results that were made of these pictures in another way are set aside, and those that are wanted again taken back:
    see `synthmat.storage.stale`. Results of other pictures stay where they are.

    Args:
        out: The folder.
        keys: What the results of each picture are recognized by, by name.
    """
    table = prediction_table(out)

    def is_wanted(row: PredictionRow) -> bool:
        return keys.get(row["name"]) == row.get("key", "")

    def stays(row: PredictionRow) -> bool:
        return (row["name"] not in keys or is_wanted(row)) and _is_there(row, out)

    rows = table.settle(stays, lambda rows: _write(out, rows), wanted=is_wanted)
    return {name for name in keys if name in rows and table.is_intact(rows[name])}


def tidy(out: Path) -> int:
    """Sort the list after a run, with one row for each picture; return how many rows lie aside."""
    table = prediction_table(out)
    _write(out, {row["name"]: row for row in table.rows() if _is_there(row, out)})
    return sum(1 for _ in table.stale)


def _write(out: Path, rows: Mapping[str, PredictionRow]) -> None:
    write_rows(out / ROWS, [rows[name] for name in sorted(rows)])


def _is_there(row: PredictionRow, out: Path) -> bool:
    """Return whether any file of a row is left: what is listed is never taken for a picture to predict."""
    return any((out / name).exists() for name in row["files"])
