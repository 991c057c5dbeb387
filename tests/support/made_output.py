"""An output folder of the compositor, and the ways in which tests spoil it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synthmat.api import verify
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import SPLITS


class Made:
    """``rows`` are the samples of all splits; `write` brings changes of them to disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dataset = root / "dataset"
        self.rows = [row for split in SPLITS for row in read_rows(self.dataset / split / "metadata.jsonl")]

    def write(self) -> None:
        for split in SPLITS:
            its = [row for row in self.rows if row["split"] == split]
            write_rows(self.dataset / split / "metadata.jsonl", its)

    def of(self, split: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["split"] == split)

    @property
    def exact(self) -> dict[str, Any]:
        return next(row for row in self.rows if row["exact"])

    def path(self, row: dict[str, Any], kind: str) -> Path:
        return self.dataset / row["split"] / str(row[f"{kind}_file_name"])

    def pixels(self, row: dict[str, Any], kind: str) -> np.ndarray:
        return np.asarray(cv2.imread(str(self.path(row, kind)), cv2.IMREAD_UNCHANGED))

    def store(self, row: dict[str, Any], kind: str, data: bytes | np.ndarray) -> None:
        """Replace a file and, as a maker of wrong data would, its checksum."""
        if isinstance(data, np.ndarray):
            data = cv2.imencode(".png", data)[1].tobytes()
        self.path(row, kind).write_bytes(data)
        row[f"{kind}_sha256"] = hashlib.sha256(data).hexdigest()
        self.write()

    def faults(self, **options: Any) -> dict[str, list[str]]:
        """Return the faults of each check that failed."""
        report = verify(self.root, **options)
        failed = {f"{each.section}/{each.title}": list(each.faults) for each in report.checks if not each.passed}
        told = {name for name, faults in failed.items() if not faults}
        assert report.well == (failed.keys() == told)
        return {name: faults for name, faults in failed.items() if faults}


def names(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the samples as reports call them."""
    return [f"{row['split']}/{row['id']}" for row in rows]
