"""The figures of an evaluation on disk: a row for each image and contestant, appended the moment it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthmat.render_job import content_key
from synthmat.rows.row_types import MeasuredRow, Scalar
from synthmat.storage.manifest import append_row, write_rows
from synthmat.storage.row_table import RowTable, no_files
from synthmat.train.evaluate.cost import Cost
from synthmat.train.evaluate.options import EvaluateOptions

EVALUATE_VERSION = 2
"""Raised when a change of the code changes figures, so that older ones are made again."""


@dataclass(frozen=True)
class Figures:
    """What was measured of one prediction: its scores, the region of each preset, the picture's size, the cost."""

    scores: dict[str, float]
    regions: dict[str, str]
    width: int
    height: int
    cost: Cost


class MeasuredFile:
    """The file ``measured.jsonl``; figures count for images, a network and options that are all as they were.

    Args:
        folder: Where it lies.
        data: What changes with the images.
        options: What is measured of what.
        device: Where networks run.
        contestants: What changes with the predictions of each contestant, by label.
    """

    def __init__(
        self, folder: Path, data: str, options: EvaluateOptions, device: str, contestants: Mapping[str, str]
    ) -> None:
        self.path = folder / "measured.jsonl"
        how = [options.presets, options.trimap, options.size, device]
        self._keys = {
            label: content_key("evaluate", EVALUATE_VERSION, data, how, key) for label, key in contestants.items()
        }
        self._table: RowTable[tuple[str, str], MeasuredRow] = RowTable(
            folder, MeasuredRow, lambda row: (row["key"], row["image"]),
            lists=[self.path], files_of=no_files, ours=_has_pairs,
        )  # fmt: skip
        self._rows = self._table.finished(lambda _row: True)

    def get(self, image: str, label: str) -> Figures | None:
        """Return what was measured before, or None."""
        row = self._rows.get((self._keys[label], image))
        if row is None:
            return None
        cost = Cost(row["seconds"], row["peak_bytes"])
        scores: dict[str, float] = {str(name): value for name, value in row["scores"] if isinstance(value, float | int)}
        regions = {str(name): str(value) for name, value in row["regions"]}
        return Figures(scores, regions, row["width"], row["height"], cost)

    def add(self, image: str, label: str, figures: Figures) -> None:
        """Keep what was measured."""
        key = self._keys[label]
        row: MeasuredRow = {
            "key": key,
            "image": image,
            "model": label,
            "width": figures.width,
            "height": figures.height,
            # Pairs, since the keys of a row are sorted and tables follow the order of the figures.
            "regions": [[name, value] for name, value in figures.regions.items()],
            "scores": [[name, value] for name, value in figures.scores.items()],
            "seconds": figures.cost.seconds,
            "peak_bytes": figures.cost.peak_bytes,
        }
        append_row(self.path, row)
        self._rows[key, image] = row

    def tidy(self) -> None:
        """Keep one row of each image, contestant and set of options; those of earlier evaluations stay."""
        self._table.settle(lambda _row: True, lambda rows: write_rows(self.path, rows.values()))


def _has_pairs(row: MeasuredRow) -> bool:
    """Return whether scores and regions are pairs of a name and a value."""
    pairs: list[Sequence[Scalar]] = [*row["scores"], *row["regions"]]
    return all(len(pair) == 2 and isinstance(pair[0], str) for pair in pairs)
