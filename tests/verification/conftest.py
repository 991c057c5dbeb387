"""A data set made by the compositor, once for all tests of this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.executors import HereExecutor
from support.made_output import Made

import synthmat
from synthmat.stage import RunOptions

_RECIPE = """
name: trial
seed: 1
objects: [{models: x}]
composite:
  foregrounds: [{folder: cut_outs, layout: rgba, license: CC0-1.0}]
  backgrounds: photos
  size: 40
  per_view: 2
  image_format: png
  bit_depth: 16
  outputs: [image, alpha, fg, bg, captured_bg, trimap, shadow]
  realism: {exposure: {probability: 0.5}, noise: {probability: 0.4, sigma: 0.02}}
"""


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder with a data set of twelve samples."""
    base = tmp_path_factory.mktemp("verified")
    rng = np.random.default_rng(4)
    (base / "cut_outs").mkdir()
    (base / "photos").mkdir()
    rows, columns = np.indices((40, 40)) + 0.5
    for number in range(6):
        alpha = np.clip((12 + number - np.hypot(columns - 20, rows - 20)) / 5 + 0.5, 0, 1)
        rgba = np.dstack([np.full((40, 40, 3), rng.uniform(60, 255, 3)), 255 * alpha]).round().astype(np.uint8)
        Image.fromarray(rgba, "RGBA").save(base / f"cut_outs/thing{number}.png")
        Image.fromarray(rng.integers(0, 256, (50, 60, 3), np.uint8)).save(base / f"photos/photo{number}.png")
    (base / "recipe.yaml").write_text(_RECIPE)
    out = base / "out"
    result = synthmat.composite(
        base / "recipe.yaml", out=out, options=RunOptions(workers=1, quiet=True, executor=HereExecutor())
    )
    assert (result.made, result.failed) == (12, 0)
    return out


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Made:
    """Return a copy of it to spoil."""
    shutil.copytree(original, tmp_path / "out")
    return Made(tmp_path / "out")
