"""Any data set that we read as a `torch.utils.data.Dataset`, for other people's training loops."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from synthmat.errors import AssetError
from synthmat.layouts import read_layout
from synthmat.layouts.mask_check import check_mattes
from synthmat.photos import Photo, list_photos
from synthmat.printable_names import expand_home
from synthmat.train.data.layout_source import LayoutSource, usable

_KINDS = ("fg", "bg", "captured_bg", "trimap")


class MattingDataset(Dataset[Any]):
    """The samples of a data set of ours, or in any layout of `synthmat.layouts`, as tensors.

    An element is a dictionary: ``id``, a text; ``image`` and, of ``kinds``, ``fg``, ``bg`` and ``captured_bg``, float32
    ``(3, H, W)`` in 0..1, RGB in sRGB; ``alpha`` and ``trimap``, float32 ``(1, H, W)`` in 0..1, of the trimap 0, 0.5
    and 1. Cut-outs without a picture are put on photos, on others after each `set_epoch`. Pictures are read when they
    are asked for, also in the workers of a ``DataLoader``.

    Args:
        folder: The data set, or an output folder with one.
        layout: Its layout, or ``auto``.
        split: Only these samples; all if absent.
        kinds: What to give besides image and alpha: ``fg``, ``bg``, ``captured_bg``, ``trimap``.
        size: Shrink or enlarge everything to ``(size, size)``; as on disk if absent, where samples may differ in size.
        transform: Called with each dictionary; what it returns is the element.
        backgrounds: Photos for cut-outs, as in ``composite.backgrounds``; relative paths start at the working folder.
        seed: Of the draws of photos.

    Raises:
        AssetError: The folder is not there, in no known layout, has no such split, or some samples lack one of
            ``kinds``.
        ValueError: There is no such layout or kind.

    Example:
        >>> import synthmat
        >>> dataset = synthmat.MattingDataset("output/toys", split="train", kinds=["fg"], size=64)
        >>> len(dataset), sorted(dataset[0])
        (3, ['alpha', 'fg', 'id', 'image'])
        >>> dataset[0]["image"].shape, dataset[0]["alpha"].shape
        (torch.Size([3, 64, 64]), torch.Size([1, 64, 64]))
        >>> from torch.utils.data import DataLoader
        >>> next(iter(DataLoader(dataset, batch_size=2)))["alpha"].shape
        torch.Size([2, 1, 64, 64])
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        layout: str = "auto",
        split: str | None = None,
        kinds: Collection[str] = (),
        size: int | None = None,
        transform: Callable[[dict[str, Any]], Any] | None = None,
        backgrounds: str = "builtin",
        seed: int = 0,
    ) -> None:
        unknown = sorted(set(kinds) - set(_KINDS))
        if unknown:
            raise ValueError(f"no kind {', '.join(unknown)}; there are {', '.join(_KINDS)}")
        root = Path(expand_home(folder)).absolute()
        items = read_layout(root, layout)
        splits = sorted({item.split for item in items} - {""})
        self.items = usable([item for item in items if split in (None, item.split)])
        if not self.items:
            raise AssetError(f"{root}: no samples of split {split}; it has {', '.join(splits) or 'no splits'}")
        check_mattes(self.items, in_recipe=False)
        for kind in kinds:
            lacking = [item.id for item in self.items if item.image is not None and getattr(item, kind) is None]
            if lacking:
                raise AssetError(f"{root}: {len(lacking)} samples have no {kind}, such as {lacking[0]}")
        photos: list[Photo] = []
        if any(item.image is None for item in self.items):
            photos, _ = list_photos(backgrounds, Path.cwd(), place="backgrounds")
        self.kinds = tuple(kinds)
        self.transform = transform
        self._epoch = 0
        self._made_by: dict[str, Any] = {"name": root.name, "size": size, "seed": seed, "photos": photos}
        self._source: LayoutSource | None = None

    def set_epoch(self, epoch: int) -> None:
        """Draw other photos behind cut-outs; of everything else each epoch is the same."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        """Return a sample; see the class.

        Raises:
            AssetError: A file is missing or broken, or the sample's files differ in size.
        """
        if not -len(self.items) <= index < len(self.items):
            raise IndexError(f"sample {index} of {len(self.items)}")
        index %= len(self.items)
        pictures = self._opened().pictures(index, self._epoch)
        wanted = ("image", "alpha", *self.kinds)
        sample: dict[str, Any] = {"id": self.items[index].id}
        sample |= {kind: _tensor(kind, pictures[kind]) for kind in wanted if kind in pictures}
        return sample if self.transform is None else self.transform(sample)

    def _opened(self) -> LayoutSource:
        if self._source is None:
            self._source = LayoutSource(self.items, self.kinds, max_bytes=0, hashed=False, **self._made_by)
        return self._source

    def __getstate__(self) -> dict[str, Any]:
        # The source holds locks; each worker opens its own.
        return self.__dict__ | {"_source": None}


def _tensor(kind: str, pixels: NDArray[Any]) -> Tensor:
    """Return levels as float32 in 0..1, channels first; what is neither 0 nor 255 in a trimap is 0.5."""
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    values = planes.astype(np.float32) / np.float32(65535 if pixels.dtype == np.uint16 else 255)
    if kind == "trimap":
        values[(values > 0) & (values < 1)] = 0.5
    return torch.from_numpy(values)
