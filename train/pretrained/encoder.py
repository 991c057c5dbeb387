"""An encoder of segmentation_models_pytorch that starts from somebody else's training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from synthmat.storage.atomic import sha256_file
from synthmat.train.pretrained.imagenet import imagenet_weights, named_weights
from synthmat.train.pretrained.packages import Color
from synthmat.train.pretrained.timm_names import encoder_names, full_network, in_order, is_timm
from synthmat.train.pretrained.weights import read_weights, start_from

IMAGENET_WEIGHTS = "imagenet"
"""Stands for the ImageNet weights that are on this machine, in place of a file."""

_CLASSIFIERS = ("fc.", "classifier.", "last_linear.")


@dataclass(frozen=True)
class Loaded:
    """What an encoder's weights expect of colors, and where they come from, for checkpoints and cards."""

    mean: Color
    deviation: Color
    origin: dict[str, str]


def load_encoder(module: nn.Module, encoder: str, weights: str) -> Loaded:
    """Load weights into an encoder.

    Args:
        module: The encoder.
        encoder: What recipes call it.
        weights: ``imagenet``, or a file: of timm's for a ``tu-`` encoder, of torchvision's or smp's for others.

    Raises:
        AssetError: They are not on this machine, cannot be read, or do not fit.
    """
    found = imagenet_weights(encoder) if weights == IMAGENET_WEIGHTS else named_weights(encoder, Path(weights))
    tensors = read_weights(found.path)
    if found.in_order:
        tensors = in_order(tensors, full_network(encoder), found.path)
    if is_timm(encoder):
        tensors = encoder_names(tensors, module, encoder)
    start_from(module, tensors, found.path, unused=_CLASSIFIERS)
    origin = {
        "encoder": encoder,
        "file": found.path.name,
        "sha256": sha256_file(found.path),
        "license": found.license or "not given",
        "source": found.source or "not given",
    }
    return Loaded(found.mean, found.deviation, origin)
