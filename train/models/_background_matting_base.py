"""The base of Background Matting V2: an encoder at stride 16, ASPP, and a decoder with skips."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import mobilenet_v2
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.segmentation.deeplabv3 import ASPP

from synthmat.train.models._batch_norm import allow_single_values
from synthmat.train.pretrained.weights import read_weights, start_from

_RESNETS = {"resnet50": [3, 4, 6, 3], "resnet101": [3, 4, 23, 3]}
_RATES = [3, 6, 9]
_CHANNELS = (256, 128, 64, 48, 37)
_IN_CHANNELS = 6


class Base(nn.Module):
    """Picture and captured background (B, 6, H, W) to (B, 37, H, W).

    Of the channels 1 is alpha, 3 what is added to the picture for the foreground, 1 the expected error and 32 features
    for the refiner; none of them is limited yet. The last convolution is computed in float32 under autocast too.
    """

    def __init__(self, backbone: str) -> None:
        super().__init__()
        self.backbone = MobileNetEncoder() if backbone == "mobilenetv2" else ResNetEncoder(backbone)
        channels: tuple[int, ...] = self.backbone.channels
        self.aspp = ASPP(channels[0], _RATES, _CHANNELS[0])
        self.decoder = Decoder(list(channels[1:]))
        allow_single_values(self)

    def forward(self, pair: Tensor) -> Tensor:
        deepest, *skips = self.backbone(pair)
        out: Tensor = self.decoder(self.aspp(deepest), [*skips, pair])
        return out

    def load_backbone(self, path: str) -> None:
        """Load torchvision's weights of the encoder, or the encoder and ASPP of a DeepLabV3 on it.

        The channels of the captured background start at zero.

        Raises:
            AssetError: The file is missing or does not fit.
        """
        weights = read_weights(path)
        for prefix in ("classifier.0.", "classifier.classifier.0."):
            if aspp := _below(weights, f"{prefix}convs.", f"{prefix}project."):
                start_from(self.aspp, {key.removeprefix(prefix): value for key, value in aspp.items()}, path)
        inside = _below(weights, "backbone.")
        self.backbone.load({key.removeprefix("backbone."): value for key, value in (inside or weights).items()}, path)


class ResNetEncoder(ResNet):  # type: ignore[misc]  # torchvision is untyped
    """ResNet50 or 101 with its last stage dilated: features at 1/16, 1/8, 1/4 and 1/2 of (B, 6, H, W)."""

    channels = (2048, 512, 256, 64)

    def __init__(self, name: str) -> None:
        super().__init__(Bottleneck, _RESNETS[name], replace_stride_with_dilation=[False, False, True])
        self.conv1 = nn.Conv2d(_IN_CHANNELS, 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")
        del self.avgpool, self.fc

    def forward(self, x: Tensor) -> list[Tensor]:
        half = self.relu(self.bn1(self.conv1(x)))
        quarter = self.layer1(self.maxpool(half))
        eighth = self.layer2(quarter)
        return [self.layer4(self.layer3(eighth)), eighth, quarter, half]

    def load(self, weights: dict[str, Tensor], path: str) -> None:
        """See `Base.load_backbone`."""
        start_from(self, weights, path, unused=("fc.",), first="conv1.weight")


class MobileNetEncoder(nn.Module):
    """MobileNetV2 without its last layer, dilated from block 15 on: features as `ResNetEncoder` gives them."""

    channels = (320, 32, 24, 16)
    _ends = (18, 7, 4, 2)

    def __init__(self) -> None:
        super().__init__()
        features: Any = mobilenet_v2(weights=None).features[:-1]
        features[0][0] = nn.Conv2d(_IN_CHANNELS, 32, 3, stride=2, padding=1, bias=False)
        nn.init.kaiming_normal_(features[0][0].weight, mode="fan_out")
        features[14].conv[1][0].stride = (1, 1)
        for block in features[15:]:
            block.conv[1][0].dilation = block.conv[1][0].padding = (2, 2)
        self.features: nn.Sequential = features

    def forward(self, x: Tensor) -> list[Tensor]:
        found: list[Tensor] = []
        for number, block in enumerate(self.features, 1):
            x = block(x)
            if number in self._ends:
                found.insert(0, x)
        return found

    def load(self, weights: dict[str, Tensor], path: str) -> None:
        """See `Base.load_backbone`."""
        low, high = "low_level_features.", "high_level_features."
        named = {}
        # DeepLabV3 of VainF: its second part begins with block 4, which is called 4, or 0 if it was built anew.
        numbers = {int(key.removeprefix(high).partition(".")[0]) for key in weights if key.startswith(high)}
        skipped = 4 if 0 in numbers else 0
        for key, value in weights.items():
            if key.startswith(high):
                number, _, rest = key.removeprefix(high).partition(".")
                key = f"features.{int(number) + skipped}.{rest}"
            named[key.replace(low, "features.")] = value
        start_from(self, named, path, unused=("classifier.", "features.18."), first="features.0.0.weight")


class Decoder(nn.Module):
    """Three times up, beside the encoder's features, and a last time beside its input: (B, 256, h, w) to (B, 37, H, W).

    Args:
        skips: Channels of the encoder's features at 1/8, 1/4 and 1/2.
    """

    def __init__(self, skips: list[int]) -> None:
        super().__init__()
        for number, (c_in, skip, c_out) in enumerate(zip(_CHANNELS, skips, _CHANNELS[1:4], strict=False), 1):
            self.add_module(f"conv{number}", nn.Conv2d(c_in + skip, c_out, 3, padding=1, bias=False))
            self.add_module(f"bn{number}", nn.BatchNorm2d(c_out))
        self.conv4 = nn.Conv2d(_CHANNELS[3] + _IN_CHANNELS, _CHANNELS[4], 3, padding=1)

    def forward(self, x: Tensor, skips: list[Tensor]) -> Tensor:
        *features, pair = skips
        for number, skip in enumerate(features, 1):
            x = self.get_submodule(f"conv{number}")(_beside(x, skip))
            x = F.relu(self.get_submodule(f"bn{number}")(x))
        with torch.autocast(x.device.type, enabled=False):
            out: Tensor = self.conv4(_beside(x.float(), pair.float()))
        return out


def _below(weights: dict[str, Tensor], *prefixes: str) -> dict[str, Tensor]:
    return {key: value for key, value in weights.items() if key.startswith(prefixes)}


def _beside(x: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False), skip], 1)
