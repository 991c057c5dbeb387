"""Networks as their authors publish them, by our names: Background Matting V2 and mmagic's Deep Image Matting.

Only names, orders and shapes are known here; none of the authors' code is used.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from synthmat.errors import AssetError
from synthmat.train.pretrained.weights import read_weights

_HD = 1080
_DIM_CROP = 320


@dataclass(frozen=True)
class Published:
    """A state dictionary of others: which of our networks it is, and its weights by our names.

    ``weights`` lack the parts named in ``absent``, by the beginnings of their names. ``size`` and ``fit`` are those of
    a training whose network is shown pictures as the authors do.
    """

    model: str
    options: dict[str, Any]
    size: int
    fit: str
    weights: dict[str, Tensor]
    absent: tuple[str, ...] = ()

    def completed(self, network: nn.Module) -> dict[str, Tensor]:
        """Return all weights of a network: these, and its own for the parts that are absent."""
        own = network.state_dict()
        return {key: own[key] for key in own if self.absent and key.startswith(self.absent)} | self.weights


def published(weights: Mapping[str, Tensor], path: str | Path) -> Published | None:
    """Return what a state dictionary is, or None if it is not known.

    Raises:
        AssetError: It is mmagic's Deep Image Matting with layers that ours does not have.
    """
    if {"decoder.conv4.weight", "aspp.convs.0.0.weight"} <= weights.keys():
        return _background_matting(weights)
    if "backbone.decoder.deconv6_1.weight" in weights:
        return _deep_image_matting(weights, path)
    return None


def weights_for(network: nn.Module, path: str | Path) -> dict[str, Tensor]:
    """Return the weights in a file by our names, completed by those of ``network``; see `read_weights` for errors."""
    weights = read_weights(path)
    found = published(weights, path)
    return weights if found is None else found.completed(network)


def _background_matting(weights: Mapping[str, Tensor]) -> Published:
    refine = any(key.startswith("refiner.") for key in weights)
    backbone = "resnet101" if "backbone.layer3.22.conv1.weight" in weights else "resnet50"
    if any(key.startswith("backbone.features.") for key in weights):
        backbone = "mobilenetv2"
    options: dict[str, Any] = {"backbone": backbone, "refine": refine, "shrink": "bilinear"}
    if refine:
        # A quarter of HD's size and 80,000 of its pixels, which are 45,000 of a square as high.
        options |= {"backbone_scale": 0.25, "refine_sample_pixels": 45_000}
    named = {key if key.startswith("refiner.") else f"base.{key}": value for key, value in weights.items()}
    return Published("background_matting_v2", options, _HD, "crop", named, () if refine else ("refiner.",))


def _deep_image_matting(weights: Mapping[str, Tensor], path: str | Path) -> Published:
    named = {}
    for key, value in weights.items():
        if key.startswith("refiner."):
            continue
        name, dot, kind = key.removeprefix("backbone.").rpartition(".")
        if layer := re.fullmatch(r"encoder\.layer([1-5])\.(\d+)", name):
            named[f"encoder.levels.{int(layer[1]) - 1}.{layer[2]}.{kind}"] = value
        elif name == "encoder.conv6":
            named[f"encoder.conv6.0.{kind}"] = nn.functional.pad(value, (1, 1, 1, 1)) if kind == "weight" else value
        elif name == "decoder.deconv6_1":
            named[f"decoder.first.0.{kind}"] = value
        elif level := re.fullmatch(r"decoder\.deconv([1-5])_1", name):
            named[f"decoder.levels.{int(level[1]) - 1}.0.{kind}"] = value
        elif name == "decoder.deconv1":
            named[f"decoder.last{dot}{kind}"] = value
        else:
            raise AssetError(f"{path}: mmagic's Deep Image Matting with a layer that ours does not have: {key}")
    if any(key.startswith("refiner.") for key in weights):
        warnings.warn(
            f"{path}: mmagic's refiner is left out: it adds to what goes into the sigmoid, and ours, as the paper has "
            "it, to alpha; encoder and decoder are what mmagic calls stage 1",
            stacklevel=2,
        )
    return Published("deep_image_matting", {"stage": 1}, _DIM_CROP, "crop", named, ("refinement.",))
