"""Figures and a training as their version constants had them: others need another version, or old ones are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.golden import changed, golden
from support.tiny_training import tiny_setup

from synthmat.train.engine.trainer import fit
from synthmat.train.evaluate.measured_file import EVALUATE_VERSION
from synthmat.train.metrics import PRESETS, matte_metrics
from synthmat.train.preparation import TRAIN_VERSION


def test_figures_change_only_with_the_version() -> None:
    rows, columns = np.mgrid[0:40, 0:40] + 0.5
    truth, alpha = (np.clip((12 - np.hypot(columns - x, rows - 20)) / 5 + 0.5, 0, 1) for x in (20, 22.5))
    levels = (truth * 255).round().astype(np.uint8)
    trimap = np.where(levels == 255, 255, np.where(levels == 0, 0, 128)).astype(np.uint8)
    found = {
        f"{preset}.{name}": value
        for preset in sorted(PRESETS)
        for name, value in matte_metrics(alpha.astype(np.float32), levels, trimap=trimap, preset=preset).values.items()
    }
    stored = golden("evaluate", "EVALUATE_VERSION", EVALUATE_VERSION, found)
    assert found == pytest.approx(stored, rel=1e-5, abs=1e-9), changed("EVALUATE_VERSION", EVALUATE_VERSION)


def test_a_training_changes_only_with_the_version(tmp_path: Path) -> None:
    """To a thousandth: processors and versions of torch add up in another order."""
    history = fit(tiny_setup(tmp_path, epochs=4, ema=0.9, loss={"alpha_l1": 1, "laplacian": 0.5})).history
    names = ("train_loss", "val_loss", "mad", "learning_rate")
    found = {name: [row[name] for row in history] for name in names}
    stored = golden("train", "TRAIN_VERSION", TRAIN_VERSION, found)
    for name in names:
        assert found[name] == pytest.approx(stored[name], rel=1e-3), (
            f"{name}: {changed('TRAIN_VERSION', TRAIN_VERSION)}"
        )
