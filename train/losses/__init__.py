"""Losses: each takes a `synthmat.train.prediction.Prediction` and its batch, and returns a scalar.

A batch maps names to float tensors: ``alpha`` and ``trimap`` ``(B, 1, H, W)``, ``image``, ``fg``, ``bg`` and
``captured_bg`` ``(B, 3, H, W)``, sRGB in [0, 1], ``fg`` straight. What a loss needs of both it says in ``needs``.
A new loss is a function ``NAME_loss`` in a file here, and its name and a sentence below. Other packages add losses by
the entry-point group ``synthmat.losses``; see `synthmat.registry`.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synthmat.registry import Choice, Registry, lacks_function

if TYPE_CHECKING:
    from synthmat.train.losses.cross_entropy import bce_dice
    from synthmat.train.losses.dice import soft_dice
    from synthmat.train.losses.loss import Loss
    from synthmat.train.losses.weighted_sum import WeightedSum

__all__ = ["bce_dice", "build_loss", "check_loss", "check_weights", "combined", "loss_names", "soft_dice"]

_FILES = {
    "cross_entropy": {
        "bce": "Binary cross-entropy of the logits with soft alpha.",
        "bce_dice": "Binary cross-entropy plus Dice, both on soft alpha.",
    },
    "dice": {
        "dice": "1 - soft Dice with squares in the denominator, smoothed by 1.",
        "squared_dice": "1 - 2 sum(y p) / (sum y^2 + sum p^2) of each image, not smoothed.",
    },
    "difference": {
        "alpha_l1": "Mean absolute difference of alpha over the whole image.",
        "alpha_mse": "Mean squared difference of alpha over the whole image.",
    },
    "deep_image_matting": {
        "charbonnier": "Deep Image Matting's alpha-prediction loss, on the unknown region.",
        "composition": "Deep Image Matting's compositional loss, on the unknown region.",
    },
    "laplacian": {"laplacian": "L1 between Laplacian pyramids of alpha, 5 levels."},
    "sobel": {"gradient": "L1 between Sobel gradients of alpha."},
    "foreground": {"foreground_l1": "L1 of the predicted foreground color where the true alpha is above 0."},
    "background_matting_v2": {
        "background_matting_v2": "Background Matting V2's sum, coarse and refined; the error's target is detached.",
        "background_matting_v2_attached": "The same, with the refined error's target not detached, as published.",
    },
}
_TENSOR_FUNCTIONS = {"bce_dice": "cross_entropy", "soft_dice": "dice"}


def _ours() -> dict[str, Choice]:
    return {
        name: Choice(name, sentence, f"{__name__}.{file}")
        for file, names in _FILES.items()
        for name, sentence in names.items()
    }


LOSSES = Registry("synthmat.losses", "loss", _ours, lacks_function("{}_loss"))
"""Every loss; listing them imports no torch."""
loss_names = LOSSES.names
check_loss = LOSSES.check


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise ValueError unless `combined` can make a sum of these; needs no torch."""
    if not weights:
        raise ValueError("a sum of losses needs at least one, such as {alpha_l1: 1.0}")
    for name, weight in weights.items():
        check_loss(name)
        if not (math.isfinite(weight) and weight > 0):
            raise ValueError(f"the weight of loss {name} is {weight:g}; it has to be above 0")


def build_loss(name: str) -> Loss:
    """Return the loss called ``name``.

    Raises:
        ValueError: There is no such loss, or the package's function is none.
        MissingDependencyError: It is of another package and cannot be imported.
    """
    choice = check_loss(name)
    made = getattr(choice.load(), f"{name}_loss")
    from synthmat.train.losses.loss import Loss

    if not isinstance(made, Loss):
        raise ValueError(
            f"{choice.module}.{name}_loss of the package {choice.package} is no loss; put the decorator @loss(...) of "
            "synthmat.train.losses.loss on it"
        )
    return made


def combined(weights: Mapping[str, float]) -> WeightedSum:
    """Return the sum of weight times loss over the given names; it also gives the value of each term.

    Raises:
        ValueError: There is no such loss, no loss at all, or a weight is not a number above 0.
    """
    from synthmat.train.losses.weighted_sum import WeightedSum

    check_weights(weights)
    return WeightedSum(dict(weights), {name: build_loss(name) for name in weights})


def __getattr__(name: str) -> Any:
    """Import a function on tensors when it is first asked for, so that the names of losses cost nothing."""
    if name in _TENSOR_FUNCTIONS:
        return getattr(importlib.import_module(f"{__name__}.{_TENSOR_FUNCTIONS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
