"""Parts of a network by the beginning of their names: which are trained, and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from synthmat.errors import RecipeError
from synthmat.recipe.train import Train

_OPTIMIZERS: dict[str, Any] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}


def make_optimizer(config: Train, network: nn.Module) -> Optimizer:
    """Return the optimizer of what is trained, a group for each of ``train.lr_multipliers`` with its ``factor``.

    Raises:
        RecipeError: A name of ``train.lr_multipliers`` fits nothing, or nothing is trained.
    """
    groups: dict[str, list[nn.Parameter]] = {}
    _check(network, config.lr_multipliers, "train.lr_multipliers")
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            groups.setdefault(_longest(name, config.lr_multipliers), []).append(parameter)
    if not groups:
        raise RecipeError("train.freeze: nothing is left to train; name fewer parts")
    made: Optimizer = _OPTIMIZERS[config.optimizer](
        [
            {"params": its, "name": part, "factor": config.lr_multipliers.get(part, 1.0)}
            for part, its in sorted(groups.items())
        ],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )
    return made


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Give every group its share of the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def freeze(network: nn.Module, parts: Sequence[str]) -> None:
    """Take parts out of training.

    Raises:
        RecipeError: A name fits nothing.
    """
    _check(network, parts, "train.freeze")
    for name, parameter in network.named_parameters():
        if _longest(name, parts):
            parameter.requires_grad_(False)


def train_mode(network: nn.Module, frozen: Sequence[str]) -> None:
    """Set training mode, except for frozen parts: their batch norms keep their statistics."""
    network.train()
    for name, module in network.named_modules():
        if name and _longest(name, frozen):
            module.eval()


def _longest(name: str, parts: Sequence[str] | Mapping[str, Any]) -> str:
    """Return the longest of ``parts`` that is ``name`` or what contains it, empty if none is."""
    return max((part for part in parts if f"{name}.".startswith(f"{part}.")), key=len, default="")


def _check(network: nn.Module, parts: Sequence[str] | Mapping[str, Any], place: str) -> None:
    names = [name for name, _ in network.named_parameters()]
    for part in parts:
        if not any(f"{name}.".startswith(f"{part}.") for name in names):
            known = dict.fromkeys(name.partition(".")[0] for name in names)
            raise RecipeError(f"{place}: the network has no part {part!r}; it has {', '.join(known)}")
