"""What is told of frames that were made: mattes and color that are less exact than asked for, and models' warnings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any, cast

from synthmat.rows.row_types import FrameRow

_MUCH_CUT = 0.02
_MOST = 0.9
_COLUMNS = frozenset(
    ["object", "view", "files", "alpha", "color", "samples", "warnings", "straight_above_1", "light_without_alpha"]
)


def noted(row: FrameRow) -> FrameRow:
    """Return a row without the columns that no note is made from, which are most of a row."""
    part: Any = {name: value for name, value in row.items() if name in _COLUMNS}
    return cast(FrameRow, part)


def frame_notes(rows: Sequence[FrameRow]) -> list[str]:
    """Return what a user should know of some frames, from their rows, each of the models' warnings once."""
    warnings = {f"{row['object']}: {text}" for row in rows for text in row.get("warnings") or ()}
    return [*_alpha_notes(rows), *_color_notes(rows), *sorted(warnings)]


def _alpha_notes(rows: Sequence[FrameRow]) -> list[str]:
    """Return what a user should know of the exactness of the mattes."""
    alphas = [(row, row.get("alpha", {})) for row in rows]
    errors = [(alpha.get("error") or 0.0, alpha.get("wanted", math.inf), row) for row, alpha in alphas]
    missed = [found for found in errors if found[0] > found[1]]
    if not missed:
        return []
    error, wanted, worst = max(missed, key=lambda found: found[0])
    return [
        f"{len(missed)} of {len(rows)} mattes are less exact than alpha_error {wanted:g}, the worst "
        f"{worst['object']}/{worst['view']} with {error:.4f}; raise render.max_alpha_samples for them"
    ]


def _color_notes(rows: Sequence[FrameRow]) -> list[str]:
    """Return warnings of color that is noisy or lost: too bright for a PNG without an EXR master, or without alpha."""
    notes = []
    colors = [(row, row.get("color", {})) for row in rows]
    errors = [(color.get("error", 0.0), color.get("wanted") or math.inf, row) for row, color in colors]
    missed = [found for found in errors if found[0] > found[1]]
    if missed:
        notes.append(_noisy_color_note(missed, len(rows)))
    cut = [(row.get("straight_above_1", 0.0), row) for row in rows if len(row["files"]) == 1]
    cut = [found for found in cut if found[0] > _MUCH_CUT]
    if cut:
        share, worst = max(cut, key=lambda found: found[0])
        notes.append(
            f"{len(cut)} of {len(rows)} PNGs cut off straight color above 1, as lamps and glass give it, most of all "
            f"{worst['object']}/{worst['view']} ({share:.1%} of its pixels); passes: [exr] keeps it"
        )
    glowing = [(row.get("light_without_alpha", 0.0), row) for row in rows]
    glowing = [found for found in glowing if found[0] > _MUCH_CUT]
    if glowing:
        worst = max(glowing, key=lambda found: found[0])[1]
        notes.append(
            f"{len(glowing)} of {len(rows)} frames have light that hides nothing behind it, such as flames, the most "
            f"{worst['object']}/{worst['view']}; alpha is 0 there and no cut-out shows it: mix such shaders with "
            "something opaque instead of adding them"
        )
    return notes


def _noisy_color_note(missed: list[tuple[float, float, FrameRow]], frames: int) -> str:
    """Say how far frames are from their ``color_error``, and what nine of ten would need.

    ``missed`` are error, wanted error and row of each. Noise falls with the root of the samples.
    """
    error, wanted, worst = max(missed, key=lambda found: found[0])
    usual = median(found[0] for found in missed)
    needed = sorted(row.get("samples", 0) * (noise / aim) ** 2 for noise, aim, row in missed)
    for_most = math.ceil(needed[math.ceil(_MOST * len(needed)) - 1] / 10) * 10
    return (
        f"{len(missed)} of {frames} frames have noisier color than color_error {wanted:g}: {usual:.4f} in the median, "
        f"{error:.4f} at worst ({worst['object']}/{worst['view']}); render.max_color_samples: {for_most} would be "
        "enough for nine of ten"
    )
