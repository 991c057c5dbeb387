"""How fast samples are made on one core, and where the time goes.

    python bench/composite.py [PHOTO_FOLDER]

Twelve 512 px renders on each of eight photos, image + alpha at 512 px, as JPEG and as PNG level 1. The photos are
those that come with scikit-image and scikit-learn unless a folder is given.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

SIZE, VIEWS, PHOTOS, ROUNDS = 512, 12, 8, 3


def main() -> None:
    """Measure and print samples a second and the share of each step."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    from synthmat.compositor.wand_setup import worker_environment

    os.environ.update(worker_environment())
    import cv2

    from synthmat.photos import list_photos

    cv2.setNumThreads(1)
    folder = sys.argv[1] if len(sys.argv) > 1 else "builtin"
    photos = [Path(photo.path) for photo in list_photos(folder, Path.cwd(), most=PHOTOS)[0]]
    with tempfile.TemporaryDirectory() as name:
        renders = [_render(Path(name), view) for view in range(VIEWS)]
        print(f"{len(photos)} photos of {folder}, {VIEWS} renders, {SIZE} px, one core")
        for image_format in ("jpg", "png"):
            for reuse in (True, False):
                rounds = [_measure(Path(name), photos, renders, image_format, reuse) for _ in range(ROUNDS)]
                _print(image_format, reuse, rounds)


def _render(folder: Path, view: int) -> Path:
    """Write a soft-edged, textured body as a straight RGBA PNG."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(view)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    angle = np.arctan2(y, x) + view * np.pi / 6
    radius = 0.36 + 0.05 * np.cos(5 * angle)
    alpha = np.clip((radius - np.hypot(x, y)) * SIZE / 3 + 0.5, 0, 1)
    color = (
        np.stack([np.sin(9 * angle), np.cos(14 * x), np.sin(11 * y)], -1) * 60 + 130 + rng.normal(0, 3, (SIZE, SIZE, 3))
    )
    pixels = np.dstack([np.clip(color, 0, 255) * (alpha[..., None] > 0), alpha * 255]).round().astype(np.uint8)
    path = folder / f"render-{view}.png"
    cv2.imwrite(str(path), pixels)
    return path


def _measure(folder: Path, photos: list[Path], renders: list[Path], image_format: str, reuse: bool) -> dict[str, float]:
    """Make every pair once and return the seconds of each step, all samples together, and their number."""
    from synthmat.atomic import write_bytes
    from synthmat.compositor.foreground import load_render, place
    from synthmat.compositor.photo_decoding import crop_square, load_photo
    from synthmat.compositor.sample import compose, encode
    from synthmat.records import SampleSettings

    settings = SampleSettings(SIZE, ("alpha", "image"), image_format, 95, 1, 8, SIZE)
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in renders}
    loaded = {path: load_render(path, digests[path]) for path in renders} if reuse else {}
    seconds: dict[str, float] = defaultdict(float)

    def timed(step, function, *arguments, **options):  # type: ignore[no-untyped-def]
        before = time.perf_counter()
        result = function(*arguments, **options)
        seconds[step] += time.perf_counter() - before
        return result

    for photo_path in photos:
        photo = timed("decode", load_photo, photo_path, SIZE, 100)
        for number, path in enumerate(renders):
            if not reuse and number:
                photo = timed("decode", load_photo, photo_path, SIZE, 100)
            render = loaded[path] if reuse else timed("decode", load_render, path, digests[path])
            placed = timed("resize", place, render, SIZE, 0.8, 0.5, 0.5, flip=False)
            sample = timed("blend", compose, placed, crop_square(photo, 0.5, 0.5, 1.0, SIZE), settings)
            files = timed("encode", encode, sample, settings)
            for kind, data in files.items():
                timed("write", write_bytes, folder / "out" / f"{kind}.bin", data)
                timed("write", hashlib.sha256, data)
            seconds["samples"] += 1
    return seconds


def _print(image_format: str, reuse: bool, rounds: list[dict[str, float]]) -> None:
    steps = ("decode", "resize", "blend", "encode", "write")
    rates = sorted(each["samples"] / sum(each[step] for step in steps) for each in rounds)
    best = min(rounds, key=lambda each: sum(each[step] for step in steps))
    total = sum(best[step] for step in steps)
    parts = ", ".join(f"{step} {1000 * best[step] / best['samples']:.1f} ms" for step in steps)
    kind = "a photo for 12 views" if reuse else "a photo decoded for each"
    share = (best["decode"] + best["encode"]) / total
    print(f"{image_format}, {kind}: {rates[-1]:.1f}/s ({rates[0]:.1f} to {rates[-1]:.1f}); {parts}; codecs {share:.0%}")


if __name__ == "__main__":
    main()
