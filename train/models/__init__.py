"""Networks: one file each in this folder, with one function ``build(width)`` that returns a `torch.nn.Module`.

A network takes images (B, 3, H, W), float32 sRGB in [0, 1], and returns logits (B, 1, H, W) of alpha. A new file here
is a new value of ``train.model``; the first line of its docstring describes it.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

from synthmat.named_files import check_name, named_files

if TYPE_CHECKING:
    from torch import nn


@cache
def model_names() -> dict[str, str]:
    """Return the name of every network and the first line of its file's docstring, without importing torch."""
    return named_files(__path__)


def check_model(name: str) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is a network."""
    check_name("network", name, model_names())


def build_model(name: str, width: int | None = None) -> nn.Module:
    """Return a freshly initialised network; ``width`` is the channels of its first level, or its own default.

    The initial weights come from torch's global generator: seed it first.

    Raises:
        ValueError: There is no such network.
    """
    check_model(name)
    module: nn.Module = importlib.import_module(f"{__name__}.{name}").build(width)
    return module


def parameter_count(model: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def keras_parameter_count(model: nn.Module) -> int:
    """Return the number of parameters as Keras counts them: with the running means and variances of batch norms."""
    statistics = (buffer.numel() for buffer in model.buffers() if buffer.is_floating_point())
    return parameter_count(model) + sum(statistics)
