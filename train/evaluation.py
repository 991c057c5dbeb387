"""A network on a set of samples: loss, metrics, and which samples it does worst on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from synthmat.train.augment import unchanged
from synthmat.train.dataset import SampleStore
from synthmat.train.loader import batches
from synthmat.train.losses import bce_dice
from synthmat.train.metrics import image_metrics, mean_metrics


@dataclass(frozen=True)
class Evaluation:
    """Mean loss and metrics over the samples, and the Dice of each one in the store's order."""

    loss: float
    metrics: dict[str, float]
    dice: list[float]


def evaluate(
    model: nn.Module, store: SampleStore, device: torch.device, *, batch_size: int, threads: int
) -> Evaluation:
    """Measure ``model`` on every sample of ``store``, at the store's size, without augmentation."""
    model.eval()
    losses, measured = [], []
    with torch.inference_mode():
        for images, alphas in batches(
            range(len(store)), batch_size, lambda index: unchanged(*store.pair(index)), threads
        ):
            alpha = alphas.to(device)
            logits = model(images.to(device))
            losses.append(float(bce_dice(logits, alpha)) * len(alpha))
            found = image_metrics(logits.float().sigmoid().cpu(), alphas)
            measured.append(found)
    dice = torch.cat([found["dice"] for found in measured]).tolist()
    return Evaluation(sum(losses) / len(store), mean_metrics(measured), dice)


def predict(
    model: nn.Module, store: SampleStore, indices: Sequence[int], device: torch.device
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return image (3, S, S), true alpha (S, S) and predicted alpha (S, S) of some samples, float32 in [0, 1]."""
    model.eval()
    found = []
    with torch.inference_mode():
        for images, alphas in batches(indices, 1, lambda index: unchanged(*store.pair(index)), 1):
            prediction = model(images.to(device)).float().sigmoid().cpu()
            found.append((images[0], alphas[0, 0], prediction[0, 0]))
    return found
