"""The samples of a data set as its metadata files list them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthmat.layouts.stored import KINDS
from synthmat.report.stage_report import stage_rows
from synthmat.storage.manifest import Row
from synthmat.storage.output_folder import SPLITS, OutputFolder

_EFFECTS = ("color_transfer", "sharpness", "grain", "haze", "exposure", "temperature", "noise", "jpeg_quality")
_WORDS = {"color_transfer": "colour transfer", "temperature": "white balance", "jpeg_quality": "JPEG artefacts"}


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

    @property
    def identity(self) -> str:
        """The thing that its object is a variant of."""
        return str(self.row.get("identity") or self.row.get("object"))


def read_samples(output: OutputFolder) -> list[Sample]:
    """Return every sample once, sorted by split, object and id."""
    rows: dict[str, Row] = {}
    for split in SPLITS:
        for row in stage_rows(output, output.dataset, [output.metadata(split)]):
            if row.setdefault("split", split) in SPLITS and "id" in row:
                rows[str(row["id"])] = row
    order = {split: place for place, split in enumerate(SPLITS)}
    ranked = sorted(rows.values(), key=lambda row: (order[row["split"]], str(row.get("object")), str(row["id"])))
    samples = []
    for row in ranked:
        folder = output.dataset / row["split"]
        files = {kind: folder / str(row[f"{kind}_file_name"]) for kind in KINDS if row.get(f"{kind}_file_name")}
        samples.append(Sample(row, files, tuple(kind for kind, file in files.items() if not file.is_file())))
    return samples


def draws_of(row: Row) -> dict[str, Any]:
    """Return the draws of a sample, nothing where the row has none."""
    try:
        drawn = json.loads(row.get("drawn") or "{}")
    except (TypeError, ValueError):
        return {}
    return drawn if isinstance(drawn, dict) else {}


def effects_of(row: Row, drawn: dict[str, Any]) -> dict[str, float | None]:
    """Return what was done to a sample, by name for people, and how much of it where that is a number."""
    realism = drawn.get("realism")
    strengths = realism if isinstance(realism, dict) else {}
    effects: dict[str, float | None] = {
        _WORDS.get(name, name): value
        for name in _EFFECTS
        if isinstance(value := strengths.get(name), int | float) and value
    }
    facts = {
        "contact shadow": row.get("shadowed"),
        "stack": row.get("others"),
        "distractors": row.get("distractors"),
    }
    return effects | {name: None for name, there in facts.items() if there}
