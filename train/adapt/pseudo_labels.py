"""Pseudo-labels: mattes of photographs that have none, by a network, as far as it is sure of them.

Training goes on with them beside renders (self-training; Lee 2013, Xie et al. 2020), or a small network learns them
from a larger one (distillation; Hinton et al. 2015). The matte of a photograph is the mean over three sizes and their
mirror images; mattes that the network hedges on are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.alpha import UInt8
from synthmat.images.photo_file import read_photo
from synthmat.images.png_file import encode_png
from synthmat.progress import Progress
from synthmat.recipe.train import PseudoLabels
from synthmat.render_job import content_key
from synthmat.rows.row_types import PseudoLabelRow
from synthmat.storage.atomic import write_bytes
from synthmat.storage.manifest import append_row, read_rows
from synthmat.train.adapt.photos import Unlabelled
from synthmat.train.data.resizing import by_area
from synthmat.train.predict.predictor import open_predictor
from synthmat.train.predict.sized_predictor import SizedPredictor

FOLDER = "pseudo_labels"
"""In a training's folder; below it a folder for each teacher and collection of photographs."""
ROWS = "labels.jsonl"

VERSION = 1
SIZES = (0.8, 1.0, 1.2)
"""Of the teacher's own size, at which it is shown a photograph; the largest is what is kept."""
COVERED = (0.03, 0.8)
"""Mattes that cover less or more of the picture teach nothing: there is no object, or no background."""

_SHARPER = 2.0
_SURE = 0.02
_MULTIPLE = 32


@dataclass(frozen=True)
class PseudoLabelled:
    """What was made: ``folder`` is a data set of the layout `pairs`; ``record`` stands in checkpoints of the training.

    ``record`` has ``photos`` (their number), ``kept``, ``digest`` (of the kept ones' checksums), ``teacher`` and
    ``max_uncertainty``.
    """

    folder: Path
    record: dict[str, Any]
    notes: list[str]


def pseudo_label(
    photos: Sequence[Unlabelled],
    teacher: str,
    wanted: PseudoLabels,
    training: Path,
    *,
    device: str,
    quiet: bool = False,
) -> PseudoLabelled:
    """Write the mattes that a network is sure of; those that an earlier run wrote are kept.

    Args:
        photos: See `synthmat.train.adapt.photos`.
        teacher: What `synthmat.train.predict.predictor.open_predictor` takes.
        wanted: Which mattes are kept.
        training: The training's folder; the labels go to a folder in it that is named after what they depend on.
        device: Where to compute.
        quiet: Show no progress.

    Raises:
        AssetError: The teacher needs more than photographs or sees parts of them alone, or none of its mattes is sure.
        OutputError: The teacher's checkpoint cannot be used.
    """
    views, teacher_key = _views(teacher, device)
    sums = sorted(photo.sha256 for photo in photos)
    key = content_key(VERSION, teacher_key, SIZES, COVERED, wanted.max_uncertainty, sums)
    folder = training / FOLDER / key[:16]
    known = {row["sha256"]: row for row in read_rows(folder / ROWS, PseudoLabelRow) if _is_whole(folder, row)}
    with Progress("pseudo-labels", len(photos), unit="photos", quiet=quiet) as progress:
        for photo in photos:
            if photo.sha256 not in known:
                known[photo.sha256] = _labelled(photo, views, folder, wanted.max_uncertainty)
                append_row(folder / ROWS, known[photo.sha256])
            progress.advance()
    rows = [known[photo.sha256] for photo in photos]
    kept = sorted(row["sha256"] for row in rows if row["kept"])
    if not kept:
        raise AssetError(
            f"pseudo_labels: {teacher} is sure of none of its mattes of {len(photos)} photos; a larger max_uncertainty "
            "keeps more, and photos with clearer objects are better"
        )
    record = {
        "photos": len(photos),
        "kept": len(kept),
        "digest": content_key(kept),
        "teacher": teacher_key,
        "max_uncertainty": wanted.max_uncertainty,
    }
    notes = [f"passed over: {row['error']}" for row in rows if row.get("error")]
    notes.append(f"{folder}: mattes of {len(kept)} of {len(photos)} photos, of which {teacher} is sure")
    return PseudoLabelled(folder, record, notes)


def learned_names(training: Path) -> set[str]:
    """Return the names of photographs whose mattes a training may have learned from, by any of its teachers."""
    lists = (training / FOLDER).glob(f"*/{ROWS}")
    return {row["name"] for path in lists for row in read_rows(path, PseudoLabelRow) if row["kept"]}


def mean_matte(image: UInt8, views: Sequence[SizedPredictor]) -> NDArray[np.float32]:
    """Return the mean of a picture's mattes and of its mirror image's, turned back, over some predictors.

    Args:
        image: ``(H, W, 3)`` uint8, sRGB.
        views: Predictors that show a network squares of some sizes.

    Returns:
        Alpha in [0, 1], float32, a square as large as the largest view.
    """
    edge = max(view.size for view in views)
    found = []
    for view in views:
        square = by_area(image, view.size, view.size)
        for step in (1, -1):
            alpha = view({"image": np.ascontiguousarray(square[:, ::step])}).alpha[:, ::step]
            found.append(by_area(np.ascontiguousarray(alpha), edge, edge))
    return np.asarray(np.mean(found, axis=0), np.float32)


def uncertainty(alpha: NDArray[np.float32]) -> float:
    """Return how wrong a matte expects to be, as a fraction of what it covers: twice the sum of min(a, 1 - a) over
    the sum of a. 0 is a matte of ones and zeros; soft edges count too.

    Example:
        >>> uncertainty(np.array([[1, 1, 0, 0]], np.float32)), uncertainty(np.array([[0.5, 0.5]], np.float32))
        (0.0, 2.0)
    """
    return float(2 * np.minimum(alpha, 1 - alpha).sum() / max(float(alpha.sum()), 1.0))


def sharpened(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a matte with its logits doubled: a mean hedges where its parts disagree, and who learns from it would."""
    odds = (alpha / (1 - alpha).clip(1e-6)) ** _SHARPER
    sharp = odds / (1 + odds)
    return np.where(sharp < _SURE, 0, np.where(sharp > 1 - _SURE, 1, sharp)).astype(np.float32)


def _views(teacher: str, device: str) -> tuple[list[SizedPredictor], str]:
    """Return the teacher at the sizes of its views, and what it is recognized by."""
    own = open_predictor(teacher, device, "resize")
    if not isinstance(own, SizedPredictor):
        raise AssetError(f"pseudo_labels: {teacher} is no trained network; name a checkpoint, or `shipped`")
    if own.inputs:
        raise AssetError(
            f"pseudo_labels: {teacher} is shown {' and '.join(own.inputs)} too, which photographs alone do not "
            "have; name another teacher"
        )
    if own.trained.crops:
        raise AssetError(
            f"pseudo_labels: {teacher} was trained on crops, and does not know whole photographs; name one "
            "that was trained on whole pictures (train.fit: resize)"
        )
    edges = {max(_MULTIPLE, round(own.trained.size * part / _MULTIPLE) * _MULTIPLE) for part in SIZES}
    predictors = [open_predictor(teacher, device, "resize", edge) for edge in sorted(edges)]
    return [each for each in predictors if isinstance(each, SizedPredictor)], own.key


def _labelled(photo: Unlabelled, views: Sequence[SizedPredictor], folder: Path, limit: float) -> PseudoLabelRow:
    """Matte a photo, write picture and matte if it is sure, and return its row."""
    row: PseudoLabelRow = {"name": photo.name, "sha256": photo.sha256, "kept": False}
    try:
        image = read_photo(photo.path).pixels
    except AssetError as error:
        return {**row, "error": str(error)}
    alpha = mean_matte(image, views)
    covered, unsure = float(alpha.mean()), uncertainty(alpha)
    kept = unsure <= limit and COVERED[0] <= covered <= COVERED[1]
    if kept:
        edge = len(alpha)
        matte = np.rint(sharpened(alpha) * 255).astype(np.uint8)
        write_bytes(folder / "image" / _file(photo.sha256), encode_png(by_area(image, edge, edge)))
        write_bytes(folder / "alpha" / _file(photo.sha256), encode_png(matte))
    return {**row, "kept": kept, "covered": round(covered, 4), "uncertainty": round(unsure, 4)}


def _is_whole(folder: Path, row: PseudoLabelRow) -> bool:
    return not row["kept"] or all((folder / kind / _file(row["sha256"])).is_file() for kind in ("image", "alpha"))


def _file(sha256: str) -> str:
    return f"{sha256[:32]}.png"
