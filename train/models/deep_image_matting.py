"""Deep Image Matting: VGG16 with a trimap as fourth channel, 28.3 million parameters, and a refinement stage.

Xu, Price, Cohen and Huang, "Deep Image Matting" (CVPR 2017), written from the paper. Three stages: 1 trains encoder and
decoder, 2 only the refinement, 3 both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from synthmat.errors import AssetError
from synthmat.train.models._clamp import clamped
from synthmat.train.models._normalise import ImageNetColors
from synthmat.train.models._padding import padded
from synthmat.train.models._stages import StagedNetwork
from synthmat.train.prediction import MattingNetwork, Prediction
from synthmat.train.pretrained.weights import read_weights, start_from

_VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_DECODER = (64, 64, 128, 256, 512)
"""Channels that each level of the decoder gives, the finest first."""

Stage = Annotated[Literal[1, 2, 3], Field(description="1 trains encoder and decoder, 2 only the refinement, 3 both.")]
Upsampling = Annotated[
    Literal["indices", "nearest"],
    Field(description="Upwards by the indices of the max pooling, or nearest neighbor, which every runtime can."),
]
KeepKnown = Annotated[bool, Field(description="In prediction, alpha is the trimap's where that is 0 or 1.")]
UseBatchNorm = Annotated[bool, Field(description="Batch norms after the convolutions: trains without VGG16's weights.")]
VggWeights = Annotated[str | None, Field(description="File of torchvision's vgg16 (vgg16_bn with batch norms).")]


def build(
    stage: Stage = 1,
    upsampling: Upsampling = "indices",
    keep_known: KeepKnown = True,
    batch_norm: UseBatchNorm = False,
    encoder_weights: VggWeights = None,
    poolings: Annotated[int, Field(ge=1, le=5, description="How many of VGG16's poolings are kept.")] = 5,
) -> MattingNetwork:
    """Return a `DeepImageMatting`."""
    network = DeepImageMatting(poolings, upsampling=upsampling, keep_known=keep_known, batch_norm=batch_norm)
    if encoder_weights is not None:
        load_vgg16(network.encoder, encoder_weights)
    network.set_stage(stage)
    return network


class DeepImageMatting(StagedNetwork):
    """Image (B, 3, H, W) and trimap (B, 1, H, W) to alpha (B, 1, H, W).

    28,297,153 parameters without batch norms, and 76,801 of the refinement, which stage 1 leaves out. Stages 2 and 3
    give the encoder-decoder's alpha as ``coarse``. Pictures are padded with their edge pixels to multiples of
    2 ** ``poolings``; with fewer than VGG16's five poolings the later levels stay at the same resolution.
    """

    inputs = ("image", "trimap")
    stages = 3

    def __init__(
        self, poolings: int = 5, *, upsampling: str = "indices", keep_known: bool = True, batch_norm: bool = False
    ) -> None:
        super().__init__()
        self.stride = 2**poolings
        self.keep_known = keep_known
        self.colors = ImageNetColors()
        self.encoder = Encoder(poolings, batch_norm=batch_norm)
        self.decoder = Decoder(indices=upsampling == "indices", batch_norm=batch_norm)
        self.refinement = Refinement()
        self.apply(_initialise)
        nn.init.zeros_(self.refinement.layers[-1].weight)  # type: ignore[arg-type]  # the last layer is a convolution
        self.set_stage(1)

    def frozen_parts(self) -> Iterable[nn.Module]:
        """See `StagedNetwork`."""
        parts: dict[int, list[nn.Module]] = {1: [self.refinement], 2: [self.encoder, self.decoder], 3: []}
        return parts[self.stage]

    def forward(self, image: Tensor, trimap: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        colors = self.colors(image)
        x, pooled = self.encoder(padded(torch.cat([colors, trimap], 1), self.stride))
        logits = self.decoder(x, pooled)[..., :height, :width].float()
        raw = Prediction(logits.sigmoid(), logits)
        found = raw
        if self.stage > 1:
            residual = self.refinement(torch.cat([colors, raw.alpha], 1)).float()
            found = Prediction(clamped(raw.alpha + residual), coarse=raw)
        if self.training or not self.keep_known:
            return found
        known = (trimap == 0) | (trimap == 1)
        return Prediction(torch.where(known, trimap.float(), found.alpha), coarse=found.coarse)


class Encoder(nn.Module):
    """VGG16's 13 convolutions on four channels, and a 14th: (B, 4, H, W) to (B, 512, H / stride, W / stride).

    Also gives, for each level, None or the indices of its pooling and the size before it.
    """

    def __init__(self, poolings: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.levels = nn.ModuleList()
        c_in = 4
        for channels in _VGG16:
            layers: list[nn.Module] = []
            for c_out in channels:
                layers += _convolution(c_in, c_out, 3, batch_norm)
                c_in = c_out
            self.levels.append(nn.Sequential(*layers))
        self.conv6 = nn.Sequential(*_convolution(c_in, c_in, 3, batch_norm))
        self._poolings = poolings

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor | None]]:
        pooled: list[Tensor | None] = []
        for number, level in enumerate(self.levels):
            x = level(x)
            if number < self._poolings:
                x, indices = F.max_pool2d(x, 2, return_indices=True)
                pooled.append(indices)
            else:
                pooled.append(None)
        return self.conv6(x), pooled


class Decoder(nn.Module):
    """A 1x1 and six 5x5 convolutions with an upsampling for every pooling: (B, 512, h, w) to logits (B, 1, H, W)."""

    def __init__(self, *, indices: bool, batch_norm: bool) -> None:
        super().__init__()
        deepest = _VGG16[-1][-1]
        self.first = nn.Sequential(*_convolution(deepest, deepest, 1, batch_norm))
        c_ins = (*_DECODER[1:], deepest)
        self.levels = nn.ModuleList(
            nn.Sequential(*_convolution(c_in, c_out, 5, batch_norm))
            for c_in, c_out in zip(c_ins, _DECODER, strict=True)
        )
        self.last = nn.Conv2d(_DECODER[0], 1, 5, padding=2)
        self._indices = indices

    def forward(self, x: Tensor, pooled: list[Tensor | None]) -> Tensor:
        x = self.first(x)
        for level, indices in zip(reversed(self.levels), reversed(pooled), strict=True):
            if indices is not None:
                x = _unpooled(x, indices) if self._indices else F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = level(x)
        logits: Tensor = self.last(x)
        return logits


class Refinement(nn.Module):
    """Four 3x3 convolutions from image and raw alpha (B, 4, H, W) to what is added to alpha (B, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for c_in in (4, 64, 64):
            layers += _convolution(c_in, 64, 3, batch_norm=False)
        self.layers = nn.Sequential(*layers, nn.Conv2d(64, 1, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        residual: Tensor = self.layers(x)
        return residual


def load_vgg16(encoder: Encoder, path: str) -> None:
    """Load torchvision's ``vgg16`` or ``vgg16_bn`` into the first 13 convolutions; the trimap's weights start at zero.

    Raises:
        AssetError: The file is missing or does not fit.
    """
    weights = {key: value for key, value in read_weights(path).items() if key.startswith("features.")}
    if not weights:
        raise AssetError(f"{path}: holds no VGG16: no name in it starts with features.")
    published = sorted({int(key.split(".")[1]) for key in weights})
    ours = [
        f"{place}.{index}"
        for place, level in enumerate(encoder.levels)
        for index, layer in enumerate(level.children())
        if not isinstance(layer, nn.ReLU)
    ]
    if len(published) != len(ours):
        batch_norm = len(published) == 26
        raise AssetError(
            f"{path}: holds {len(published)} layers with weights, and this network's VGG16 has {len(ours)}"
            + (f"; set the option batch_norm to {str(batch_norm).lower()}" if len(published) in (13, 26) else "")
        )
    names = dict(zip(published, ours, strict=True))
    renamed = {}
    for key, value in weights.items():
        _, index, kind = key.split(".")
        renamed[f"{names[int(index)]}.{kind}"] = value
    start_from(encoder.levels, renamed, path, first="0.0.weight")


def _convolution(c_in: int, c_out: int, kernel: int, batch_norm: bool) -> list[nn.Module]:
    norm = [nn.BatchNorm2d(c_out)] if batch_norm else []
    return [nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2), *norm, nn.ReLU(inplace=True)]


def _unpooled(x: Tensor, indices: Tensor) -> Tensor:
    """Return ``x`` (B, C, h, w) at (B, C, 2 h, 2 w), each value where its maximum was and zeros elsewhere.

    `torch.nn.functional.max_unpool2d` does the same, but has no deterministic form and no ONNX operator.
    """
    count, channels, height, width = x.shape
    flat = x.new_zeros(count, channels, 4 * height * width)
    return flat.scatter(2, indices.flatten(2), x.flatten(2)).view(count, channels, 2 * height, 2 * width)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
