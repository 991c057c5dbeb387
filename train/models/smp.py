"""Any architecture and encoder of segmentation_models_pytorch (U-Net on ResNet34 by default).

The package's documentation lists what there is: https://smp.readthedocs.io
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import segmentation_models_pytorch as smp
import torch
from pydantic import Field
from segmentation_models_pytorch.encoders import encoders
from torch import Tensor, nn

from synthmat.errors import AssetError
from synthmat.registry import check_name
from synthmat.train.models._batch_norm import allow_single_values
from synthmat.train.models._normalise import ImageNetColors
from synthmat.train.models._padding import padded
from synthmat.train.prediction import MattingNetwork, Prediction
from synthmat.train.pretrained.weights import read_weights, start_from

_MIN_STRIDES = {"PAN": 8}
"""Shortest edge that an architecture takes, in strides of its encoder: PAN pools three times more. Others take two."""

EncoderWeights = Annotated[
    str | None,
    Field(
        description="What the encoder starts from: none (at random), imagenet (only where the cache of Hugging Face or "
        "of torch hub has it: nothing is downloaded), or the path of a state dictionary (.pth, .safetensors)."
    ),
]


def build(
    architecture: Annotated[str, Field(description="Unet, UnetPlusPlus, MAnet, Linknet, FPN, PSPNet, ...")] = "Unet",
    encoder: Annotated[str, Field(description="resnet34, resnet50, mobilenet_v2, mit_b0, tu-..., ...")] = "resnet34",
    encoder_weights: EncoderWeights = None,
) -> MattingNetwork:
    """Return an `SmpNetwork`."""
    return SmpNetwork(architecture, encoder, encoder_weights)


class SmpNetwork(MattingNetwork):
    """A network of segmentation_models_pytorch from images (B, 3, H, W) to alpha (B, 1, H, W).

    Colors are normalised as for ImageNet, and pictures are padded with their edge pixels to multiples of the
    encoder's stride, and to twice that at least (eight times for PAN, 128 pixels).

    Raises:
        ValueError: There is no such architecture or encoder, or they do not go together.
        AssetError: The encoder's weights are not there or do not fit.
    """

    def __init__(self, architecture: str, encoder: str, encoder_weights: str | None = None) -> None:
        super().__init__()
        known = {kind.__name__: kind for kind in smp.MODEL_ARCHITECTURES_MAPPING.values()}
        check_name("architecture", architecture, known)
        if not encoder.startswith("tu-"):
            check_name("encoder", encoder, list(encoders))
        try:
            self.network = known[architecture](encoder, encoder_weights=None, in_channels=3, classes=1)
        except (ValueError, NotImplementedError, RuntimeError, TypeError, AttributeError) as error:
            raise ValueError(f"architecture {architecture} does not go with encoder {encoder}: {error}") from None
        if encoder_weights is not None:
            _load_encoder(self.network.encoder, encoder, encoder_weights)
        allow_single_values(self.network)
        self.colors = ImageNetColors()
        self.stride = int(self.network.encoder.output_stride)
        self._min_size = _MIN_STRIDES.get(architecture, 2) * self.stride

    def forward(self, image: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        logits = self.network(padded(self.colors(image), self.stride, self._min_size))
        logits = logits[..., :height, :width].float()
        return Prediction(logits.sigmoid(), logits)


def _load_encoder(module: nn.Module, encoder: str, weights: str) -> None:
    path = _cached(encoder) if weights == "imagenet" else Path(weights)
    start_from(module, read_weights(path), path, unused=("fc.", "classifier.", "last_linear."))


def _cached(encoder: str) -> Path:
    """Return where the encoder's ImageNet weights lie on this machine."""
    from huggingface_hub import try_to_load_from_cache

    settings = encoders.get(encoder, {}).get("pretrained_settings", {}).get("imagenet")
    if settings is None:
        raise AssetError(f"encoder {encoder}: smp has no ImageNet weights for it; name a file as encoder_weights")
    repository, revision = settings["repo_id"], settings["revision"]
    found = try_to_load_from_cache(repository, "model.safetensors", revision=revision)
    if isinstance(found, str):
        return Path(found)
    hub = Path(torch.hub.get_dir()) / "checkpoints"
    there = sorted(hub.glob(f"{encoder}-*.pth"))
    if there:
        return there[0]
    raise AssetError(
        f"encoder {encoder}: its ImageNet weights are not on this machine, and nothing is downloaded by itself; either "
        f"get https://huggingface.co/{repository}/resolve/{revision}/model.safetensors and name that file as "
        f"encoder_weights, or put torchvision's {encoder}-<hash>.pth into {hub}"
    )
