"""Colors as networks that were trained on ImageNet expect them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ImageNetColors(nn.Module):
    """Subtracts ImageNet's mean color and divides by its deviation: sRGB in [0, 1] to about [-2.1, 2.6]."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", _column(_MEAN), persistent=False)
        self.register_buffer("deviation", _column(_DEVIATION), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.deviation


class EncoderColors(ImageNetColors):
    """As `ImageNetColors`, or with the mean and deviation that an encoder's own weights expect.

    Those that differ from ImageNet's are part of the state dictionary, so that a checkpoint brings them along; one
    without them means ImageNet's.
    """

    optional_state: ClassVar[tuple[str, ...]] = ("mean", "deviation")

    def expect(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        """Take another mean and deviation, of sRGB in [0, 1]."""
        self.mean.copy_(_column(mean))
        self.deviation.copy_(_column(deviation))

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        usual = ImageNetColors().to(self.mean.device)
        if not (torch.equal(self.mean, usual.mean) and torch.equal(self.deviation, usual.deviation)):
            destination[f"{prefix}mean"], destination[f"{prefix}deviation"] = self.mean, self.deviation

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *_more: Any) -> None:
        self.expect(
            state_dict.get(f"{prefix}mean", _column(_MEAN)).flatten().tolist(),
            state_dict.get(f"{prefix}deviation", _column(_DEVIATION)).flatten().tolist(),
        )


def _column(values: Sequence[float]) -> Tensor:
    return torch.tensor(values).view(3, 1, 1)
