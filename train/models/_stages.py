"""Networks that are trained part by part."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from synthmat.train.prediction import MattingNetwork


class StagedNetwork(MattingNetwork):
    """A network with training stages 1 to ``stages``; the number of the present one is ``stage``.

    What a stage does not train has no gradients, and its batch norms keep their running statistics even while the
    rest is in training mode. The optimizer has to be made after the stage is set.
    """

    stages: int
    stage: int

    def set_stage(self, stage: int) -> None:
        """Freeze what ``stage`` does not train and thaw the rest.

        Raises:
            ValueError: There is no such stage.
        """
        if stage not in range(1, self.stages + 1):
            raise ValueError(f"{type(self).__name__} has the stages 1 to {self.stages}, not {stage}")
        self.stage = stage
        frozen = set(self.frozen_parts())
        for part in self.children():
            part.requires_grad_(part not in frozen)
        self.train(self.training)

    def frozen_parts(self) -> Iterable[nn.Module]:
        """Return the children that the present stage does not train."""
        raise NotImplementedError

    def train(self, mode: bool = True) -> StagedNetwork:
        """Set training mode, except for the frozen parts."""
        super().train(mode)
        for part in self.frozen_parts():
            part.eval()
        return self
