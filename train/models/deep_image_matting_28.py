"""Deep Image Matting for 28x28 pictures and up: the same layers, of VGG16's five poolings only the first two.

A 28x28 picture comes down to 7x7; five poolings would leave less than one pixel of it. The parameters are the same
28,297,153, and weights of either network load into the other.
"""

from __future__ import annotations

from synthmat.train.models.deep_image_matting import KeepKnown, Stage, Upsampling, UseBatchNorm, VggWeights
from synthmat.train.models.deep_image_matting import build as build_any
from synthmat.train.prediction import MattingNetwork


def build(
    stage: Stage = 1,
    upsampling: Upsampling = "indices",
    keep_known: KeepKnown = True,
    batch_norm: UseBatchNorm = False,
    encoder_weights: VggWeights = None,
) -> MattingNetwork:
    """Return a `DeepImageMatting` with two poolings."""
    return build_any(stage, upsampling, keep_known, batch_norm, encoder_weights, poolings=2)
