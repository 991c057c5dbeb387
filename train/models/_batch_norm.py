"""Batch norms that also train where a batch gives them a single value per channel."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class BatchNorm(nn.BatchNorm2d):
    """`torch.nn.BatchNorm2d`, but a single value per channel is normalized by the running statistics.

    It has no deviation, so torch refuses it in training: one picture, averaged over its whole area as in the pooling
    branch of ASPP, or shrunk to one pixel.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or input.shape[0] * input.shape[2] * input.shape[3] > 1:
            normalized: Tensor = super().forward(input)
            return normalized
        return F.batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)


def allow_single_values(network: nn.Module) -> None:
    """Replace every `torch.nn.BatchNorm2d` in ``network`` by `BatchNorm`; names, weights and counts stay."""
    for name, child in list(network.named_children()):
        if type(child) is nn.BatchNorm2d:
            norm = BatchNorm(child.num_features, child.eps, child.momentum)
            norm.load_state_dict(child.state_dict())
            setattr(network, name, norm)
        else:
            allow_single_values(child)
