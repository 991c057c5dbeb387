"""Photographs as a network sees them while its statistics are taken from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synthmat.errors import AssetError
from synthmat.images.photo_file import read_photo
from synthmat.random_streams import stream
from synthmat.train.adapt.photos import Unlabelled
from synthmat.train.data.layout_source import read_trimap
from synthmat.train.data.prefetch import even_chunks
from synthmat.train.data.resizing import by_area, resized

_LARGEST_CROP = 2.0

Views = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class View:
    """What a network is shown: ``size`` pixels of whole pictures, or of squares out of them; ``kinds`` its inputs."""

    size: int
    crop: bool
    kinds: tuple[str, ...]


class Pictures:
    """Batches of photographs, the same for the same photographs.

    Each pass goes through all of them in an order of its own, every second one mirrored. Whole pictures are kept in
    memory at the network's size; of those trained on crops each pass cuts other squares, one to two times ``size``
    wide, as in training.

    Args:
        view: What the network is shown.
        photos: What it is shown of; those that cannot be read are passed over, and stand in ``unreadable``.
    """

    def __init__(self, view: View, photos: Sequence[Unlabelled]) -> None:
        self._view = view
        self.unreadable: dict[str, str] = {}
        self._kept: dict[str, Views] = {}
        # In an order that does not depend on their names and places.
        self.photos = sorted((each for each in photos if self._is_readable(each)), key=lambda each: each.sha256)

    def batches(self, passes: int, batch_size: int, device: torch.device) -> Iterator[list[Tensor]]:
        """Yield the network's inputs, float32 in [0, 1], ``(B, C, S, S)``, of up to ``batch_size`` photographs."""
        for number in range(passes):
            order = stream(0, "adapt", "order", number).permutation(len(self.photos))
            for part in even_chunks([self.photos[place] for place in order], batch_size):
                shown = [self._shown(photo, number) for photo in part]
                yield [_tensor([views[kind] for views in shown]).to(device) for kind in self._view.kinds]

    def _is_readable(self, photo: Unlabelled) -> bool:
        try:
            views = _read(photo, self._view.kinds)
        except AssetError as error:
            self.unreadable[photo.name] = str(error)
            return False
        if not self._view.crop:
            self._kept[photo.name] = resized(views, self._view.size, self._view.size)
        return True

    def _shown(self, photo: Unlabelled, number: int) -> Views:
        if self._view.crop:
            rng = stream(0, "adapt", "crop", photo.sha256, number)
            views = _square(_read(photo, self._view.kinds), self._view.size, rng)
        else:
            views = self._kept[photo.name]
        return {kind: pixels[:, ::-1] for kind, pixels in views.items()} if number % 2 else views


def _read(photo: Unlabelled, kinds: Sequence[str]) -> Views:
    """Return what a network is shown of a photograph, at the photograph's size."""
    views: dict[str, NDArray[Any]] = {"image": read_photo(photo.path).pixels}
    height, width = views["image"].shape[:2]
    for kind in kinds:
        if kind == "trimap":
            views[kind] = read_trimap(photo.partners[kind], (height, width))
        elif kind != "image":
            views[kind] = by_area(read_photo(photo.partners[kind]).pixels, width, height)
        if views[kind].shape[:2] != (height, width):
            raise AssetError(f"{photo.partners[kind]}: not of the size of {photo.path}, {width}x{height}")
    return {kind: views[kind] for kind in kinds}


def _square(views: Views, size: int, rng: np.random.Generator) -> Views:
    height, width = views["image"].shape[:2]
    side = min(round(size * rng.uniform(1, _LARGEST_CROP)), height, width)
    top, left = (int(rng.integers(edge - side + 1)) for edge in (height, width))
    cut = {kind: pixels[top : top + side, left : left + side] for kind, pixels in views.items()}
    return resized(cut, size, size)


def _tensor(pictures: Sequence[NDArray[Any]]) -> Tensor:
    """Return uint8 pictures (H, W, 3) or (H, W) as one tensor in [0, 1]; 128 in a trimap counts as a half."""
    stacked = np.stack(pictures)
    if stacked.ndim == 3:
        planes = np.where(stacked == 128, np.float32(127.5), stacked)[:, None]
    else:
        planes = stacked.transpose(0, 3, 1, 2)
    return (
        torch.from_numpy(np.ascontiguousarray(planes)).float().div_(255).contiguous(memory_format=torch.channels_last)
    )
