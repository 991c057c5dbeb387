"""The samples of a data set as its metadata files list them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthmat.layout import SPLITS, Layout
from synthmat.manifest import Row
from synthmat.report.stage_report import stage_rows

_KINDS = ("image", "alpha", "fg", "bg")


@dataclass(frozen=True)
class Sample:
    """A row and its files; ``lost`` are those of them that are not there."""

    row: Row
    files: dict[str, Path]
    lost: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.row.get('split')}/{self.row.get('id')}"

    @property
    def pair(self) -> bool:
        """Whether image and matte are both there."""
        return {"image", "alpha"} <= self.files.keys() and not {"image", "alpha"} & set(self.lost)


def read_samples(layout: Layout) -> list[Sample]:
    """Return every sample once, sorted by split, object and id."""
    rows: dict[str, Row] = {}
    for split in SPLITS:
        for row in stage_rows(layout, layout.dataset, [layout.metadata(split)]):
            if row.setdefault("split", split) in SPLITS and "id" in row:
                rows[str(row["id"])] = row
    order = {split: place for place, split in enumerate(SPLITS)}
    ranked = sorted(rows.values(), key=lambda row: (order[row["split"]], str(row.get("object")), str(row["id"])))
    samples = []
    for row in ranked:
        folder = layout.dataset / row["split"]
        files = {kind: folder / str(row[f"{kind}_file_name"]) for kind in _KINDS if row.get(f"{kind}_file_name")}
        samples.append(Sample(row, files, tuple(kind for kind, file in files.items() if not file.is_file())))
    return samples
