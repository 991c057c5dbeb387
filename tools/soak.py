"""Does the same many times, and watches memory and open files: neither may grow.

    python tools/soak.py [--frames 300] [--samples 5000] [--predictions 1000]

Frames are stubs, so that no Blender is needed; samples are made by the workers of `synthmat composite` in this process;
predictions are the network's that comes with synthmat. Of each the last half is compared with the first: more than 10
MB or 3 descriptors are a fault. It reads them from /proc, so it needs Linux.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from synthmat.executor import Executor, Outcome, Task

MOST_MB, MOST_DESCRIPTORS = 10.0, 3
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Grown:
    """What grew between the middle and the end: megabytes of memory, and open descriptors."""

    megabytes: float
    descriptors: int

    @property
    def is_fault(self) -> bool:
        return self.megabytes > MOST_MB or self.descriptors > MOST_DESCRIPTORS


def main() -> int:
    """Run all three and say what grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for what, count in (("frames", 300), ("samples", 5000), ("predictions", 1000)):
        parser.add_argument(f"--{what}", type=int, default=count)
    given = parser.parse_args()
    faults = 0
    for what, run in (("frames", frames), ("samples", samples), ("predictions", predictions)):
        began = time.process_time()
        with tempfile.TemporaryDirectory() as name:
            grown = run(Path(name), getattr(given, what))
        print(
            f"{getattr(given, what)} {what}: {grown.megabytes:+.1f} MB, {grown.descriptors:+d} descriptors, "
            f"{time.process_time() - began:.1f} s",
            flush=True,
        )
        faults += grown.is_fault
    return 1 if faults else 0


def watched(steps: Iterator[object]) -> Grown:
    """Run steps to their end and return what grew in their second half."""
    taken = [_now() for _ in steps]
    gc.collect()
    middle, end = taken[len(taken) // 2], _now()
    return Grown((end[0] - middle[0]) / 2**20, end[1] - middle[1])


def frames(folder: Path, count: int) -> Grown:
    """Plan, render as stubs and merge frames, a run for each ten."""
    from synthmat.generator.plan import plan_render
    from synthmat.generator.stage import render_jobs
    from synthmat.recipe import parse_recipe
    from synthmat.render_job import RenderJob
    from synthmat.stage import RunOptions
    from synthmat.storage.atomic import write_bytes
    from synthmat.storage.manifest import append_row
    from synthmat.storage.output_folder import OutputFolder

    def stub(job: RenderJob) -> float:
        for view in job.views:
            data = f"{job.asset.name} {view.name}".encode()
            write_bytes(Path(job.folder) / f"{view.name}.png", data)
            files = {f"{job.asset.name}/{view.name}.png": hashlib.sha256(data).hexdigest()}
            row = {"object": job.asset.name, "view": view.name, "key": job.key(view), "files": files}
            append_row(Path(job.rows_file), row)
        return 0.0

    text = "name: x\nseed: 1\nobjects: [{builtin: vase}]\nrender: {resolution: 16, views: {turntable: {count: 10}}}\n"
    output = OutputFolder(folder / "out")

    def steps() -> Iterator[object]:
        for number in range(max(2, count // 10)):
            recipe = parse_recipe(text.replace("seed: 1", f"seed: {number}"))
            options = RunOptions(workers=1, quiet=True, executor=_here(stub))
            yield render_jobs(plan_render(recipe, folder, output), output, options)

    return watched(steps())


def samples(folder: Path, count: int) -> Grown:
    """Composite samples of a few cut-outs and photos in this process, a hundred in each run, into a folder of its own.

    In one folder the list of what earlier runs left aside would grow, and be read each time.
    """
    from synthmat.compositor.stage import composite
    from synthmat.recipe import parse_recipe
    from synthmat.stage import RunOptions
    from synthmat.storage.output_folder import OutputFolder

    rng = np.random.default_rng(0)
    for place, channels in (("photos", 3), ("cutouts", 4)):
        (folder / place).mkdir()
        for number in range(5):
            Image.fromarray(rng.integers(0, 256, (40, 60, channels)).astype(np.uint8)).save(
                folder / place / f"{number}.png"
            )
    text = (
        "name: x\nseed: SEED\ncomposite: {foregrounds: [{folder: cutouts, layout: rgba}], backgrounds: photos, "
        f"size: 32, per_view: {max(1, min(100, count) // 5)}, split: {{by: none}}}}\n"
    )

    def steps() -> Iterator[object]:
        for number in range(max(2, count // 100)):
            recipe = parse_recipe(text.replace("SEED", str(number)))
            yield composite(recipe, folder, OutputFolder(folder / f"out{number}"), RunOptions(workers=1, quiet=True,
                                                                                      executor=_here()))  # fmt: skip

    return watched(steps())


def predictions(folder: Path, count: int) -> Grown:
    """Predict photos with the network that comes with synthmat, each anew."""
    from synthmat.images.photo_file import decode_photo
    from synthmat.train.predict.foreground import estimate_foreground
    from synthmat.train.predict.outputs import write_alpha, write_cutout
    from synthmat.train.predict.predictor import SHIPPED, open_predictor

    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (200, 300, 3)).astype(np.uint8)).save(folder / "photo.jpg")
    data, predictor = (folder / "photo.jpg").read_bytes(), open_predictor(SHIPPED)

    def steps() -> Iterator[object]:
        for number in range(count):
            photo = decode_photo(data, "photo.jpg")
            alpha = predictor({"image": photo.pixels}).alpha
            write_alpha(folder / f"{number % 9}_alpha.png", alpha, 8)
            write_cutout(
                folder / f"{number % 9}_cutout.png", estimate_foreground(photo.pixels, alpha), alpha, photo.exif
            )
            yield number

    return watched(steps())


def _now() -> tuple[int, int]:
    """Return the bytes of memory in use and the number of open descriptors."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return resident, sum(1 for _ in Path("/proc/self/fd").iterdir())


def _here(function: Callable[..., object] | None = None) -> Executor:
    """Return an executor that runs jobs in this process."""
    from synthmat.executor import Outcome

    class Here:
        def slots(self) -> int:
            return 1

        def run(self, task: Task[Any], jobs: Iterable[Any]) -> Generator[Outcome[Any], None, None]:
            for job in jobs:
                yield Outcome(job, result=(function or task.function)(job))

    return Here()


if __name__ == "__main__":
    sys.exit(main())
