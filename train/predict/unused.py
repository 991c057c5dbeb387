"""What was given for pictures and makes no difference: it is said, not passed over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from synthmat.train.predict.predictor import BASELINE, WITH_TRIMAP, Predictor


def unused_notes(
    predictor: Predictor, places: Mapping[str, Path], captured_seconds: tuple[float, float] | None
) -> list[str]:
    """Return a note for each thing that was given and is not used.

    Args:
        predictor: The network or baseline.
        places: What was given beside the pictures; see `synthmat.train.predict.stage.predict_with`.
        captured_seconds: When clips show the empty scene.
    """
    notes = []
    if "captured_bg" in places and "captured_bg" not in predictor.inputs:
        notes.append(f"--captured-bg is not used: {predictor.name} does not compare with an empty scene")
    if captured_seconds is not None:
        notes.append("--captured-seconds is of clips; pictures take --captured-bg")
    if "trimap" in places and predictor.name.startswith(BASELINE) and "trimap" not in predictor.inputs:
        notes.append(f"--trimap is not used by {predictor.name}; {predictor.name}{WITH_TRIMAP} may take one")
    return notes
