"""What a matting network gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Prediction:
    """The output of a network for a batch of pictures ``(B, 3, H, W)``.

    Args:
        alpha: ``(B, 1, H, W)`` in [0, 1].
        logits: The alpha before its sigmoid, for networks that have one; losses on it are exact at 0 and 1.
        foreground: Straight color ``(B, 3, H, W)``, sRGB in [0, 1], of networks that predict it.
        error: Predicted |error| of ``coarse.alpha``, ``(B, 1, h, w)`` in [0, 1], of networks that refine where they
            expect to be wrong.
        coarse: What a refining network saw before it refined, at its lower resolution.
    """

    alpha: Tensor
    logits: Tensor | None = None
    foreground: Tensor | None = None
    error: Tensor | None = None
    coarse: Prediction | None = None


class MattingNetwork(nn.Module):
    """A network that takes the tensors named in ``inputs``, in this order, and returns a `Prediction`.

    Inputs are float32 sRGB in [0, 1]: ``image`` and ``captured_bg`` ``(B, 3, H, W)``, ``trimap`` ``(B, 1, H, W)`` with
    0, 0.5 and 1. Any H and W will do: a network that needs multiples of something pads and cuts by itself.
    """

    inputs: tuple[str, ...] = ("image",)
    origin: Mapping[str, str] | None = None
    """Where the weights come from that it started with: encoder, file, sha256, license and source."""
    least_traced: int = 1
    """Least height and width for which a trace of it holds, pixels."""

    @property
    def takes_whole(self) -> bool:
        """Whether it is made for whole pictures larger than those of its training, made ready by `for_size`."""
        return False

    def for_size(self, height: int, width: int, trained: int) -> None:
        """Make ready to predict pictures of this size, after a training on ``trained`` x ``trained`` pixels."""
