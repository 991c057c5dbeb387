"""Training steps on real data against steps on one batch that stays in memory: does the loader keep up?

    python bench/train.py [--model residual_unet] [--size 64] [--epochs 4] [--workers N]

Three trainings of the same network by the same trainer: on one batch given again and again, on a data set on disk, and
on composites made while it trains. The data are 12 renders of three built-in objects on the built-in photos, 192 px.
The first epoch, in which files are read and caches fill, is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import synthmat
from synthmat.stage import RunOptions
from synthmat.train.data.prefetch import Batch, Prefetcher
from synthmat.train.engine import trainer

_RECIPE: dict[str, Any] = {
    "version": 1,
    "name": "bench",
    "objects": [{"builtin": "shape", "count": 3, "split": "train"}, {"builtin": "suzanne", "split": "val"}],
    "render": {"resolution": 192, "samples": 8, "views": {"turntable": {"count": 4}}},
    "composite": {
        "backgrounds": "builtin",
        "per_view": 48,
        "size": 192,
        "outputs": ["image", "alpha", "fg", "bg"],
        "photo": {"zoom": {"uniform": [1, 3]}, "flip": 0.5},
        "placement": {"scale": {"uniform": [0.5, 1.2]}},
        "realism": {"sharpness": {}, "noise": {}, "exposure": {}},
    },
}


class _SameBatch(Prefetcher):
    """Gives its first batch again and again."""

    def __next__(self) -> Batch:
        if not hasattr(self, "_first"):
            self._first = super().__next__()
            self.close()
        return self._first


def main() -> None:
    """Train on each kind of data and print images a second and how long the network waited for them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="residual_unet")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "recipe.yaml"
        train = {"model": options.model, "size": options.size, "epochs": options.epochs, "validation": ["dataset"]}
        recipe.write_text(json.dumps(_RECIPE | {"train": train}))
        run = RunOptions(workers=options.workers, quiet=True)
        synthmat.render(recipe, out=folder, options=run)
        synthmat.composite(recipe, out=folder, options=run)
        for name, source, prefetcher in (
            ("one batch in memory", "dataset", _SameBatch),
            ("data set on disk", "dataset", Prefetcher),
            ("composited live", "live", Prefetcher),
        ):
            trainer.Prefetcher = prefetcher  # type: ignore[misc]  # the trainer's only way to its data
            synthmat.train(recipe, out=folder, overrides=[f"train.data=[{source}]"], options=run)
            _print(name, Path(folder) / "training" / "metrics.jsonl")
            shutil.rmtree(Path(folder) / "training")


def _print(name: str, metrics: Path) -> None:
    rows = [json.loads(line) for line in metrics.read_text().splitlines()][1:]
    speeds = sorted(row["images_per_second"] for row in rows)
    waits = [row["data_wait_share"] for row in rows]
    print(
        f"{name:20s} {speeds[len(speeds) // 2]:6.1f} images/s ({speeds[0]:.1f} to {speeds[-1]:.1f}), "
        f"waits for data {max(waits):.1%} at most",
        flush=True,
    )


if __name__ == "__main__":
    main()
