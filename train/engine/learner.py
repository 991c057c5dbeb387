"""What learns: the network, the average of its weights and the optimizer, step by step."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from synthmat.train.data.prefetch import Prefetcher
from synthmat.train.engine import param_groups
from synthmat.train.engine.ema import ExponentialMovingAverage
from synthmat.train.engine.requirements import loss_of
from synthmat.train.engine.setup import TrainingSetup
from synthmat.train.engine.steps import MicroBatch
from synthmat.train.engine.validation import run
from synthmat.train.prediction import MattingNetwork


class Learner:
    """The network of a setup and all that changes with it in a step.

    ``rate`` is the learning rate of the last step, before the factors of its parts.
    """

    def __init__(self, setup: TrainingSetup) -> None:
        self._setup = setup
        self.loss = loss_of(setup.recipe)
        self.rate = 0.0
        self._start = {name: value.clone() for name, value in setup.network.state_dict().items()}
        # Channels-last convolutions take a quarter less time on processors, and no more on GPUs.
        self.network = setup.network
        self.network.to(device=setup.runner.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        param_groups.freeze(self.network, setup.recipe.freeze)
        self._forward = _wrapped(self.network, setup)
        self.begin()

    def begin(self) -> None:
        """Put everything back to the beginning."""
        self.network.load_state_dict(self._start)
        decay = self._setup.recipe.ema
        self._average = None if decay is None else ExponentialMovingAverage(self.network, decay)
        self._optimizer = param_groups.make_optimizer(self._setup.recipe, self.network)

    @property
    def validated(self) -> MattingNetwork:
        """The network that is validated and kept: the average, if there is one."""
        return self.network if self._average is None else self._average.network

    @property
    def rates(self) -> dict[str, float]:
        """The last step's rate of each part that has one of its own, and of the rest."""
        return {group["name"] or "rest": group["lr"] for group in self._optimizer.param_groups}

    def is_finite(self) -> bool:
        """Return whether all weights are numbers, those of the average too."""
        weights = [*self.network.parameters(), *self.validated.parameters()]
        return all(bool(weight.isfinite().all()) for weight in weights)

    def train_mode(self) -> None:
        """Make ready for steps after a validation."""
        param_groups.train_mode(self.network, self._setup.recipe.freeze)

    def state(self) -> dict[str, Any]:
        """Return all of it for a checkpoint."""
        average = {} if self._average is None else {"average": self._average.state_dict()}
        return {"model": self.network.state_dict(), "optimizer": self._optimizer.state_dict(), **average}

    def load(self, state: dict[str, Any]) -> None:
        """Put back what `state` gave."""
        self.network.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])

    def step(self, step: Sequence[MicroBatch], prefetcher: Prefetcher, rate: float) -> Tensor:
        """Make one step of the optimizer; return the sums of the loss and of its terms over this process's samples."""
        setup = self._setup
        self.rate = rate
        param_groups.set_rate(self._optimizer, rate)
        self._optimizer.zero_grad(set_to_none=True)
        sums = []
        for place, micro in enumerate(step):
            batch = setup.runner.on_device(next(prefetcher))
            with contextlib.ExitStack() as stack:
                if isinstance(self._forward, DistributedDataParallel) and place + 1 < len(step):
                    stack.enter_context(self._forward.no_sync())
                with setup.runner.autocast():
                    prediction = run(self._forward, self.network.inputs, batch)
                terms = self.loss.terms(prediction, batch)
                loss = self.loss.total(terms)
                # The gradient is the mean over all samples of the step; processes are averaged by torch.
                (loss * (micro.counted * setup.process_group.size / micro.of_step)).backward()  # type: ignore[no-untyped-call]
            sums.append(torch.stack([loss, *terms.values()]).detach() * micro.counted)
        if setup.recipe.clip_gradients is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), setup.recipe.clip_gradients)
        self._optimizer.step()
        if self._average is not None:
            self._average.update(self.network)
        return torch.stack(sums).sum(0)


def _wrapped(network: MattingNetwork, setup: TrainingSetup) -> nn.Module:
    """Return what is called in training: the network, compiled or one of several copies if it is asked for."""
    forward: nn.Module = network
    if setup.process_group.size > 1 and setup.runner.device.type == "cuda":
        forward = nn.SyncBatchNorm.convert_sync_batchnorm(forward)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if setup.recipe.compile:
        forward = torch.compile(forward)  # type: ignore[assignment]  # a module gives a module
    if setup.process_group.size > 1:
        device_ids = [setup.runner.device] if setup.runner.device.type == "cuda" else None
        forward = DistributedDataParallel(forward, device_ids=device_ids)
    return forward
