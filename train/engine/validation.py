"""A network on a set of samples: loss, metrics, and which samples it does worst on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor

from synthmat.train.data.mixture import Draw, WeightedSource, in_order
from synthmat.train.data.prefetch import Batch, Prefetcher, even_chunks
from synthmat.train.data.preprocessor import Preprocessor
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.requirements import measurable
from synthmat.train.losses.weighted_sum import WeightedSum
from synthmat.train.metrics import METRICS, image_metrics
from synthmat.train.prediction import MattingNetwork, Prediction


@dataclass(frozen=True)
class Evaluation:
    """Mean loss and metrics over the samples, and the Dice of each one in the source's order.

    ``loss`` and its ``terms`` are None and empty where the source lacks a picture that the loss needs.
    """

    loss: float | None
    terms: dict[str, float]
    metrics: dict[str, float]
    dice: list[float]


@dataclass(frozen=True)
class Runner:
    """How a network is run: where, at which precision, and with how many threads that load."""

    device: torch.device
    bf16: bool = False
    threads: int = 1

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which networks predict."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def on_device(self, batch: Batch) -> Batch:
        """Return a batch on the device, pictures with channels last."""
        return {
            kind: tensor.to(self.device, non_blocking=True, memory_format=torch.channels_last)
            for kind, tensor in batch.items()
        }


def run(network: torch.nn.Module, inputs: Sequence[str], batch: Batch) -> Prediction:
    """Return the prediction of a network, or of what wraps it, for a batch."""
    prediction: Prediction = network(*(batch[kind] for kind in inputs))
    return prediction


def evaluate(
    network: MattingNetwork,
    source: WeightedSource,
    preprocessor: Preprocessor,
    loss: WeightedSum,
    runner: Runner,
    *,
    batch_size: int,
    process_group: ProcessGroup | None = None,
) -> Evaluation:
    """Measure ``network`` on every sample of ``source``, without augmentation, divided among the processes."""
    process_group = process_group or ProcessGroup()
    network.eval()
    counts_loss = measurable(loss, source)
    batches = list(enumerate(even_chunks(in_order(source), batch_size)))[process_group.rank :: process_group.size]
    prefetcher = Prefetcher([draws for _, draws in batches], preprocessor, runner.threads)
    found: dict[int, tuple[int, dict[str, float], dict[str, Tensor]]] = {}
    with torch.inference_mode():
        for (number, draws), batch in zip(batches, prefetcher, strict=True):
            moved = runner.on_device(batch)
            with runner.autocast():
                prediction = run(network, network.inputs, moved)
            losses = {}
            if counts_loss:
                terms = loss.terms(prediction, moved)
                losses = {name: float(value) for name, value in {**terms, "": loss.total(terms)}.items()}
            found[number] = len(draws), losses, image_metrics(prediction.alpha.float().cpu(), batch["alpha"])
    merged = {number: row for rows in process_group.gathered(found) for number, row in rows.items()}
    rows = [merged[number] for number in sorted(merged)]
    total = sum(count for count, _, _ in rows)
    mean = {name: sum(count * losses[name] for count, losses, _ in rows) / total for name in rows[0][1]}
    metrics = {name: torch.cat([measured[name] for _, _, measured in rows]) for name in METRICS}
    return Evaluation(
        mean.pop("", None),
        mean,
        {name: float(values.mean()) for name, values in metrics.items()},
        metrics["dice"].tolist(),
    )


def predict(
    network: MattingNetwork, draws: Sequence[Draw], preprocessor: Preprocessor, runner: Runner
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return image (3, S, S), true alpha (S, S) and predicted alpha (S, S) of some samples, float32 in [0, 1]."""
    network.eval()
    found = []
    with torch.inference_mode():
        for batch in Prefetcher([[draw] for draw in draws], preprocessor, 1):
            with runner.autocast():
                prediction = run(network, network.inputs, runner.on_device(batch))
            found.append((batch["image"][0], batch["alpha"][0, 0], prediction.alpha[0, 0].float().cpu()))
    return found
