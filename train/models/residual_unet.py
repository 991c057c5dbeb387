"""Small residual U-Net for 64x64 and up, about 2 million parameters (the default).

The shape is the U-Net's; every level is one residual block in the pre-activation order of He et al., "Identity
Mappings in Deep Residual Networks" (2016). No published network is meant by it: this file is its definition.
"""

from __future__ import annotations

from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from synthmat.train.models._padding import padded
from synthmat.train.prediction import MattingNetwork, Prediction

DEFAULT_WIDTH = 16
_LEVELS = 5
_STRIDE = 2 ** (_LEVELS - 1)


def build(
    width: Annotated[int, Field(ge=1, le=1024, description="Channels of the first level.")] = DEFAULT_WIDTH,
) -> MattingNetwork:
    """Return a `ResidualUNet`."""
    return ResidualUNet(width)


class ResidualBlock(nn.Module):
    """Twice batch norm, ReLU, 3x3 convolution, added to the input: (B, c_in, H, W) to (B, c_out, H, W).

    Where the channel counts differ, a 1x1 convolution carries the input across.
    """

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(c_in)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.shortcut = nn.Conv2d(c_in, c_out, 1, bias=False) if c_in != c_out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x)))
        y = self.conv2(F.relu(self.norm2(y)))
        added: Tensor = self.shortcut(x) + y
        return added


class ResidualUNet(MattingNetwork):
    """Five levels of ``width`` * 1, 2, 4, 8, 16 channels; images (B, 3, H, W) to alpha (B, 1, H, W).

    Max pooling goes down, nearest-neighbor upsampling and concatenation go up. Any H and W will do: the image is
    padded with its edge pixels to a multiple of 16, at least 32, and the logits are cut back. 2,075,713 parameters at
    the default width of 16.
    """

    def __init__(self, width: int = DEFAULT_WIDTH) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(_LEVELS)]
        self.stem = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.encoder = nn.ModuleList(
            ResidualBlock(c_in, c_out) for c_in, c_out in zip([width, *channels], channels, strict=False)
        )
        self.decoder = nn.ModuleList(
            ResidualBlock(below + skip, skip) for below, skip in zip(channels[:0:-1], channels[-2::-1], strict=True)
        )
        self.head = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 1, 1))
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        x = self.stem(padded(image * 2 - 1, _STRIDE, 2 * _STRIDE))
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()
        for block in self.decoder:
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skips.pop()], 1))
        logits = self.head(x)[..., :height, :width].float()
        return Prediction(logits.sigmoid(), logits)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, ResidualBlock):
        # A block starts close to its shortcut, so that depth does not slow down the first epochs.
        nn.init.constant_(module.norm2.weight, 0.5)
