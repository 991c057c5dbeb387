"""Pictures of any size for networks that need multiples of something."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from synthmat.train.tracing import at_least, tracing


def padded(image: Tensor, multiple: int, least: int = 1) -> Tensor:
    """Return ``image`` (B, C, H, W) with its last row and column repeated to multiples of ``multiple``.

    Neither edge is shorter than ``least``, itself a multiple, afterwards.
    """
    height, width = image.shape[-2:]
    right, below = (at_least((edge + multiple - 1) // multiple * multiple, least) - edge for edge in (width, height))
    # A trace holds for every size, so it always pads.
    needed = tracing() or right or below
    return F.pad(image, (0, right, 0, below), mode="replicate") if needed else image
