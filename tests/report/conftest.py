"""An output folder with every stage and some failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.report_output import make_dataset, make_renders, make_training

from synthmat.storage.manifest import write_rows


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Every stage's output, in a folder whose name needs encoding."""
    root = tmp_path / "my run #1 & more?"
    make_renders(root)
    make_dataset(root)
    make_training(root / "training" / "a<b")
    write_rows(
        root / "failures.jsonl",
        [
            {"stage": "render", "job": "broken<b>", "views": ["0000", "0001"], "error": "broken<b>.glb: no glTF"},
            {"stage": "composite", "sample": "fox_999", "error": "night.jpg: truncated"},
            {"stage": "train", "job": "honest", "error": "the loss is no longer a number"},
        ],
    )
    return root
