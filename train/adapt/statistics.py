"""Running statistics of batch norms, taken anew from other pictures than those of the training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from synthmat.train.prediction import MattingNetwork


def batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """Return the batch norms that keep running statistics."""
    found = (module for module in network.modules() if isinstance(module, _BatchNorm))
    return [norm for norm in found if norm.track_running_stats and norm.running_mean is not None]


def re_estimate(network: MattingNetwork, batches: Iterable[Sequence[Tensor]], weight: float = 1.0) -> None:
    """Move the means and variances of all batch norms to their averages over some batches; no weight changes.

    Every batch is normalized by its own statistics meanwhile, as in training; everything else, dropout for example,
    is as in prediction. A batch norm that no batch has reached keeps what it had.

    Args:
        network: Left ready for prediction.
        batches: The network's inputs, one tensor for each of ``network.inputs``.
        weight: From 0 to 1: 1 replaces what the norms had, less keeps so much of it: ``(1 - weight) * old + weight *
            new``, of variances too.
    """
    norms = batch_norms(network)
    before = [{name: value.clone() for name, value in norm.state_dict().items()} for norm in norms]
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a cumulative average
        norm.train()
    with torch.no_grad():
        for tensors in batches:
            network(*tensors)
    for norm, state, momentum in zip(norms, before, momenta, strict=True):
        norm.momentum = momentum
        if not norm.num_batches_tracked:
            norm.load_state_dict(state)
            continue
        for name in ("running_mean", "running_var"):
            found = getattr(norm, name)
            found.copy_(torch.lerp(state[name], found, weight))
    network.eval()
