"""The images that went worst, as pictures: image, truth, predictions and where they err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.images.alpha import Float, UInt8
from synthmat.report.contact_sheet import grid

_CELL = 230


@dataclass
class Worst:
    """Keeps the ``max_images`` images with the highest scores seen so far, each as one picture."""

    max_images: int
    kept: list[tuple[float, str, Image.Image]] = field(default_factory=list)

    def offer(self, score: float, name: str, draw: Callable[[], Image.Image]) -> None:
        """Keep an image if it is among the worst; only then it is drawn."""
        if not np.isfinite(score) or (len(self.kept) == self.max_images and score <= self.kept[-1][0]):
            return
        self.kept.append((score, name, draw()))
        self.kept.sort(key=lambda entry: -entry[0])
        del self.kept[self.max_images :]


def draw_case(
    image: UInt8, alpha: NDArray[Any], predictions: Mapping[str, Float], title: str, note: str
) -> Image.Image:
    """Return one picture of an image above its true alpha, and of each prediction above its error.

    Args:
        image: uint8 ``(H, W, 3)``.
        alpha: uint16 ``(H, W)``.
        predictions: float32 ``(H, W)`` by name.
        title: Heading.
        note: Words below it.
    """
    truth = alpha.astype(np.float32) / np.float32(65535)
    above, below = [_small(image)], [_small(np.rint(truth * 255).astype(np.uint8))]
    for prediction in predictions.values():
        above.append(_small(np.rint(prediction * 255).astype(np.uint8)))
        error = _fitted(np.abs(prediction - truth))
        below.append(Image.fromarray(cv2.applyColorMap(_levels(error), cv2.COLORMAP_INFERNO)[..., ::-1]))
    rows = ["image, predictions", "truth, |errors|"]
    return grid([above, below], rows, ["image", *predictions], (_CELL, _CELL), title=title, note=note)


def _small(pixels: UInt8) -> Image.Image:
    return Image.fromarray(_fitted(pixels))


def _fitted(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return pixels scaled to fit the cell; small ones are enlarged with their pixels kept square."""
    factor = _CELL / max(pixels.shape[:2])
    size = max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(pixels, size, interpolation=method))


def _levels(values: Float) -> UInt8:
    return np.asarray(np.rint(values.clip(0, 1) * 255), np.uint8)
