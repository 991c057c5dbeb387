"""From the tensors of timm's own files to those of an smp encoder whose name starts with ``tu-``.

smp wraps timm's network (``model.`` before every name), leaves out its classifier, and some networks join the first
parts of a name (``stages.0`` becomes ``stages_0``).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from synthmat.errors import AssetError

_PREFIX = "model."
_COUNTER = "num_batches_tracked"


def is_timm(encoder: str) -> bool:
    """Return whether smp takes this encoder from timm as it is."""
    return encoder.startswith("tu-")


def timm_name(encoder: str) -> str:
    """Return timm's name of an encoder."""
    return encoder.removeprefix("tu-")


def default_config(encoder: str) -> Any:
    """Return timm's `PretrainedCfg` of an encoder: where its weights lie and what they expect; None if it has none."""
    return importlib.import_module("timm").models.get_pretrained_cfg(timm_name(encoder))


def full_network(encoder: str) -> nn.Module:
    """Return timm's whole network with its classifier, at random; torch's generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        network: nn.Module = importlib.import_module("timm").create_model(timm_name(encoder), pretrained=False)
    return network


def in_order(weights: Mapping[str, Tensor], network: nn.Module, path: Path) -> dict[str, Tensor]:
    """Return the tensors under the names of ``network``, which has them in the same order.

    Raises:
        AssetError: Their number or shapes differ.
    """
    names = [name for name in network.state_dict() if not name.endswith(_COUNTER)]
    given = {name: value for name, value in weights.items() if not name.endswith(_COUNTER)}
    if len(given) != len(names):
        raise AssetError(f"{path}: these weights do not fit: {len(given)} tensors where there should be {len(names)}")
    own = network.state_dict()
    for name, (theirs, value) in zip(names, given.items(), strict=True):
        if own[name].shape != value.shape:
            shapes = f"{tuple(value.shape)} and should be {tuple(own[name].shape)}"
            raise AssetError(f"{path}: these weights do not fit: {theirs}, which stands for {name}, is {shapes}")
    return dict(zip(names, given.values(), strict=True))


def encoder_names(weights: Mapping[str, Tensor], encoder: nn.Module, name: str) -> dict[str, Tensor]:
    """Return the tensors of a file of timm's under the names of smp's encoder, without the classifier.

    What neither of them has stays as it is called, for `start_from` to name. Weights that were saved from smp's
    encoder itself come back unchanged.

    Args:
        weights: The file's tensors.
        encoder: smp's encoder.
        name: What recipes call it.
    """
    own = encoder.state_dict()
    if any(key in own for key in weights):
        return dict(weights)
    there = {_plain(key.removeprefix(_PREFIX)): key for key in own}
    left_out = set(full_network(name).state_dict())
    found = {}
    for key, value in weights.items():
        target = there.get(_plain(key))
        if target is not None:
            found[target] = value
        elif key not in left_out:
            found[key] = value
    return found


def _plain(name: str) -> str:
    return name.replace("_", ".")
