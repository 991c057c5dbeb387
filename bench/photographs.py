"""What networks reach on photographs with mattes: IoU, soft Dice and MAD, with intervals by bootstrap over pictures.

    python bench/photographs.py FOLDER CHECKPOINT... [--size 192]

FOLDER is in any layout that synthmat reads, for example the 27 training pictures of alphamatting.com. Pictures and
mattes are shrunk to squares of --size pixels, and networks see them at that size.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.layouts import read_layout
from synthmat.layouts.pixels import read_alpha, read_image
from synthmat.train.predict.predictor import Predictor, open_predictor

MEASURES = ("IoU", "Dice", "MAD")


def main() -> None:
    """Print a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--size", type=int, default=192)
    given = parser.parse_args()
    pairs = squares(given.folder, given.size)
    for checkpoint in given.checkpoints:
        found = scores(open_predictor(checkpoint, "cpu", "resize", given.size), pairs)
        low, high = interval(found)
        words = zip(MEASURES, found.mean(axis=0), low, high, strict=True)
        line = "  ".join(f"{name} {mean:.3f} [{lowest:.3f}, {highest:.3f}]" for name, mean, lowest, highest in words)
        halves = [" / ".join(f"{value:.3f}" for value in found[start::2].mean(axis=0)) for start in (0, 1)]
        print(f"{checkpoint}: {len(found)} pictures at {given.size} px: {line}; every second: {halves[0]}, {halves[1]}")


def squares(folder: Path, size: int) -> list[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
    """Return pictures ``(size, size, 3)`` and mattes ``(size, size)`` of a folder, by name."""
    pairs = []
    for item in sorted(read_layout(folder), key=lambda item: item.id):
        assert item.image is not None, f"{item.id}: no picture"
        assert item.alpha is not None, f"{item.id}: no matte"
        image = read_image(item.image)
        alpha = read_alpha(item.alpha, item.alpha_from, mask=item.mask, shape=image.shape[:2])
        shrunk = [cv2.resize(each, (size, size), interpolation=cv2.INTER_AREA) for each in (image, alpha)]
        pairs.append((shrunk[0], shrunk[1]))
    return pairs


def scores(predictor: Predictor, pairs: list[tuple[NDArray[np.uint8], NDArray[np.float32]]]) -> NDArray[np.float64]:
    """Return `MEASURES` of each picture, ``(n, 3)``: IoU of mattes cut at 0.5, Dice and MAD of soft alpha."""
    rows = []
    for image, truth in pairs:
        alpha = predictor({"image": image}).alpha
        cut, wanted = alpha >= 0.5, truth >= 0.5
        iou = (cut & wanted).sum() / max((cut | wanted).sum(), 1)
        dice = 2 * (alpha * truth).sum() / max(alpha.sum() + truth.sum(), 1e-6)
        rows.append((iou, dice, np.abs(alpha - truth).mean()))
    return np.array(rows, np.float64)


def interval(found: NDArray[np.float64], draws: int = 2000) -> NDArray[np.float64]:
    """Return the 2.5 and 97.5 % quantiles of the mean over pictures drawn with replacement, ``(2, 3)``."""
    chosen = np.random.default_rng(0).integers(0, len(found), (draws, len(found)))
    quantiles: NDArray[np.float64] = np.quantile(found[chosen].mean(axis=1), [0.025, 0.975], axis=0)
    return quantiles


if __name__ == "__main__":
    main()
