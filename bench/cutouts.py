"""Where the time of a cut-out of a large photo goes, and how far its colors and its enlarged matte are from the truth.

    python bench/cutouts.py [RENDERS] [--megapixels 24]

RENDERS is a folder of cut-outs with exact alpha, for example ``output/quickstart/renders``: each is put on a photo, and
its color is estimated from the composite and its alpha, at its own size and enlarged four and twenty times; so is its
alpha from 64 pixels. Errors of color are levels of 255, where alpha is between 0.02 and 0.98, weighted with it.

Seconds are the processor's, on one thread: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.images.alpha import Float, UInt8, bleed
from synthmat.images.photo_file import decode_photo
from synthmat.photos import list_photos
from synthmat.train.data.resizing import resized
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.onnx_predictor import OnnxPredictor
from synthmat.train.predict.outputs import alpha_png, covering, cutout_picture
from synthmat.train.predict.predictor import SHIPPED, open_predictor
from synthmat.train.predict.refine import refined_upsample

_TIMES = (1, 4, 20)
_SMALL = 64


def main() -> None:
    """Print a line for each step, and one for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("renders", type=Path, nargs="?")
    parser.add_argument("--megapixels", type=float, default=24)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    photos = [Path(photo.path) for photo in list_photos("builtin", Path.cwd(), most=8)[0]]
    _times(photos[0], given.megapixels)
    if given.renders:
        files = sorted(path for path in given.renders.rglob("*.png") if Image.open(path).mode == "RGBA")
        for times in _TIMES:
            _errors(files, photos, times)


def _times(photo: Path, megapixels: float) -> None:
    """Print the seconds of each step of ``predict`` for a photo that is enlarged, with a camera's noise."""
    with Image.open(photo) as opened:
        small = np.asarray(opened.convert("RGB"))
    edge = round((megapixels * 1e6 / 1.5) ** 0.5)
    large = covering(small, round(edge * 1.5), edge).astype(np.float32)
    large += np.random.default_rng(0).normal(0, 4, large.shape).astype(np.float32)
    buffer = io.BytesIO()
    Image.fromarray(large.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=92)
    predictor = open_predictor(SHIPPED)
    assert isinstance(predictor, OnnxPredictor)
    views = {"image": np.zeros((predictor.size, predictor.size, 3), np.uint8)}
    predictor(views)
    with _clock("decode"):
        image = decode_photo(buffer.getvalue(), "photo").pixels
    with _clock("shrink"):
        views = resized({"image": image}, predictor.size, predictor.size)
    with _clock("network"):
        found = predictor(views).alpha
    with _clock("enlarge alpha"):
        alpha = refined_upsample(found, image)
    with _clock("color"):
        color = estimate_foreground(image, alpha)
    with _clock("encode alpha"):
        alpha_png(alpha, 8)
    with _clock("encode cut-out"):
        data = cutout_picture(color, alpha, "png")
    soft = float(((alpha > 0.02) & (alpha < 0.98)).mean())
    print(f"{image.size / 3e6:.1f} megapixels, {soft:.0%} of them soft; cut-out of {len(data) / 1e6:.1f} MB")


@contextmanager
def _clock(name: str) -> Iterator[None]:
    began = time.process_time()
    yield
    print(f"{name:16s} {time.process_time() - began:6.2f} s")


def _errors(files: list[Path], photos: list[Path], times: int) -> None:
    found = []
    for index, file in enumerate(files):
        color, alpha = _enlarged(file, times)
        with Image.open(photos[index % len(photos)]) as opened:
            behind = covering(np.asarray(opened.convert("RGB")), *alpha.shape)
        exact = alpha[..., None] * color + (1 - alpha[..., None]) * behind
        image = np.rint(exact).clip(0, 255).astype(np.uint8)
        small = cv2.resize(alpha, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA)
        raised = refined_upsample(small, image)
        found.append((_off(image, color, alpha), _off(estimate_foreground(image, alpha), color, alpha),
                      1000 * float(np.abs(raised - alpha).mean())))  # fmt: skip
    own, ours, matte = np.mean(found, axis=0)
    print(
        f"{len(files)} renders, {times} times their size: color off by {ours:.2f} levels, {own:.2f} if the photo's is "
        f"taken; alpha from {_SMALL} pixels off by {matte:.2f} thousandths"
    )


def _off(found: UInt8 | NDArray[np.float32], color: Float, alpha: Float) -> float:
    weight = alpha * ((alpha > 0.02) & (alpha < 0.98))
    return float(np.average(np.abs(found.astype(np.float32) - color).mean(2), weights=weight)) if weight.any() else 0.0


def _enlarged(file: Path, times: int) -> tuple[Float, Float]:
    """Return color, levels of 255 ``(H, W, 3)``, and alpha of a cut-out that is so many times as large."""
    with Image.open(file) as opened:
        rgba = np.asarray(opened).astype(np.float32) / 255
    color, alpha = bleed(rgba[..., :3], rgba[..., 3]), rgba[..., 3]
    size = (alpha.shape[1] * times, alpha.shape[0] * times)
    if times > 1:
        color, alpha = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (color, alpha))
    return np.asarray(255 * color, np.float32), np.asarray(alpha, np.float32)


if __name__ == "__main__":
    main()
