"""The data set on disk as samples, and their pixels at the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.atomic import sha256_file
from synthmat.errors import OutputError
from synthmat.layout import Layout
from synthmat.manifest import Row, read_rows
from synthmat.records import content_key

_MOST_BYTES = 2 * 2**30
_BYTES_PER_PIXEL = 5


@dataclass(frozen=True)
class Sample:
    """One pair of files and what it was made of; ``split`` is the folder it lies in.

    ``identity`` is what the object is a variant of, the object's own name where it is none.
    """

    id: str
    split: str
    object: str
    view: str
    background: str
    image: Path
    alpha: Path
    identity: str = ""

    def __post_init__(self) -> None:
        if not self.identity:
            object.__setattr__(self, "identity", self.object)


def read_samples(layout: Layout, split: str) -> list[Sample]:
    """Return the samples of a split, sorted by id; none if the data set has no such split.

    Raises:
        OutputError: A row of its ``metadata.jsonl`` lacks a column.
    """
    path = layout.metadata(split)
    samples = []
    for row in read_rows(path):
        try:
            samples.append(_sample(row, split, path.parent))
        except KeyError as error:
            raise OutputError(
                f"{path}: a row without {error}; run `synthmat composite` again, or add the column"
            ) from None
    return sorted(samples, key=lambda sample: sample.id)


def samples_key(samples: Sequence[Sample]) -> str:
    """Return a hash of the samples' ids and of the bytes of their files, wherever the data set lies."""
    return content_key([(sample.id, _digest(sample.image), _digest(sample.alpha)) for sample in samples])


class SampleStore:
    """The pixels of some samples at ``size``; kept in memory after the first reading if all of them fit.

    Shrinking averages over areas, so that a fractional alpha stays one; alpha is kept in 16 bits for the same reason.
    Reading the same or different samples from several threads is safe.
    """

    def __init__(self, samples: Sequence[Sample], size: int, most_bytes: int = _MOST_BYTES) -> None:
        self.samples = list(samples)
        self.size = size
        count = len(self.samples)
        self._kept = count * size * size * _BYTES_PER_PIXEL <= most_bytes
        shape = (count if self._kept else 0, size, size)
        self._images: NDArray[np.uint8] = np.empty((*shape, 3), np.uint8)
        self._alphas: NDArray[np.uint16] = np.empty(shape, np.uint16)
        self._filled: NDArray[np.bool_] = np.zeros(count, np.bool_)

    def __len__(self) -> int:
        return len(self.samples)

    def pair(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Return the image (S, S, 3), sRGB, and the alpha (S, S), 0 to 65535; neither may be written to.

        Raises:
            OutputError: A file is missing or broken, or image and alpha differ in size.
        """
        if self._filled[index]:
            return self._images[index], self._alphas[index]
        image, alpha = read_pair(self.samples[index], self.size)
        if self._kept:
            self._images[index], self._alphas[index] = image, alpha
            self._filled[index] = True
        return image, alpha


def read_pair(sample: Sample, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Read image (size, size, 3), sRGB, 8 bit, and alpha (size, size), 16 bit, of a sample; see `SampleStore.pair`."""
    image = _read(sample.image, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    alpha = _read(sample.alpha, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    if image.shape[:2] != alpha.shape:
        raise OutputError(
            f"{sample.alpha}: {alpha.shape[1]}x{alpha.shape[0]}, but {sample.image.name} is "
            f"{image.shape[1]}x{image.shape[0]}; run `synthmat composite` again"
        )
    wide = alpha if alpha.dtype == np.uint16 else alpha.astype(np.uint16) * 257
    return _resized(image, size)[..., ::-1], _resized(wide, size)


def _sample(row: Row, split: str, folder: Path) -> Sample:
    names = {column: str(row[column]) for column in ("id", "object", "view", "background")}
    names["identity"] = str(row.get("identity", ""))
    return Sample(split=split, image=folder / row["image_file_name"], alpha=folder / row["alpha_file_name"], **names)


def _digest(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}; run `synthmat composite` again") from None


def _read(path: Path, flags: int) -> NDArray[Any]:
    pixels: NDArray[Any] | None = None
    if path.is_file():
        pixels = cv2.imdecode(np.fromfile(path, np.uint8), flags) if path.stat().st_size else None
    if pixels is None:
        raise OutputError(f"{path}: missing or not a readable picture; run `synthmat composite` again")
    return pixels


def _resized(pixels: NDArray[Any], size: int) -> NDArray[Any]:
    if pixels.shape[:2] == (size, size):
        return pixels
    shrinks = min(pixels.shape[:2]) >= size
    return cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
