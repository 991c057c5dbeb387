"""An exponential moving average of a network's weights (Polyak averaging)."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from synthmat.train.prediction import MattingNetwork


class ExponentialMovingAverage:
    """A copy of a network whose weights follow those that are trained: average = d average + (1 - d) weights.

    ``d`` is ``min(decay, (1 + steps) / (10 + steps))``, so that the first weights, which are random, are soon
    forgotten. Running statistics of batch norms are averaged likewise; what is not floating-point is copied.
    """

    def __init__(self, network: MattingNetwork, decay: float) -> None:
        self.network = copy.deepcopy(network)
        self.network.eval().requires_grad_(False)
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take up the weights after a step."""
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        self._steps += 1
        own, its = self.network.state_dict(), network.state_dict()
        floating = [name for name, value in own.items() if value.is_floating_point()]
        torch._foreach_lerp_([own[name] for name in floating], [its[name] for name in floating], 1 - decay)
        for name in own.keys() - set(floating):
            own[name].copy_(its[name])

    def state_dict(self) -> dict[str, Any]:
        """Return weights and number of steps."""
        return {"weights": self.network.state_dict(), "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put back what `state_dict` gave."""
        self.network.load_state_dict(state["weights"])
        self._steps = state["steps"]
