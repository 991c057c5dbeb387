"""What a loss is: a function of prediction and batch that says what it needs of both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from synthmat.train.prediction import Prediction

Batch = Mapping[str, Tensor]
LossFunction = Callable[[Prediction, Batch], Tensor]


@dataclass(frozen=True)
class Needs:
    """The batch's keys and the prediction's fields that a loss reads; ``optional`` are keys that it uses if given."""

    batch: frozenset[str]
    prediction: frozenset[str]
    optional: frozenset[str] = frozenset()

    def missing(self, batch: Collection[str], prediction: Collection[str]) -> list[str]:
        """Return what is not among the batch's keys and the prediction's fields, such as ``batch fg``."""
        return [f"batch {key}" for key in sorted(self.batch.difference(batch))] + [
            f"prediction {name}" for name in sorted(self.prediction.difference(prediction))
        ]


def given_fields(prediction: Prediction) -> list[str]:
    """Return the names of the fields that a network filled."""
    return [each.name for each in fields(prediction) if getattr(prediction, each.name) is not None]


@dataclass(frozen=True)
class Loss:
    """A loss, called with prediction and batch; it computes in float32 at least, under autocast too."""

    function: LossFunction
    needs: Needs

    def __call__(self, prediction: Prediction, batch: Batch) -> Tensor:
        """Return the loss, a scalar.

        Raises:
            ValueError: The batch or the prediction lacks something; the message names it.
        """
        missing = self.needs.missing(batch, given_fields(prediction))
        if missing:
            raise ValueError(f"the loss lacks {', '.join(missing)}")
        used = (self.needs.batch | self.needs.optional) & batch.keys()
        with torch.autocast(prediction.alpha.device.type, enabled=False):
            return self.function(_precise(prediction), {key: _float(batch[key]) for key in used})


def loss(
    *, batch: Collection[str] = (), prediction: Collection[str] = ("alpha",), optional: Collection[str] = ()
) -> Callable[[LossFunction], Loss]:
    """Make a function a `Loss` that needs ``alpha`` and these of the batch, and these of the prediction."""
    needs = Needs(frozenset({"alpha", *batch}), frozenset(prediction), frozenset(optional))
    return lambda function: Loss(function, needs)


def _precise(prediction: Prediction) -> Prediction:
    given: dict[str, Any] = {name: getattr(prediction, name) for name in given_fields(prediction)}
    precise = {name: _float(value) for name, value in given.items() if name != "coarse"}
    coarse = None if prediction.coarse is None else _precise(prediction.coarse)
    return replace(prediction, **precise, coarse=coarse)


def _float(value: Tensor) -> Tensor:
    return value if value.dtype == torch.float64 else value.float()
