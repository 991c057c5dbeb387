"""An exported network beside the one that it was made from, on the same pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from synthmat.train.export.traced_network import quiet_tracing
from synthmat.train.predict.onnx_predictor import open_session

MOST = 1 / 255
"""Largest difference of alpha that an export may have."""

Run = Callable[[Sequence[Tensor]], NDArray[np.float32]]
"""Gives the alpha of a batch of inputs."""


@dataclass(frozen=True)
class Difference:
    """Of alpha, over all pictures compared: the largest and the mean one."""

    largest: float
    mean: float


def compared(module: nn.Module, run: Run, batches: Sequence[Sequence[Tensor]]) -> Difference:
    """Return how far ``run`` is from a network.

    Raises:
        ValueError: It gives another size, or values that are not numbers.
    """
    largest, means = 0.0, []
    for inputs in batches:
        with torch.inference_mode():
            wanted = first_of(module(*inputs)).numpy()
        found = run(inputs)
        if found.shape != wanted.shape:
            raise ValueError(f"alpha of the shape {found.shape} instead of {wanted.shape}")
        difference = np.abs(found - wanted)
        largest = max(largest, float(difference.max()))
        means.append(float(difference.mean()))
        if not np.isfinite(difference).all():
            raise ValueError("alpha holds values that are not numbers")
    return Difference(largest, float(np.mean(means)))


def onnx_run(path: Path, names: Sequence[str]) -> Run:
    """Return what runs an ONNX file on the processor."""
    session = open_session(path)

    def run(inputs: Sequence[Tensor]) -> NDArray[np.float32]:
        given = {name: tensor.numpy() for name, tensor in zip(names, inputs, strict=True)}
        try:
            alpha: NDArray[np.float32] = session.run(None, given)[0]
        except Exception as error:  # onnxruntime has many kinds, none of them public
            raise ValueError(str(error).strip().partition("\n")[0]) from None
        return alpha

    return run


def torchscript_run(path: Path) -> Run:
    """Return what runs a TorchScript file on the processor."""
    with quiet_tracing():
        loaded = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]

    def run(inputs: Sequence[Tensor]) -> NDArray[np.float32]:
        try:
            with torch.inference_mode():
                alpha: NDArray[np.float32] = first_of(loaded(*inputs)).numpy()
        except RuntimeError as error:
            raise ValueError(str(error).strip().rpartition("\n")[2]) from None
        return alpha

    return run


def first_of(found: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Return alpha, which a network gives alone or first."""
    return found if isinstance(found, Tensor) else found[0]
