"""Colors as networks that were trained on ImageNet expect them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ImageNetColors(nn.Module):
    """Subtracts ImageNet's mean color and divides by its deviation: sRGB in [0, 1] to about [-2.1, 2.6]."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.deviation
