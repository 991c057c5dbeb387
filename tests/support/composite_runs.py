"""Runs of the composite stage on a project, and what they leave on disk."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from support.executors import HereExecutor

from synthmat.compositor.stage import composite
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.manifest import read_rows

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())
IN_WORKERS = RunOptions(workers=1, quiet=True)


def run_composite(project, keys: str = "", options: RunOptions = QUIET, **top) -> StageResult:
    return composite(project.recipe(keys, **top), project.base, project.output, options)


def sample_rows(project) -> list[dict]:
    return [row for split in ("train", "val", "test") for row in read_rows(project.output.metadata(split))]


def read_kind(project, row: dict, kind: str) -> np.ndarray:
    return cv2.imread(str(project.output.dataset / row["split"] / row[f"{kind}_file_name"]), cv2.IMREAD_UNCHANGED)


def picture_digests(project) -> dict[str, str]:
    """Return the sha256 of every picture in the data set."""
    folder = project.output.dataset
    pictures = sorted(path for path in folder.glob("[!.]*/**/*.*g") if path.suffix in (".png", ".jpg"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures}
