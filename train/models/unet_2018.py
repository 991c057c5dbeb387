"""The plain 64x64 U-Net of the 2018 experiment, 34 million parameters.

Encoder of 128, 256 and 512 channels, center of 1024, three convolutions on every level of the decoder. Rewritten from
the description of Max Gontar's notebook, which follows the 128x128 U-Net of petrosgk's Carvana solution.
"""

from __future__ import annotations

from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from synthmat.train.models._padding import padded
from synthmat.train.prediction import MattingNetwork, Prediction

DEFAULT_WIDTH = 128
_STRIDE = 8


def build(
    width: Annotated[int, Field(ge=1, le=1024, description="Channels of the first level.")] = DEFAULT_WIDTH,
) -> MattingNetwork:
    """Return a `UNet2018`."""
    return UNet2018(width)


class UNet2018(MattingNetwork):
    """Images (B, 3, H, W) to alpha (B, 1, H, W), padded with their edge pixels to multiples of 8.

    At the default width of 128 Keras counts 34,246,017 parameters, of which 34,232,961 are trained and the rest are the
    batch norms' running statistics. Weights start as in Keras: Glorot uniform, zero biases. The batch norms follow the
    data faster than Keras' (0.1 a step, not 0.01), since an epoch here is a few large batches, not a hundred single
    images.
    """

    def __init__(self, width: int = DEFAULT_WIDTH) -> None:
        super().__init__()
        levels = [width, 2 * width, 4 * width]
        centre = 8 * width
        self.encoder = nn.ModuleList(_stage(c_in, c, 2) for c_in, c in zip([3, *levels], levels, strict=False))
        self.centre = _stage(levels[-1], centre, 2)
        self.decoder = nn.ModuleList(
            _stage(below + skip, skip, 3) for below, skip in zip([centre, *levels[:0:-1]], levels[::-1], strict=True)
        )
        self.head = nn.Conv2d(width, 1, 1)
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        x = padded(image, _STRIDE, 2 * _STRIDE)
        skips: list[Tensor] = []
        for stage in self.encoder:
            skips.append(stage(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.centre(x)
        for stage in self.decoder:
            x = stage(torch.cat([skips.pop(), F.interpolate(x, scale_factor=2.0, mode="nearest")], 1))
        logits = self.head(x)[..., :height, :width].float()
        return Prediction(logits.sigmoid(), logits)


def _stage(c_in: int, c_out: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(convolutions):
        layers += [
            nn.Conv2d(c_out if index else c_in, c_out, 3, padding=1),
            nn.BatchNorm2d(c_out, eps=1e-3),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
