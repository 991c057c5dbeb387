"""A data set that needs neither Blender nor photos: soft discs over noise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from support.quick_pictures import draw_nothing

from synthmat.recipe import Recipe, parse_recipe
from synthmat.storage.output_folder import OutputFolder

VIEWS, PHOTOS = 4, 4


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower on two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def quick_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """See `draw_nothing`, for all tests but those that are ``drawn``."""
    if request.node.get_closest_marker("drawn") is None:
        draw_nothing(monkeypatch)


def _disc(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return an image (size, size, 3), 8 bit, and its alpha (size, size), 8 bit: a reddish disc over bluish noise."""
    x, y = rng.uniform(0.35, 0.65, 2) * size
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    distance = np.hypot(columns - x, rows - y)
    alpha = np.clip(rng.uniform(0.15, 0.3) * size + 0.5 - distance, 0, 1)[..., None]
    background = rng.uniform(0, 1, (size, size, 3)) * [1.0, 0.6, 0.4]
    foreground = rng.uniform(0.5, 1, (size, size, 3)) * [0.2, 0.4, 1.0]
    image = alpha * foreground + (1 - alpha) * background
    return (image * 255).round().astype(np.uint8), (alpha[..., 0] * 255).round().astype(np.uint8)


@pytest.fixture
def discs(tmp_path: Path) -> Callable[..., OutputFolder]:
    """Return a function that writes a data set with so many samples in each split."""

    def write(name: str = "out", *, size: int = 48, seed: int = 0, **counts: int) -> OutputFolder:
        output = OutputFolder(tmp_path / name)
        rng = np.random.default_rng(seed)
        number = 0
        for split, count in (counts or {"train": 12, "val": 4}).items():
            folder = output.dataset / split
            rows = []
            for _ in range(count):
                image, alpha = _disc(rng, size)
                names = {"image_file_name": f"images/{number:06d}.png", "alpha_file_name": f"alpha/{number:06d}.png"}
                for key, pixels in zip(names.values(), (image, alpha), strict=True):
                    (folder / key).parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(folder / key), pixels)
                view, photo = divmod(number % (VIEWS * PHOTOS), PHOTOS)
                made_of = {"object": "disc", "view": f"{view:04d}", "background": f"photo_{photo}.jpg"}
                rows.append({"id": f"{number:06d}", **names, **made_of})
                number += 1
            (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return output

    return write


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """Return a function that makes the recipe of a training that takes a fraction of a second."""

    def make(*overrides: str) -> Recipe:
        small = ["width=4", "size=32", "batch_size=6", "epochs=4"]
        return parse_recipe(
            "name: discs\nseed: 3\nobjects: [{builtin: suzanne}]",
            overrides=[f"train.{setting}" for setting in small] + list(overrides),
        )

    return make
