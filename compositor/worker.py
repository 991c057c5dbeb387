"""What a compositing worker does: all samples of one photo, each written with its row the moment it is finished."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synthmat.alpha import UInt8
from synthmat.atomic import write_bytes
from synthmat.compositor.foreground import RenderCache, place
from synthmat.compositor.photo_decoding import crop_square, load_photo
from synthmat.compositor.sample import compose, encode, file_names
from synthmat.errors import AssetError, OutputError
from synthmat.manifest import Row, append_row
from synthmat.records import SampleJob, SampleSettings

_renders = RenderCache(most_bytes=128 * 2**20)


@dataclass(frozen=True)
class Batch:
    """Samples on one photo, sorted by object and view; rows go to a file of ``parts`` that begins with ``label``."""

    jobs: tuple[SampleJob, ...]
    settings: SampleSettings
    max_photo_megapixels: float
    dataset: str
    parts: str
    label: str


@dataclass
class BatchResult:
    """The ids that were made, and a row for each sample that could not be."""

    made: list[str] = field(default_factory=list)
    failures: list[Row] = field(default_factory=list)


def make_batch(batch: Batch) -> BatchResult:
    """Make the samples of a batch; one that fails does not stop the others.

    Raises:
        OutputError: The output folder cannot be written to.
    """
    cv2.setNumThreads(1)
    result = BatchResult()
    try:
        photo = load_photo(Path(batch.jobs[0].background), batch.settings.photo_size, batch.max_photo_megapixels)
    except AssetError as error:
        result.failures = [failure_row(job, "AssetError", str(error)) for job in batch.jobs]
        return result
    part = Path(batch.parts) / f"{batch.label}-{os.getpid()}.jsonl"
    for job in batch.jobs:
        try:
            append_row(part, make_sample(job, batch.settings, photo, Path(batch.dataset)))
            result.made.append(job.id)
        except AssetError as error:
            result.failures.append(failure_row(job, "AssetError", str(error)))
        except OSError as error:
            raise OutputError(f"{batch.dataset}: cannot write there: {error}") from None
    return result


def make_sample(job: SampleJob, settings: SampleSettings, photo: UInt8, dataset: Path) -> Row:
    """Write the files of one sample and return its row.

    Args:
        job: The sample.
        settings: How it is written.
        photo: uint8 ``(H, W, 3)``, shorter side ``settings.photo_size``.
        dataset: The data set's folder.

    Raises:
        AssetError: The render cannot be used, or no part of the object shows in the sample.
    """
    started = time.perf_counter()
    render = _renders.load(job.foreground, job.foreground_sha256)
    placed = place(render, settings.size, job.scale, job.x, job.y, flip=job.flip)
    if placed is not None:
        sample = compose(placed, _background(photo, job, settings.size), settings)
    if placed is None or not sample.alpha.any():
        raise AssetError(
            f"the matte is empty: {job.object} lies outside of the sample at x {job.x:.2f}, y {job.y:.2f}, scale "
            f"{job.scale:.2f}; narrow composite.placement"
        )
    names = file_names(job.id, settings)
    digests = {}
    for kind, data in encode(sample, settings).items():
        write_bytes(dataset / job.split / names[kind], data)
        digests[f"{kind}_sha256"] = hashlib.sha256(data).hexdigest()
    row: dict[str, Any] = {f"{kind}_file_name": name for kind, name in names.items()}
    row |= {name: getattr(job, name) for name in ("id", "split", "object", "view", "scale", "x", "y", "flip")}
    row |= {"background": job.background_name, "crop_x": job.crop_x, "crop_y": job.crop_y, "size": settings.size}
    row |= {"photo_zoom": job.photo_zoom, "photo_flip": job.photo_flip, "photo_blur": job.photo_blur}
    row |= {"zoom": round(placed.zoom, 6), "blend": "srgb", "exact": settings.image_format == "png"}
    row |= digests | {"key": job.key(settings), "seconds": round(time.perf_counter() - started, 4)}
    return row


def _background(photo: UInt8, job: SampleJob, size: int) -> UInt8:
    square = crop_square(photo, job.crop_x, job.crop_y, job.photo_zoom, size)
    if job.photo_blur > 0:
        square = np.asarray(cv2.GaussianBlur(square, (0, 0), job.photo_blur * size), np.uint8)
    return np.ascontiguousarray(square[:, ::-1]) if job.photo_flip else square


def failure_row(job: SampleJob, kind: str, error: str, attempts: int = 1) -> Row:
    """Return the row of a sample that could not be made."""
    about = {"sample": job.id, "split": job.split, "object": job.object, "view": job.view}
    return about | {"background": job.background_name, "kind": kind, "error": error, "attempts": attempts}
