"""Networks as rembg's custom sessions call them: one picture, normalized and of a fixed size, to one mask.

rembg divides a picture by its largest level, normalizes it, and afterwards stretches the mask so that its least value
is 0 and its largest 1. See `RembgNetwork` for what is done about that.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synthmat.errors import AssetError
from synthmat.registry import check_name
from synthmat.train.export.traced_network import traceable
from synthmat.train.predict.sized_predictor import Trained
from synthmat.train.prediction import MattingNetwork
from synthmat.train.tracing import by_area

_HALF_LEVEL = 0.5 / 255


@dataclass(frozen=True)
class Session:
    """One of rembg's sessions for models of the user's: edge of its pictures, mean and deviation of its colors."""

    edge: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    def normalized(self, image: Tensor) -> Tensor:
        """Return sRGB (B, 3, E, E) from 0 to 1 as the session gives it to a network."""
        mean, deviation = (torch.tensor(each).view(3, 1, 1) for each in (self.mean, self.deviation))
        return (image - mean) / deviation


SESSIONS = {
    "u2net_custom": Session(320, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "dis_custom": Session(1024, (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)),
}


def session_for(wanted: str, trained: Trained) -> str:
    """Return the session that ``--for`` means: ``rembg:u2net_custom``, or for ``rembg`` the one nearest in size.

    Raises:
        AssetError: There is no such session, or the network needs more than a picture.
    """
    if trained.inputs != ("image",):
        more = ", ".join(kind.replace("_", " ") for kind in trained.inputs if kind != "image")
        raise AssetError(
            f"--for {wanted}: rembg gives a network nothing but a picture, and {trained.model} needs {more}"
        )
    program, _, session = wanted.partition(":")
    try:
        check_name("program that networks are exported for", program, ["rembg"])
        if session:
            check_name("session of rembg", session, list(SESSIONS))
    except ValueError as error:
        raise AssetError(f"--for {wanted}: {error}") from None
    small = trained.size <= SESSIONS["u2net_custom"].edge and not trained.crops
    return session or ("u2net_custom" if small else "dis_custom")


class RembgNetwork(nn.Module):
    """rembg's tensor (B, 3, E, E) to alpha (B, 1, E, E) that its stretching leaves as it is.

    The normalization is undone; the division by the largest level cannot be, so dark pictures arrive brighter. A
    network that was trained on whole pictures sees this one at its own size, and its alpha is brought back bilinearly.

    For the stretching to change nothing, one pixel has to be 0 and one 1. Where alpha reaches 0.5, its largest value
    becomes 1, in the midst of what is opaque anyway; where it does not, as in an empty picture, the first corner does,
    where a speck does least harm. Likewise its least value becomes 0 if it is 0.5 at most, else the last corner. And
    since rembg cuts levels off instead of rounding them, half a level is added.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: MattingNetwork, trained: Trained, session: Session) -> None:
        super().__init__()
        self.network = traceable(network)
        self._size = session.edge if trained.crops else trained.size
        self._edge = session.edge
        self.register_buffer("mean", torch.tensor(session.mean).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(session.deviation).view(3, 1, 1))
        self.eval()

    def forward(self, normalized: Tensor) -> Tensor:
        image = (normalized * self.deviation + self.mean).clamp(0, 1)
        alpha = self.network(_at(image, self._edge, self._size)).alpha.clamp(0, 1)
        return pinned(_at(alpha, self._size, self._edge))


def pinned(alpha: Tensor) -> Tensor:
    """Return alpha (B, 1, H, W) half a level higher, with one pixel of each picture at 0 and one at 1."""
    flat = alpha.flatten(1)
    last = torch.full_like(flat[:, :1], flat.shape[1] - 1, dtype=torch.int64)
    highest, high = flat.max(1, keepdim=True)
    lowest, low = flat.min(1, keepdim=True)
    high = torch.where(highest >= 0.5, high, torch.zeros_like(high))
    spare = torch.where(high == last, torch.zeros_like(last), last)
    low = torch.where((lowest <= 0.5) & (low != high), low, spare)
    raised = (flat + _HALF_LEVEL).clamp(0, 1)
    return raised.scatter(1, low, 0.0).scatter(1, high, 1.0).view(alpha.shape)


def _at(x: Tensor, edge: int, wanted: int) -> Tensor:
    if wanted == edge:
        return x
    if wanted < edge:
        return by_area(x, wanted, wanted)
    return F.interpolate(x, size=(wanted, wanted), mode="bilinear", align_corners=False)
