"""Samples a second on one core, where the time goes, and the same job done by ImageMagick's command line.

    python bench/composite.py [PHOTO_FOLDER]

The job of the 2018 experiment: a 512 px render, scaled to 0.8 of the frame, over the middle of a photo, 512 px; written
are the image and its alpha. Then, each pair took two calls of `convert`. Times are of the processor, so that other
work on the machine does not count. Three ways: every photo serves twelve views
(as then), every photo serves one, and JPEG images with PNG alpha (twelve views). ImageMagick gets one thread and
writes PNG as it does by default; ours is level 1. The photos are those that come with scikit-image and scikit-learn
unless a folder is given. Needs `convert` or `magick` for the comparison.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

SIZE, VIEWS, PHOTOS, ROUNDS, SCALE = 512, 12, 8, 5, 0.8
STEPS = ("decode", "resize", "blend", "encode", "write")


def main() -> None:
    """Measure and print pairs a second, the share of each step, and how many times faster than the command line."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    from synthmat.compositor.imaging.wand_setup import worker_environment

    os.environ.update(worker_environment())
    import cv2

    from synthmat.photos import list_photos

    cv2.setNumThreads(1)
    source = sys.argv[1] if len(sys.argv) > 1 else "builtin"
    photos = [Path(photo.path) for photo in list_photos(source, Path.cwd(), most=PHOTOS)[0]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        renders = [_render(folder, view) for view in range(VIEWS)]
        print(f"{len(photos)} photos of {source}, {VIEWS} renders, {SIZE} px, one core, {ROUNDS} rounds")
        for kind, views in (("png", VIEWS), ("png", 1), ("jpg", VIEWS)):
            pairs = [
                (photo, render)
                for index, photo in enumerate(photos)
                for render in (renders if views > 1 else renders[index % VIEWS :][:1])
            ]
            rounds = [_ours(folder, pairs, kind) for _ in range(ROUNDS)]
            _print(kind, views, rounds, _command_line(folder, pairs[:: max(1, len(pairs) // 12)], kind))


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


def _ours(folder: Path, pairs: list[tuple[Path, Path]], kind: str) -> dict[str, float]:
    """Make every pair once, as a worker does, and return the seconds of each step."""
    from synthmat.compositor.imaging.backdrop import frame_photo
    from synthmat.compositor.imaging.foreground_image import load_foreground
    from synthmat.compositor.imaging.photo_decoding import load_photo
    from synthmat.compositor.imaging.placement import place
    from synthmat.compositor.imaging.sample import blend_layer, encode
    from synthmat.sample_job import Backdrop, Foreground, Layer, SampleSettings
    from synthmat.storage.atomic import write_bytes

    settings = SampleSettings(SIZE, ("alpha", "image"), kind, 95, 1, 8, SIZE)
    backdrop = Backdrop("", "", "")
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for pair in pairs for path in pair}
    seconds: dict[str, float] = defaultdict(float)

    def timed(step: str, function: Any, *arguments: Any, **options: Any) -> Any:
        before = time.process_time()
        result = function(*arguments, **options)
        seconds[step] += time.process_time() - before
        return result

    photo, last, cuts = None, None, {}
    for photo_path, path in pairs:
        if photo_path != last:
            photo = timed("decode", load_photo, photo_path, SIZE, 100, sha256=digests[photo_path])
            last = photo_path
        foreground = Foreground("a", "a", path.stem, str(path), digests[path])
        if path not in cuts:
            cuts[path] = timed("decode", load_foreground, foreground, SIZE, folder)
        placed = timed("resize", place, cuts[path], Layer(foreground, SCALE, 0.5, 0.5), SIZE)
        below = timed("resize", frame_photo, photo, backdrop, SIZE)
        blended = timed("blend", blend_layer, placed, below, settings)
        for which, pixels in (("alpha", blended.alpha), ("image", blended.image)):
            data = timed("encode", encode, which, pixels, settings)
            timed("write", write_bytes, folder / "out" / f"{which}.bin", data)
            timed("write", hashlib.sha256, data)
    return {step: value / len(pairs) for step, value in seconds.items()}


def _command_line(folder: Path, pairs: list[tuple[Path, Path]], kind: str) -> float | None:
    """Return the seconds a pair of two calls of ImageMagick's command line; None where it is not installed."""
    magick = shutil.which("magick") or shutil.which("convert", path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if magick is None:
        return None
    environment = {name: value for name, value in os.environ.items() if name != "MAGICK_CONFIGURE_PATH"}
    environment |= {"MAGICK_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
    edge = round(SIZE * SCALE)
    quality = ["-quality", "95", "-sampling-factor", "4:4:4"] if kind == "jpg" else []
    started = os.times()
    for photo, render in pairs:
        layer = [str(render), "-trim", "+repage", "-resize", f"{edge}x{edge}"]
        photo_part = [str(photo), "-resize", f"{SIZE}x{SIZE}^", "-gravity", "center", "-extent", f"{SIZE}x{SIZE}"]
        image = [magick, *photo_part, "(", *layer, ")", "-gravity", "center", "-composite", *quality,
                 str(folder / f"image.{kind}")]  # fmt: skip
        alpha = [magick, *layer, "-background", "none", "-gravity", "center", "-extent", f"{SIZE}x{SIZE}",
                 "-alpha", "extract", str(folder / "alpha.png")]  # fmt: skip
        for command in (image, alpha):
            subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    ended = os.times()
    spent = ended.children_user + ended.children_system - started.children_user - started.children_system
    return spent / len(pairs)


def _print(kind: str, views: int, rounds: list[dict[str, float]], theirs: float | None) -> None:
    totals = sorted(sum(each.values()) for each in rounds)
    middle = sorted(rounds, key=lambda each: sum(each.values()))[len(rounds) // 2]
    total = sum(middle.values())
    parts = ", ".join(f"{step} {1000 * middle[step]:.1f} ms" for step in STEPS)
    rest = 1 - (middle["decode"] + middle["encode"]) / total
    photo = f"a photo for {views} views" if views > 1 else "a photo for one view"
    print(
        f"{kind}, {photo}: {1 / total:.0f} pairs/s ({1 / totals[-1]:.0f} to {1 / totals[0]:.0f}); {parts}; "
        f"all but decoding and encoding {rest:.0%}"
    )
    if theirs:
        print(f"    ImageMagick's command line: {1 / theirs:.1f} pairs/s; ours is {theirs / total:.1f} times as fast")


if __name__ == "__main__":
    main()
