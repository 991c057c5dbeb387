"""Weights from files on disk, for networks that start from somebody else's training."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from synthmat.errors import AssetError
from synthmat.printable_names import expand_home

_WRAPPERS = ("state_dict", "model_state", "model")


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Return the state dictionary in a ``.pth``, ``.pt`` or ``.safetensors`` file, on the processor.

    Nothing in the file is executed. A dictionary inside another one (``state_dict``, ``model_state`` or ``model``) is
    unwrapped and the prefix ``module.`` of parallel trainings is taken off.

    Raises:
        AssetError: The file is missing, or holds no state dictionary.
    """
    path = Path(expand_home(path))
    if path.exists() and not path.is_file():
        raise AssetError(f"{path}: is a folder, a pipe or a device; weights are a file")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            found: Any = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
        for wrapper in _WRAPPERS:
            if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
                found = found[wrapper]
    except FileNotFoundError:
        raise AssetError(f"{path}: no such file of weights; put it there, or name another one") from None
    except Exception as error:  # safetensors and torch each have their own kinds
        pickled = isinstance(error, pickle.UnpicklingError)
        reason = (
            "it holds pickled code, or is damaged" if pickled else str(error).partition("\n")[0] or "it ends too early"
        )
        raise AssetError(f"{path}: cannot be read as weights: {reason}") from None
    if not isinstance(found, Mapping) or not found or not all(isinstance(value, Tensor) for value in found.values()):
        raise AssetError(f"{path}: holds no state dictionary (names with tensors) of a network")
    return {str(key).removeprefix("module."): value for key, value in found.items()}


def start_from(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    path: str | Path,
    *,
    unused: Collection[str] = (),
    first: str = "",
) -> None:
    """Load ``weights`` into ``network``, which has to have all of them.

    Args:
        network: Part of a network, such as an encoder.
        weights: State dictionary; see `read_weights`.
        path: Where it came from, for messages.
        unused: Beginnings of names to leave out, such as ``fc.`` of a classifier.
        first: Name of the first convolution's weight. If the network takes more channels than the file's, the further
            ones start at zero, so that the network at first gives what it gave without them.

    Raises:
        AssetError: Names are missing or left over, or shapes differ; the message names some.
    """
    own = network.state_dict()
    fitting = {key: value for key, value in weights.items() if not key.startswith(tuple(unused))}
    if first in fitting and first in own:
        fitting[first] = _widened(fitting[first], own[first])
    # Files older than this counter lack it.
    missing = [key for key in own if key not in fitting and not key.endswith("num_batches_tracked")]
    over = [key for key in fitting if key not in own and not _optional(network, key)]
    differing = [
        f"{key} is {tuple(fitting[key].shape)} and should be {tuple(own[key].shape)}"
        for key in own
        if key in fitting and fitting[key].shape != own[key].shape
    ]
    faults = [
        f"{what} {', '.join(keys[:3])}{f' and {len(keys) - 3} more' if len(keys) > 3 else ''}"
        for what, keys in (("it lacks", missing), ("it has besides", over), ("", differing))
        if keys
    ]
    if faults:
        raise AssetError(f"{path}: these weights do not fit the network: {'; '.join(faults).strip()}")
    network.load_state_dict(fitting, strict=False)


def _optional(network: nn.Module, key: str) -> bool:
    """Return whether a part takes a tensor that its own state need not have."""
    part, _, name = key.rpartition(".")
    try:
        return name in getattr(network.get_submodule(part), "optional_state", ())
    except AttributeError:
        return False


def _widened(weight: Tensor, wanted: Tensor) -> Tensor:
    more = wanted.shape[1] - weight.shape[1]
    if weight.ndim != wanted.ndim or more <= 0:
        return weight
    return torch.cat([weight, weight.new_zeros(weight.shape[0], more, *weight.shape[2:])], 1)
