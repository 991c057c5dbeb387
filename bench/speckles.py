"""Speckles of the built-in objects under Blender's panoramas: frames as recipes make them, beside converged ones.

    python bench/speckles.py [--only NAME ...] [--panoramas NAME ...] [--size 96] [--samples 1024] [--out FOLDER]

A speckle is a pixel inside the object (alpha above 250 of 255) that is further than 40 8-bit levels, in any channel,
from the median of the object's pixels among its 3 x 3 neighbors. Fine detail counts as well, so each figure stands
beside that of the converged frame: the same pixels with 1024 samples and without denoising. All in percent of the
object's pixels. A frame with 0.1 percentage points and more than one pixel more than its converged one is marked.
"error" is that which the frame states, in levels; the last line of a family counts all its frames together.

One view of one variant of each family, in processor time about an hour. With ``--out`` frames are kept, so that a run
that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
import numpy.typing as npt

from synthmat.api import open_recipe
from synthmat.blender_scenes import worker
from synthmat.builtin_objects import builtin_objects
from synthmat.generator.panoramas import BLENDER_HDRIS
from synthmat.generator.plan import plan_render
from synthmat.report.pictures import read_rgba
from synthmat.storage.manifest import read_rows

_FAR, _INSIDE = 40, 250
_MARKED = 0.1


def main() -> None:
    """Render what is missing and print a line for each family under each panorama."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(builtin_objects()), default=list(builtin_objects()))
    parser.add_argument("--panoramas", nargs="+", choices=BLENDER_HDRIS, default=BLENDER_HDRIS)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--samples", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    terminal = _take_terminal()
    worker.prepare(0, device="cpu", threads=1)
    print(
        f"{'family':14s} {'panorama':10s} {'pixels':>6s} {'frame':>9s} {'converged':>9s} {'seconds':>7s} error",
        file=terminal,
    )
    with contextlib.ExitStack() as stack:
        folder = options.out or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for family in options.only:
            found = [
                _measure(family, panorama, folder.absolute() / f"{panorama}-{family}", options, terminal)
                for panorama in options.panoramas
            ]
            _print(terminal, family, "together", Found(*(sum(column) for column in zip(*found, strict=True))))


def _take_terminal() -> TextIO:
    """Return the terminal, for this script alone: what Blender and its add-ons print goes nowhere from now on."""
    terminal = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return terminal


class Found(NamedTuple):
    """Counts of one frame, or of several: pixels inside the object, speckles, those of the converged frame; seconds."""

    pixels: int
    speckles: int
    converged: int
    seconds: float

    @property
    def more(self) -> bool:
        """Whether there are materially more speckles than in the converged frame; a single pixel is none."""
        return self.speckles - self.converged > max(1, _MARKED / 100 * self.pixels)


def _measure(family: str, panorama: str, folder: Path, options: argparse.Namespace, terminal: TextIO) -> Found:
    """Render a frame and its converged one, print their line and return it."""
    render = {
        "resolution": options.size,
        "views": {"turntable": {"count": 1, "elevation": 15, "start": 30}},
        "lights": {"hdri": {"files": [panorama]}},
    }
    converging = render | {"samples": options.samples, "denoise": "off", "alpha_error": 0}
    frame, row = _render(family, render, folder / "frame", options.seed)
    converged, _ = _render(family, converging, folder / "converged", options.seed)
    converged[..., 3] = frame[..., 3]
    pixels = int((frame[..., 3] > _INSIDE).sum())
    found = Found(pixels, count_speckles(frame), count_speckles(converged), row["seconds"])
    _print(terminal, family, panorama, found, f"{255 * row['color']['error']:6.2f}")
    return found


def _print(terminal: TextIO, family: str, panorama: str, found: Found, error: str = "") -> None:
    shares = " ".join(f"{100 * part / max(found.pixels, 1):9.2f}" for part in (found.speckles, found.converged))
    line = f"{family:14s} {panorama:10s} {found.pixels:6d} {shares} {found.seconds:7.1f} {error:6s}"
    print(f"{line}{'  more' if found.more else ''}", file=terminal, flush=True)


def _render(family: str, render: dict[str, Any], folder: Path, seed: int) -> tuple[npt.NDArray[np.float32], Any]:
    """Return the frame's pixels ``(H, W, 4)`` in 0..255, rendered unless it lies there, and its row."""
    recipe = {"name": "speckles", "seed": seed, "objects": [{"builtin": family}], "render": render}
    (job,) = plan_render(*open_recipe(recipe, folder))
    job = dataclasses.replace(job, rows_file=str(folder / "rows.jsonl"))
    if not Path(job.rows_file).exists():
        began = time.process_time()
        worker.render_job(job)
        (folder / "seconds").write_text(str(time.process_time() - began))
    (row,) = read_rows(Path(job.rows_file))
    row["seconds"] = float((folder / "seconds").read_text())
    return 255 * read_rgba(Path(job.folder) / f"{row['view']}.png"), row


def count_speckles(pixels: npt.NDArray[np.float32]) -> int:
    """Return how many of an object's pixels are speckles, of straight RGBA ``(H, W, 4)`` in 0..255."""
    inside = pixels[..., 3] > _INSIDE
    color = np.where(pixels[..., 3:] > 0, pixels[..., :3], np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(color, ((1, 1), (1, 1), (0, 0)), constant_values=np.nan), (3, 3), (0, 1)
    )[inside]
    median = np.nanmedian(windows.reshape(*windows.shape[:2], 9), axis=-1)
    return int((np.abs(color[inside] - median) > _FAR).any(axis=-1).sum())


if __name__ == "__main__":
    main()
