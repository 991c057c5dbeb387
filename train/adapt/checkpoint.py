"""A checkpoint whose batch norms have the statistics of photographs, and says of which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from synthmat.errors import AssetError, OutputError
from synthmat.render_job import content_key
from synthmat.storage.atomic import sha256_file
from synthmat.train.adapt.photos import Unlabelled
from synthmat.train.adapt.pictures import Pictures, View
from synthmat.train.adapt.statistics import batch_norms, re_estimate
from synthmat.train.engine.checkpoint import load_checkpoint, load_model, save_checkpoint
from synthmat.train.engine.determinism import deterministic
from synthmat.train.prediction import MattingNetwork

PASSES = 4
WEIGHT = 0.7
"""Of the photographs' statistics; the rest is what the training had. Measured in ``docs/reference/measurements.md``."""
BATCH_SIZE = 16

_FEW = 100


@dataclass(frozen=True)
class Adapted:
    """What was written, and notes for people: photographs passed over, too few of them.

    ``record`` stands in the checkpoint's configuration as ``adapted``: ``photos`` (their number), ``digest`` (of their
    checksums), ``passes``, ``weight``, ``batch_norms``, and ``of``, the sha256 of the checkpoint that was adapted.
    """

    path: Path
    record: dict[str, Any]
    names: list[str]
    notes: list[str]


def adapt_checkpoint(
    checkpoint: Path,
    photos: Sequence[Unlabelled],
    out: Path,
    *,
    device: torch.device,
    passes: int = PASSES,
    weight: float = WEIGHT,
) -> Adapted:
    """Take the statistics of a network's batch norms from photographs without mattes, and write a new checkpoint.

    The photographs are shown as in training: whole, at the network's size, or crops of them. The same ones give the
    same statistics, on a processor with the same number of threads to the bit.

    Args:
        checkpoint: The network; it stays as it is.
        photos: See `synthmat.train.adapt.photos`.
        out: The new checkpoint.
        device: Where to compute.
        passes: How often each photograph is shown.
        weight: Of their statistics, from 0 to 1; the rest are those of the training.

    Raises:
        AssetError: The network has no batch norm, or none of the photographs can be read.
        OutputError: The checkpoint cannot be used, or its statistics are no longer numbers.
        ValueError: ``weight`` is not between 0 and 1.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"weight: {weight} is not between 0 and 1")
    network, config = load_model(checkpoint)
    norms = len(batch_norms(network))
    if not norms:
        raise AssetError(
            f"{checkpoint}: {config['model']} has no batch norms, so there are no statistics to take from photographs"
        )
    crop = config.get("train", {}).get("fit") == "crop"
    pictures = Pictures(View(config["size"], crop, network.inputs), photos)
    notes = [f"passed over: {error}" for error in pictures.unreadable.values()]
    if not pictures.photos:
        raise AssetError("; ".join(["none of the photographs can be read", *notes[:3]]))
    _take_statistics(network, pictures.batches(passes, BATCH_SIZE, device), weight, device, checkpoint)
    record = {
        "photos": len(pictures.photos),
        "digest": content_key(sorted(photo.sha256 for photo in pictures.photos)),
        "passes": passes,
        "weight": weight,
        "batch_norms": norms,
        "of": sha256_file(checkpoint),
    }
    epoch = load_checkpoint(checkpoint).get("epoch", 0)
    save_checkpoint(out, {**config, "adapted": record}, epoch=epoch, model=network.cpu().state_dict())
    if len(pictures.photos) < _FEW:
        notes.append(f"{len(pictures.photos)} photographs are few; some hundred like those it is for are better")
    return Adapted(out, record, sorted(photo.name for photo in pictures.photos), notes)


def _take_statistics(
    network: MattingNetwork, batches: Iterable[Sequence[Tensor]], weight: float, device: torch.device, checkpoint: Path
) -> None:
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    with deterministic(device):
        re_estimate(network, batches, weight)
    if not all(bool(value.isfinite().all()) for norm in batch_norms(network) for value in norm.buffers()):
        raise OutputError(f"{checkpoint}: on these photographs the network gives no numbers; its training diverged")
