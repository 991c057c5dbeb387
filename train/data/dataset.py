"""The data set on disk: its samples, and their pixels."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import OutputError
from synthmat.render_job import content_key
from synthmat.rows.kinds import INPUTS, PAIR
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import StoredSample, stored_sample
from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data.image_cache import MAX_BYTES, image_cache
from synthmat.train.data.resizing import Pictures, resized

_MOST_PIXELS = 178_956_970
_GRAY = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH


Sample = StoredSample
"""What a training reads: a sample with an image and a matte."""

_NEEDED = ("object", "view", "background", "image_file_name", "alpha_file_name")


def read_samples(output: OutputFolder, split: str) -> list[Sample]:
    """Return the samples of a split, sorted by id; none if the data set has no such split.

    Raises:
        OutputError: A row of its ``metadata.jsonl`` lacks a column, or names a file outside of the data set.
    """
    path = output.metadata(split)
    samples = []
    for row in read_rows(path, SampleRow):
        for column in _NEEDED:
            if not row.get(column):
                raise OutputError(
                    f"{path}: a row without '{column}'; run `synthmat composite` again, or add the column"
                )
        samples.append(stored_sample(row, path.parent, split))
    return sorted(samples, key=lambda sample: sample.id)


def common_kinds(samples: Sequence[Sample]) -> frozenset[str]:
    """Return the kinds of pictures that all of the samples have."""
    sets = [sample.files.keys() & {*PAIR, *INPUTS} for sample in samples]
    return frozenset(set.intersection(*sets)) if sets else frozenset()


def samples_key(samples: Sequence[Sample], kinds: Collection[str] = ()) -> str:
    """Return a hash of the samples' ids and of the bytes of their files, wherever the data set lies.

    Args:
        samples: Any number of them.
        kinds: What is read of them besides image and alpha, as far as they have it.
    """
    read = [*PAIR, *(kind for kind in INPUTS if kind in kinds)]
    return content_key(
        [(sample.id, *(_digest(sample.files[kind]) for kind in read if kind in sample.files)) for sample in samples]
    )


class DatasetSource:
    """Samples of a data set on disk; a `synthmat.sample_source.SampleSource`.

    Args:
        samples: What to give, in this order.
        kinds: What to read besides image and alpha; kinds that a sample does not have are left out.
        size: Give everything at ``(size, size)``; None for the size on disk.
        name: What it is called.
        max_bytes: Pictures are kept in memory after the first reading as long as they fit.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        kinds: Collection[str] = (),
        size: int | None = None,
        *,
        name: str = "dataset",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.name = name
        self.samples = list(samples)
        self._kinds = (*PAIR, *(kind for kind in INPUTS if kind in kinds))
        self._size = size
        self._cache = image_cache(max_bytes)
        self.digest = samples_key(self.samples, kinds)

    def __len__(self) -> int:
        return len(self.samples)

    def label(self, index: int) -> str:
        """Return id, object and background of a sample."""
        return self.samples[index].label

    def pictures(self, index: int, epoch: int) -> Pictures:  # noqa: ARG002  # a data set is the same in every epoch
        """Return the pictures of a sample; none of them may be written to.

        Raises:
            OutputError: A file is missing or broken, or they differ in size.
        """
        return self._cache.get(index, lambda: self._read(self.samples[index]))

    def _read(self, sample: Sample) -> Pictures:
        found: Pictures = {kind: _read(sample.files[kind], kind) for kind in self._kinds if kind in sample.files}
        height, width = found["alpha"].shape
        for kind, pixels in found.items():
            if pixels.shape[:2] != (height, width):
                raise OutputError(
                    f"{sample.files['alpha']}: {width}x{height}, but {sample.files[kind].name} is "
                    f"{pixels.shape[1]}x{pixels.shape[0]}; run `synthmat composite` again"
                )
        return found if self._size is None else resized(found, self._size, self._size)


def _digest(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}; run `synthmat composite` again") from None


def _refuse_bomb(path: Path, head: bytes) -> None:
    """Raise OutputError for a PNG that announces more pixels than any sample has, and would fill the memory."""
    if head.startswith(b"\x89PNG") and len(head) == 24:
        width, height = struct.unpack(">II", head[16:])
        if width * height > _MOST_PIXELS:
            raise OutputError(f"{path}: {width * height / 1e6:.4g} megapixels, which is no sample of ours; delete it")


def _read(path: Path, kind: str) -> NDArray[Any]:
    """Return a picture of a kind, colors red first, alpha in 16 bits."""
    color = kind not in ("alpha", "trimap")
    flags = (cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if color else _GRAY
    pixels: NDArray[Any] | None = None
    if path.is_file():
        data = np.fromfile(path, np.uint8)
        _refuse_bomb(path, data[:24].tobytes())
        pixels = cv2.imdecode(data, flags) if data.size else None
    if pixels is None:
        raise OutputError(f"{path}: missing or not a readable picture; run `synthmat composite` again")
    if color:
        return np.ascontiguousarray(pixels[..., ::-1])
    if kind == "alpha" and pixels.dtype != np.uint16:
        return pixels.astype(np.uint16) * 257
    return pixels
