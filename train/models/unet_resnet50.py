"""U-Net on a ResNet50, 32.5 million parameters: smp's, the usual one for portraits."""

from __future__ import annotations

from synthmat.train.models.smp import SmpNetwork, Weights
from synthmat.train.prediction import MattingNetwork


def build(encoder_weights: Weights = None) -> MattingNetwork:
    """Return an `SmpNetwork`, 32,521,105 parameters."""
    return SmpNetwork("Unet", "resnet50", encoder_weights)
