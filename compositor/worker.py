"""What a compositing worker does: all samples of one photo, each written with its row the moment it is finished."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import cv2

from synthmat.byte_cache import LRUCache
from synthmat.compositor.imaging.compose import compose, measure_harmonization
from synthmat.compositor.imaging.foreground_image import KEPT, ForegroundImageCache
from synthmat.compositor.imaging.harmonization import Harmonization
from synthmat.compositor.imaging.photo_decoding import load_photo
from synthmat.compositor.imaging.recolor import LoadTexture
from synthmat.compositor.imaging.sample import encode, file_names
from synthmat.compositor.realism.contact_shadow import load_shadow
from synthmat.errors import AssetError, ChangedFileError, OutputError
from synthmat.images.alpha import Float, UInt8
from synthmat.rows.kinds import Kind
from synthmat.rows.row_types import FailureRow, SampleRow
from synthmat.rows.samples import file_columns
from synthmat.sample_job import Backdrop, Foreground, Layer, SampleJob, SampleSettings
from synthmat.storage.atomic import process_name, write_bytes
from synthmat.storage.manifest import append_row

_foregrounds = ForegroundImageCache(max_bytes=192 * 2**20)
_textures: LRUCache[str, UInt8] = LRUCache(64 * 2**20, lambda photo: photo.nbytes)
_shadows: LRUCache[Foreground, Float] = LRUCache(64 * 2**20, lambda shadow: shadow.nbytes)

Harmonizations = dict[SampleJob, Harmonization | None]
"""What was measured in the first frame of a clip, by that frame's job."""


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
    """The ids that were made, a row for each sample that could not be, and files that are not what was planned."""

    made: list[str] = field(default_factory=list)
    failures: list[FailureRow] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def fail(self, job: SampleJob, error: AssetError) -> None:
        """Note that a sample could not be made."""
        self.failures.append(failure_row(job, "AssetError", str(error)))
        if isinstance(error, ChangedFileError):
            self.changed.add(error.file)


def make_batch(batch: Batch) -> BatchResult:
    """Make the samples of a batch; one that fails does not stop the others.

    Raises:
        OutputError: The output folder cannot be written to.
    """
    cv2.setNumThreads(1)
    result = BatchResult()
    try:
        backdrop = batch.jobs[0].backdrop
        photo = load_photo(
            Path(backdrop.path), batch.settings.photo_size, batch.max_photo_megapixels, sha256=backdrop.sha256
        )
    except AssetError as error:
        for job in batch.jobs:
            result.fail(job, error)
        return result
    part = Path(batch.parts) / f"{batch.label}-{process_name()}.jsonl"
    harmonizations: Harmonizations = {}
    for job in batch.jobs:
        try:
            load_texture = partial(_load_texture, size=batch.settings.photo_size, most=batch.max_photo_megapixels)
            row = make_sample(
                job,
                batch.settings,
                photo,
                load_texture,
                Path(batch.dataset),
                harmonizations,
                batch.max_photo_megapixels,
            )
            append_row(part, row)
            result.made.append(job.id)
        except AssetError as error:
            result.fail(job, error)
        except OSError as error:
            raise OutputError(cannot_write(Path(batch.dataset), error)) from None
    return result


def cannot_write(folder: Path, error: OSError) -> str:
    """Return what to tell a user whose disk is full or whose folder is gone."""
    reason = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return f"{folder}: cannot write there: {reason}; what is finished is kept, the same command goes on from here"


def make_sample(
    job: SampleJob,
    settings: SampleSettings,
    photo: UInt8,
    load_texture: LoadTexture,
    dataset: Path,
    harmonizations: Harmonizations | None = None,
    max_megapixels: float = math.inf,
) -> SampleRow:
    """Write the files of one sample and return its row.

    Args:
        job: The sample.
        settings: How it is written.
        photo: uint8 ``(H, W, 3)``, shorter side ``settings.photo_size``.
        load_texture: Gives other photos of that size, which lend foregrounds their colors.
        dataset: The data set's folder.
        harmonizations: What was measured for the clips of this photo; filled here.
        max_megapixels: Larger foregrounds are refused.

    Raises:
        AssetError: A foreground cannot be used, or no part of the object shows in the sample.
    """
    started = time.perf_counter()
    load_foreground = partial(_foregrounds.load, size=settings.size, kept=dataset / KEPT, max_megapixels=max_megapixels)
    harmonization = None
    if job.reference is not None:
        harmonizations = {} if harmonizations is None else harmonizations
        if job.reference not in harmonizations:
            harmonizations[job.reference] = measure_harmonization(
                job.reference, settings, photo, load_foreground, load_texture
            )
        harmonization = harmonizations[job.reference]
    made = compose(job, settings, photo, load_foreground, _load_shadow, load_texture, harmonization=harmonization)
    first = job.layers[0]
    if made is None:
        raise AssetError(
            f"the matte is empty: {first.foreground.object} lies outside of the sample at x {first.x:.2f}, y "
            f"{first.y:.2f}, scale {first.scale:.2f}; narrow composite.placement"
        )
    names = file_names(job.id, settings, job.clip, job.frame)
    digests: dict[Kind, str] = {}
    for kind, name in names.items():
        data = encode(kind, made.by_kind[kind], settings)
        write_bytes(dataset / job.split / name, data)
        digests[kind] = hashlib.sha256(data).hexdigest()
    clean = not (job.realism.noise or job.realism.jpeg_quality)
    row: SampleRow = {
        "id": job.id, "split": job.split, "clip": job.clip, "frame": job.frame, "size": settings.size,
        "scale": first.scale, "x": first.x, "y": first.y, "flip": first.flip, "objects": made.facts["shown"],
        "blend": settings.blend, "exact": clean and settings.image_format == "png", "clean": clean,
        "shadowed": made.facts["shadowed"], "drawn": json.dumps(_drawn(job, made.facts), sort_keys=True),
        "key": job.key(settings), "seconds": round(time.perf_counter() - started, 4),
    }  # fmt: skip
    row.update(cast("SampleRow", file_columns(names, digests)))
    return row


def _load_texture(backdrop: Backdrop, size: int, most: float) -> UInt8:
    def load() -> UInt8:
        return load_photo(Path(backdrop.path), size, most, sha256=backdrop.sha256)

    return _textures.get(backdrop.path, load)


def _load_shadow(foreground: Foreground) -> Float:
    return _shadows.get(foreground, lambda: load_shadow(Path(foreground.passes), foreground.passes_sha256))


def _drawn(job: SampleJob, facts: dict[str, Any]) -> dict[str, Any]:
    """Return every draw of a sample, and what followed from them, without paths and checksums."""
    return {
        "layers": [_layer(layer) for layer in job.layers],
        "distractors": [_layer(layer) for layer in job.distractors],
        "photo": _backdrop(job.backdrop),
        "realism": dataclasses.asdict(job.realism),
        "captured_bg": dataclasses.asdict(job.captured),
        "trimap": dataclasses.asdict(job.trimap),
        "measured": facts,
    }


def _layer(layer: Layer) -> dict[str, Any]:
    about: dict[str, Any] = {"object": layer.foreground.object, "view": layer.foreground.view}
    about |= {key: value for key, value in vars(layer).items() if key not in ("foreground", "recolor")}
    if layer.recolor is not None:
        texture = layer.recolor.texture
        about["recolor"] = vars(layer.recolor) | {"texture": None if texture is None else _backdrop(texture)}
    return about


def _backdrop(backdrop: Backdrop) -> dict[str, Any]:
    return {key: value for key, value in vars(backdrop).items() if key not in ("path", "sha256")}


def failure_row(job: SampleJob, kind: str, error: str, attempts: int = 1) -> FailureRow:
    """Return the row of a sample that could not be made."""
    first = job.layers[0].foreground
    return {
        "sample": job.id, "split": job.split, "object": first.object, "view": first.view,
        "background": job.backdrop.name, "kind": kind, "error": error, "attempts": attempts,
    }  # fmt: skip
