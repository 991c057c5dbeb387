"""The samples of a data set as its metadata files list them."""

from __future__ import annotations

from typing import Any

from synthmat.report.stage_report import stage_rows
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import StoredSample, part_of, stored_sample
from synthmat.storage.output_folder import SPLITS, OutputFolder

_EFFECTS = ("color_transfer", "sharpness", "grain", "haze", "exposure", "temperature", "noise", "jpeg_quality")
_WORDS = {"color_transfer": "color transfer", "temperature": "white balance", "jpeg_quality": "JPEG artifacts"}


def read_samples(output: OutputFolder) -> list[StoredSample]:
    """Return every sample once, sorted by split, object and id, with what is missing of it."""
    found: dict[str, tuple[str, SampleRow]] = {}
    for split in SPLITS:
        for row in stage_rows(output, output.dataset, [output.metadata(split)], SampleRow):
            place = row.get("split", split)
            if place in SPLITS:
                found[row["id"]] = place, row
    order = {split: place for place, split in enumerate(SPLITS)}
    ranked = sorted(found.values(), key=lambda each: (order[each[0]], str(each[1].get("object")), each[1]["id"]))
    return [stored_sample(row, output.dataset / split, split, look=True) for split, row in ranked]


def effects_of(row: SampleRow, drawn: dict[str, Any]) -> dict[str, float | None]:
    """Return what was done to a sample, by name for people, and how much of it where that is a number."""
    strengths = part_of(drawn, "realism")
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
