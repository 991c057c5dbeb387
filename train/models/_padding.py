"""Pictures of any size for networks that need multiples of something."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def padded(image: Tensor, multiple: int, least: int = 1) -> Tensor:
    """Return ``image`` (B, C, H, W) with its last row and column repeated to multiples of ``multiple``.

    Neither edge is shorter than ``least``, itself a multiple, afterwards.
    """
    height, width = image.shape[-2:]
    right, below = (max(least, -(-edge // multiple) * multiple) - edge for edge in (width, height))
    return F.pad(image, (0, right, 0, below), mode="replicate") if right or below else image
