"""How a network that was trained at one size is shown pictures of any other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.alpha import UInt8
from synthmat.images.trimap import FOREGROUND, UNKNOWN
from synthmat.train.data.resizing import by_area, resized
from synthmat.train.predict.predictor import MODES, Matte, Views, with_known
from synthmat.train.predict.refine import refined_upsample
from synthmat.train.predict.tiles import Window, blended

TILE = 768
"""Least edge of the windows that a network is shown, pixels."""


@dataclass(frozen=True)
class Trained:
    """A trained network, as far as prediction has to know it.

    Args:
        model: Its name among the networks.
        inputs: The views that it takes, in this order.
        size: Edge of its training's pictures, pixels.
        crops: Whether those were cut out of larger ones, not whole ones resized.
        takes_whole: Whether it is made for whole pictures larger than those of its training.
        parameters: How many it has.
    """

    model: str
    inputs: tuple[str, ...]
    size: int
    crops: bool
    takes_whole: bool
    parameters: int

    @property
    def mode(self) -> str:
        """What ``auto`` means; see `SizedPredictor`."""
        whole = self.takes_whole or (self.crops and "captured_bg" in self.inputs)
        return "whole" if whole else "tile" if self.crops else "resize"


class SizedPredictor(ABC):
    """A trained network on pictures of any size; what it runs on is the matter of subclasses.

    Args:
        name: What the user calls it.
        trained: What it is.
        mode: ``resize`` shows it the whole picture at the size it was trained at and brings alpha back by
            its colors; ``tile`` shows it overlapping windows of the full picture; ``whole`` all of it at once.
            ``auto`` takes ``whole`` for networks made for it, such as Background Matting V2 with its refiner. Of the
            others it takes ``resize`` for those trained on whole samples, which know objects of that size only; for
            those trained on crops, ``whole`` if they take a captured background and ``tile`` otherwise.
        size: Edge of the square that ``resize`` makes of the picture, as training does, or of the windows of ``tile``;
            None for the training's size, in ``tile`` at least 768. (Of objects on pictures twice as wide as high,
            networks of 64 pixels find more in the square, IoU 0.45, 0.37 and 0.48, than at the picture's aspect with
            the longer side at 64 pixels, 0.25, 0.27 and 0.50, or the shorter one, 0.34, 0.20 and 0.33;
            by mean absolute error two of the three do better with the longer side.)

    Raises:
        AssetError: There is no such mode.
    """

    def __init__(self, name: str, trained: Trained, mode: str = "auto", size: int | None = None) -> None:
        if mode not in MODES:
            raise AssetError(f"mode {mode!r}; there are {', '.join(MODES)}")
        self.name = name
        self.trained = trained
        self.inputs: tuple[str, ...] = tuple(kind for kind in trained.inputs if kind != "image")
        self.parameters = trained.parameters
        self.mode = trained.mode if mode == "auto" else mode
        self.size = size or (max(TILE, trained.size) if self.mode == "tile" else trained.size)
        self._overlap = self.size // 4
        self._one_at_a_time = Lock()
        self.how = {
            "resize": f"{trained.model} sees the picture at {self.size}x{self.size} pixels, as in training; alpha is"
            " brought back to the full size by local foreground and background colors",
            "tile": f"{trained.model} sees the full picture in windows of {self.size} pixels that overlap by "
            f"{self._overlap} and are blended",
            "whole": f"{trained.model} sees the full picture at once",
        }[self.mode]

    def __call__(self, views: Views) -> Matte:
        """See `synthmat.train.predict.predictor.Predictor`."""
        return self.many([views])[0]

    def many(self, several: Sequence[Views]) -> list[Matte]:
        """See `synthmat.train.predict.predictor.Predictor`; in ``tile`` they are shown one by one."""
        if self.mode == "resize":
            found = self._resized(several)
        elif self.mode == "tile":
            found = [self._tiled(views) for views in several]
        else:
            found = self._run(several)
        pairs = zip(found, several, strict=True)
        return [Matte(with_known(each.alpha, views.get("trimap")), each.foreground) for each, views in pairs]

    @abstractmethod
    def _run(self, several: Sequence[Views]) -> list[Matte]:
        """Return what the network makes of pictures of one size, as they are.

        Raises:
            ValueError: Its alpha holds values that are not numbers.
        """

    def _resized(self, several: Sequence[Views]) -> list[Matte]:
        found = self._run([resized(views, self.size, self.size) for views in several])
        return [self._enlarged(small, views["image"]) for small, views in zip(found, several, strict=True)]

    def _enlarged(self, small: Matte, image: UInt8) -> Matte:
        if small.alpha.shape == image.shape[:2]:
            return small
        if min(image.shape[:2]) < self.size:
            return Matte(by_area(small.alpha, image.shape[1], image.shape[0]))
        return Matte(refined_upsample(small.alpha, image))

    def _tiled(self, views: Views) -> Matte:
        trimap = views.get("trimap")

        def alpha_in(window: Window) -> NDArray[np.float32]:
            part = {kind: pixels[window.rows, window.columns] for kind, pixels in views.items()}
            certain = trimap is not None and not (part["trimap"] == UNKNOWN).any()
            found = (part["trimap"] == FOREGROUND).astype(np.float32) if certain else self._run([part])[0].alpha
            return np.expand_dims(found, 2)

        height, width = views["image"].shape[:2]
        return Matte(blended((height, width), self.size, self._overlap, alpha_in)[..., 0])


def as_planes(pixels: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return a view as a batch of one, ``(1, C, H, W)`` levels from 0 to 255: an unknown trimap is 127.5."""
    if kind != "trimap":
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    planes = pixels[None, None]
    return np.where(planes == UNKNOWN, np.float32(127.5), planes)


def check_numbers(alpha: NDArray[np.float32]) -> None:
    """Raise ValueError if an alpha holds values that are not numbers."""
    if not np.isfinite(alpha).all():
        raise ValueError("the network's alpha holds values that are not numbers: its training diverged")
