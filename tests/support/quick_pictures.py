"""Trainings without pictures, for tests that look at none: matplotlib takes longer than a tiny training itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest


def draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainings write a picture of one pixel for each that they draw, and none of photographs."""
    from synthmat.train import photographs, summary

    def write(*arguments: Any) -> None:
        (path,) = (each for each in arguments if isinstance(each, Path))
        cv2.imwrite(str(path), np.zeros((1, 1), np.uint8))

    for name in ("draw_curves", "draw_samples"):
        monkeypatch.setattr(summary, name, write)
    monkeypatch.setattr(photographs, "show_photographs", lambda *_: [])
