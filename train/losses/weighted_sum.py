"""Several losses as one: a sum by weights, and the value of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

import torch
from torch import Tensor

from synthmat.train.losses.loss import Batch, Loss, Needs
from synthmat.train.prediction import Prediction


@dataclass(frozen=True)
class WeightedSum:
    """The sum of weight times loss; made by `synthmat.train.losses.combined`."""

    weights: Mapping[str, float]
    losses: Mapping[str, Loss]

    @property
    def needs(self) -> Needs:
        """What its losses need together."""
        all_needs = [each.needs for each in self.losses.values()]
        return Needs(
            reduce(or_, (needs.batch for needs in all_needs)),
            reduce(or_, (needs.prediction for needs in all_needs)),
            reduce(or_, (needs.optional for needs in all_needs)),
        )

    def __call__(self, prediction: Prediction, batch: Batch) -> Tensor:
        """Return the sum, a scalar; raises as `Loss` does."""
        return self.total(self.terms(prediction, batch))

    def terms(self, prediction: Prediction, batch: Batch) -> dict[str, Tensor]:
        """Return the value of each loss, a scalar, before its weight."""
        return {name: each(prediction, batch) for name, each in self.losses.items()}

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of what `terms` gave, a scalar."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum()
