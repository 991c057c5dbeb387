"""How well two mattes overlap: the measures of segmentation, over the whole image."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray

from synthmat.train.metrics.batch import image_metrics
from synthmat.train.metrics.levels import as_saved, check_same_size


def overlap_metrics(prediction: NDArray[Any], alpha: NDArray[Any]) -> dict[str, float]:
    """Return ``iou`` of the masks at 0.5, ``dice``, ``dice_mask``, ``dice_2018`` and ``accuracy`` on 8-bit levels.

    See `synthmat.train.metrics.image_metrics` for all but ``iou``; that is 1 if both masks are empty.

    Args:
        prediction: (H, W), uint8, uint16 or float in [0, 1].
        alpha: The true one, likewise.
    """
    p, a = as_saved("the prediction", prediction), as_saved("the true alpha", alpha)
    check_same_size(prediction=p, alpha=a)
    found = image_metrics(*(torch.from_numpy(matte.copy())[None, None].double() / 255 for matte in (p, a)))
    mask = float(found["dice_mask"])
    names = ("dice", "dice_mask", "dice_2018", "accuracy")
    return {"iou": mask / (2 - mask), **{name: float(found[name]) for name in names}}
