"""Curves for TensorBoard, where it is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from synthmat.rows.row_types import EpochRow

FOLDER = "tensorboard"


def log_row(folder: Path, row: EpochRow) -> None:
    """Append the numbers of an epoch's row to the event files in ``folder/tensorboard``, if the package is there."""
    if importlib.util.find_spec("tensorboard") is None:
        return
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder / FOLDER)) as writer:
        for name, value in row.items():
            if isinstance(value, int | float) and name != "epoch":
                writer.add_scalar(name, value, row["epoch"])
