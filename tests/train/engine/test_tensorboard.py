"""Curves for TensorBoard, where it is installed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from synthmat.train.engine.tensorboard import log_row

ROW = {"epoch": 3, "train_loss": 0.5, "dice": 0.9, "rates": {"encoder": 1e-4}}


def test_without_the_package_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    log_row(tmp_path, ROW)
    assert not list(tmp_path.iterdir())


def test_tensorboards_own_reader_finds_the_numbers(tmp_path: Path) -> None:
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    for epoch, dice in ((1, 0.5), (2, 0.75)):
        log_row(tmp_path, ROW | {"epoch": epoch, "dice": dice})
    events = reader.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(events.Tags()["scalars"]) == {"train_loss", "dice"}
    assert [(event.step, event.value) for event in events.Scalars("dice")] == [(1, 0.5), (2, 0.75)]


def test_the_numbers_of_a_row_are_logged_at_their_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    class Writer:
        """Stands in for torch's writer, whose package need not be installed."""

        def __init__(self, folder: str) -> None:
            written.append(folder)

        def __enter__(self) -> Writer:
            return self

        def __exit__(self, *_error: Any) -> None:
            written.append("closed")

        def add_scalar(self, *scalar: Any) -> None:
            written.append(scalar)

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    log_row(tmp_path, ROW)
    assert written == [str(tmp_path / "tensorboard"), ("train_loss", 0.5, 3), ("dice", 0.9, 3), "closed"]
