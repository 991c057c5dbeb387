"""The figures of an evaluation on disk: a row for each image and contestant, appended the moment it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synthmat.render_job import content_key
from synthmat.storage.manifest import Row, append_row, read_rows, write_rows
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
        known = set(self._keys.values())
        self._rows: dict[tuple[str, str], Row] = {
            (row["key"], row["image"]): row for row in read_rows(self.path) if row.get("key") in known
        }

    def get(self, image: str, label: str) -> Figures | None:
        """Return what was measured before, or None."""
        row = self._rows.get((self._keys[label], image))
        if row is None:
            return None
        cost = Cost(row["seconds"], row["peak_bytes"])
        return Figures(dict(row["scores"]), dict(row["regions"]), row["width"], row["height"], cost)

    def add(self, image: str, label: str, figures: Figures) -> None:
        """Keep what was measured."""
        key = self._keys[label]
        row: Row = {
            "key": key,
            "image": image,
            "model": label,
            "width": figures.width,
            "height": figures.height,
            # Pairs, since the keys of a row are sorted and tables follow the order of the figures.
            "regions": list(figures.regions.items()),
            "scores": list(figures.scores.items()),
            "seconds": figures.cost.seconds,
            "peak_bytes": figures.cost.peak_bytes,
        }
        append_row(self.path, row)
        self._rows[key, image] = row

    def tidy(self) -> None:
        """Drop the rows of other images, contestants and options."""
        write_rows(self.path, self._rows.values())
