"""Checkpoints as predictors: the network runs on torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synthmat.images.alpha import UInt8
from synthmat.storage.atomic import sha256_file
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.models import parameter_count
from synthmat.train.predict.predictor import Matte, Views
from synthmat.train.predict.sized_predictor import SizedPredictor, Trained, as_planes, check_numbers
from synthmat.train.prediction import MattingNetwork, Prediction


class NetworkPredictor(SizedPredictor):
    """A checkpoint's network.

    Args:
        path: The checkpoint.
        device: Where it runs.
        mode: See `SizedPredictor`.
        size: See `SizedPredictor`.

    Raises:
        OutputError: The checkpoint cannot be used.
        AssetError: There is no such mode.
    """

    def __init__(self, path: Path, device: torch.device, mode: str = "auto", size: int | None = None) -> None:
        network, config = load_model(path)
        super().__init__(str(path), trained_of(network, config), mode, size)
        self._network: MattingNetwork = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        self._device = device
        self.key = f"{sha256_file(path)} {self.mode} {self.size}"

    def _run(self, several: Sequence[Views]) -> list[Matte]:
        tensors = [_batch([self._tensor(views[kind], kind) for views in several]) for kind in self._network.inputs]
        height, width = several[0]["image"].shape[:2]
        with self._one_at_a_time, torch.inference_mode():
            self._network.for_size(height, width, self.trained.size)
            prediction: Prediction = self._network(*tensors)
        return [Matte(_alpha(prediction, each), _foreground(prediction, each)) for each in range(len(several))]

    def _tensor(self, pixels: NDArray[Any], kind: str) -> Tensor:
        tensor = torch.from_numpy(as_planes(pixels, kind)).to(self._device)
        return tensor.float().div_(255).contiguous(memory_format=torch.channels_last)


def trained_of(network: MattingNetwork, config: dict[str, Any]) -> Trained:
    """Return what prediction has to know of a checkpoint's network and configuration."""
    return Trained(
        model=config["model"],
        inputs=tuple(network.inputs),
        size=config["size"],
        crops=config.get("train", {}).get("fit") == "crop",
        takes_whole=network.takes_whole,
        parameters=parameter_count(network),
    )


def _batch(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


def _alpha(prediction: Prediction, place: int) -> NDArray[np.float32]:
    alpha: NDArray[np.float32] = prediction.alpha[place, 0].float().clamp(0, 1).cpu().numpy()
    check_numbers(alpha)
    return alpha


def _foreground(prediction: Prediction, place: int) -> UInt8 | None:
    if prediction.foreground is None:
        return None
    levels = prediction.foreground[place].float().clamp(0, 1).mul(255).round().byte()
    return np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())
