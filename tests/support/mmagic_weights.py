"""Weights of Deep Image Matting as mmagic names them."""

from __future__ import annotations

import torch
from torch import Tensor


def mmagic_weights() -> dict[str, Tensor]:
    """Return random weights by mmagic's names for Deep Image Matting."""
    rng = torch.Generator().manual_seed(0)
    shapes, c_in = {}, 4
    for number, (channels, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for place in range(count):
            shapes[f"encoder.layer{number}.{2 * place}"] = (channels, c_in, 3, 3)
            c_in = channels
    shapes |= {"encoder.conv6": (512, 512, 1, 1), "decoder.deconv6_1": (512, 512, 1, 1)}
    for number, (c_in, c_out) in enumerate([(64, 64), (128, 64), (256, 128), (512, 256), (512, 512)], 1):
        shapes[f"decoder.deconv{number}_1"] = (c_out, c_in, 5, 5)
    shapes["decoder.deconv1"] = (1, 64, 5, 5)
    found = {}
    for name, shape in shapes.items():
        deviation = (2 / (shape[1] * shape[2] * shape[3])) ** 0.5
        found[f"backbone.{name}.weight"] = torch.randn(shape, generator=rng) * deviation
        found[f"backbone.{name}.bias"] = torch.randn(shape[0], generator=rng) * 0.01
    return found
