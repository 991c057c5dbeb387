"""Background Matting V2: picture and empty background to alpha and foreground, refined where it expects to be wrong.

Lin et al., "Real-Time High-Resolution Background Matting" (CVPR 2021), written from the paper and the facts of
https://github.com/PeterL1n/BackgroundMattingV2 (MIT), whose weights load by the same names. Two stages: 1 trains the
base alone, 2 base and refiner together.

Three things differ from the published code. So that training neither dies nor crashes, a clamp keeps its gradient, and
in training every picture has at least one patch refined. And the base's small copy is made by area unless ``shrink``
says otherwise: of a picture much larger than in training it would else see aliasing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from synthmat.train.models._background_matting_base import Base
from synthmat.train.models._background_matting_refiner import Refiner
from synthmat.train.models._clamp import clamped
from synthmat.train.models._padding import padded
from synthmat.train.models._stages import StagedNetwork
from synthmat.train.prediction import MattingNetwork, Prediction
from synthmat.train.pretrained.weights import read_weights, start_from
from synthmat.train.tracing import at_least, by_area, larger, precise, rounded, smaller, tracing

_MIN_COARSE = 32
_SCALE = 0.25


def build(
    backbone: Annotated[
        Literal["resnet50", "resnet101", "mobilenetv2"], Field(description="The base's encoder.")
    ] = "resnet50",
    refine: Annotated[bool, Field(description="Stage 2, base and refiner; false is stage 1, the base alone.")] = True,
    backbone_scale: Annotated[
        float | None,
        Field(gt=0, le=1, description="Size that the base sees, share of the picture's: 0.25, or 1 without refining."),
    ] = None,
    shrink: Annotated[
        Literal["area", "bilinear"],
        Field(description="How the base's copy is made: without aliasing, or as the published weights were trained."),
    ] = "area",
    refine_mode: Annotated[
        Literal["sampling", "thresholding", "full"],
        Field(description="Refine a number of pixels, all above a threshold, or everything."),
    ] = "sampling",
    refine_sample_pixels: Annotated[
        int, Field(ge=16, description="Pixels that sampling refines in a picture; 80,000 for HD, 320,000 for 4K.")
    ] = 80_000,
    refine_threshold: Annotated[
        float, Field(ge=0, le=1, description="Expected error above which thresholding refines.")
    ] = 0.1,
    backbone_weights: Annotated[
        str | None, Field(description="File of torchvision's resnet50, resnet101 or mobilenet_v2, or its DeepLabV3.")
    ] = None,
    weights: Annotated[
        str | None, Field(description="File with a whole Background Matting V2, as its authors publish it.")
    ] = None,
) -> MattingNetwork:
    """Return a `BackgroundMattingV2`."""
    network = BackgroundMattingV2(
        backbone,
        backbone_scale=backbone_scale,
        shrink=shrink,
        refine_mode=refine_mode,
        refine_sample_pixels=refine_sample_pixels,
        refine_threshold=refine_threshold,
    )
    if backbone_weights is not None:
        network.base.load_backbone(backbone_weights)
    if weights is not None:
        load_published(network, weights)
    network.set_stage(2 if refine else 1)
    return network


class BackgroundMattingV2(StagedNetwork):
    """Image and captured background (B, 3, H, W) to alpha (B, 1, H, W) and foreground (B, 3, H, W).

    40,247,703 parameters with ResNet50, 59,239,831 with ResNet101, 5,006,839 with MobileNetV2, 15,444 of them the
    refiner's. ``error`` has the base's resolution. Stage 2 gives the base's alpha and foreground as ``coarse``, and so
    does stage 1 unless the base sees the picture at its own size. Pictures are padded with their edge pixels to
    multiples of 4, and the base's is never smaller than 32 pixels.
    """

    inputs = ("image", "captured_bg")
    least_traced = _MIN_COARSE
    stages = 2

    def __init__(
        self,
        backbone: str = "resnet50",
        *,
        backbone_scale: float | None = None,
        shrink: str = "area",
        refine_mode: str = "sampling",
        refine_sample_pixels: int = 80_000,
        refine_threshold: float = 0.1,
    ) -> None:
        super().__init__()
        self._shrink = shrink
        self.base = Base(backbone)
        self.refiner = Refiner(refine_mode, refine_sample_pixels, refine_threshold)
        self._backbone_scale = backbone_scale
        self._trained_scale, self._trained_pixels = backbone_scale or _SCALE, refine_sample_pixels
        self.set_stage(2)

    def frozen_parts(self) -> Iterable[nn.Module]:
        """See `StagedNetwork`."""
        return [self.refiner] if self.stage == 1 else []

    @property
    def takes_whole(self) -> bool:
        """Whether there is a refiner: then the base may see a small copy."""
        return self.stage == 2

    def for_size(self, height: int, width: int, trained: int) -> None:
        """Show the base the shorter side as long as in training, and refine as large a fraction of the pixels.

        For a base that was trained at 270 pixels these are the authors' 0.25 for HD and 0.125 for 4K; their 80,000 and
        320,000 pixels are 4 % of both. More than a quarter of a larger picture is never refined. The base alone is left
        as it was trained. (A base of 128 pixels on 14 pictures of 1440: mean absolute error 0.071 at its own size, and
        0.080 at an eighth of the picture's, 180 pixels.)
        """
        if self.stage == 1:
            return
        scale = self._trained_scale * trained / smaller(precise(height), precise(width))
        self._backbone_scale = smaller(scale, 1.0)
        area, pixels = precise(height) * precise(width), self._trained_pixels
        self.refiner.sample_pixels = rounded(smaller(pixels * area / trained**2, larger(pixels, area / 4)))

    def forward(self, image: Tensor, captured_bg: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        pair = padded(torch.cat([image, captured_bg], 1), 4)
        small = self._small(pair)
        out = self.base(small)
        alpha, error, hidden = clamped(out[:, :1]), clamped(out[:, 4:5]), F.relu(out[:, 5:])
        residual = out[:, 1:4]
        coarse = Prediction(alpha, foreground=clamped(small[:, :3] + residual), error=error)
        if self.stage == 2:
            fine = self.refiner(pair, torch.cat([alpha, residual], 1), error, hidden)
            found, color = clamped(fine[:, :1]), fine[:, 1:]
        elif small.shape == pair.shape:
            found, color, coarse = alpha, residual, None  # type: ignore[assignment]
        else:
            found, color = (_resized(part, pair.shape[-2:]) for part in (alpha, residual))
        foreground = clamped(pair[:, :3] + color)
        return Prediction(
            found[..., :height, :width], foreground=foreground[..., :height, :width], error=error, coarse=coarse
        )

    def _small(self, pair: Tensor) -> Tensor:
        """Return what the base sees. A trace holds for pictures whose sides are 32 pixels and more."""
        scale = self._backbone_scale
        if scale is None:
            scale = _SCALE if self.stage == 2 else 1.0
        height, width = (at_least(rounded(precise(edge) * scale), _MIN_COARSE) for edge in pair.shape[-2:])
        if self._shrink == "bilinear":
            return F.interpolate(pair, size=(height, width), mode="bilinear", align_corners=False)
        if tracing() and (isinstance(scale, Tensor) or scale < 1):
            return by_area(pair, height, width)
        return _resized(pair, (height, width))


def load_published(network: BackgroundMattingV2, path: str) -> None:
    """Load the authors' state dictionary of a whole network, or of a base alone.

    Raises:
        AssetError: The file is missing or does not fit the backbone.
    """
    weights = read_weights(path)
    refiner = {key.removeprefix("refiner."): value for key, value in weights.items() if key.startswith("refiner.")}
    start_from(network.base, weights, path, unused=("refiner.",))
    if refiner:
        start_from(network.refiner, refiner, path)


def _resized(x: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """Return ``x`` (B, C, H, W) at another size: shrunk by area, so that nothing aliases, enlarged bilinearly.

    A trace enlarges.
    """
    if tracing():
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)
    if x.shape[-2:] == size:
        return x
    if size[0] <= x.shape[-2] and size[1] <= x.shape[-1]:
        return F.interpolate(x, size=size, mode="area")
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)
