"""The refiner of Background Matting V2: four small convolutions at the picture's resolution, on chosen 4x4 patches."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synthmat.train.models._batch_norm import BatchNorm
from synthmat.train.tracing import at_least, rounded, smaller, tracing

_PATCH = 4
"""Edge of a refined patch, pixels of the picture; two of half its resolution."""

_LEAST_STEP = 1e-15
"""Tells equal errors apart in double precision, and hardly any others."""


class Refiner(nn.Module):
    """Refines alpha and foreground where the expected error is largest; 15,444 parameters.

    Four unpadded 3x3 convolutions, two at half the picture's resolution and two at its own, on patches cut out with
    what they reach beyond themselves, zeros beyond the picture. ``full`` computes the same for all patches at once,
    and is the mode to export: the number of patches depends on the picture.

    Args:
        mode: ``sampling`` refines the ``sample_pixels`` of each picture with the largest expected error above zero,
            ``thresholding`` all with one above ``threshold``, ``full`` everything. In training every picture has at
            least one patch refined.
        sample_pixels: May be changed at any time. Which of equal errors are refined is up to torch, unless
            ``ranked_by_place`` is set, as for an export, which runs on something else.
        threshold: Expected error.
    """

    def __init__(self, mode: str, sample_pixels: int, threshold: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(42, 24, 3, bias=False)
        self.bn1 = BatchNorm(24)
        self.conv2 = nn.Conv2d(24, 16, 3, bias=False)
        self.bn2 = BatchNorm(16)
        self.conv3 = nn.Conv2d(22, 12, 3, bias=False)
        self.bn3 = BatchNorm(12)
        self.conv4 = nn.Conv2d(12, 4, 3)
        self._mode = mode
        self.sample_pixels = sample_pixels
        self.ranked_by_place = False
        self._threshold = threshold

    def forward(self, pair: Tensor, coarse: Tensor, error: Tensor, hidden: Tensor) -> Tensor:
        """Return alpha and the foreground's residual (B, 4, H, W), not limited.

        Args:
            pair: Picture and captured background (B, 6, H, W), H and W multiples of 4.
            coarse: The base's alpha and residual (B, 4, h, w).
            error: Its expected error (B, 1, h, w).
            hidden: Its features (B, 32, h, w).
        """
        height, width = pair.shape[-2:]
        half = (height // 2, width // 2)
        features = torch.cat([_resized(hidden, half), _resized(coarse, half), _resized(pair, half)], 1)
        if self._mode == "full":
            return self._refined(F.pad(features, (3, 3, 3, 3)), F.pad(pair, (2, 2, 2, 2)))
        out = _resized(coarse, (height, width))
        chosen = self._choice(error.detach(), (height // _PATCH, width // _PATCH))
        picture, row, column = chosen.nonzero(as_tuple=True)
        if not tracing() and not len(picture):
            return out
        place = (picture, row, column)
        patches = self._refined(_cut(features, place, _PATCH // 2, 3), _cut(pair, place, _PATCH, 2))
        return _replaced(out, place, patches)

    def _choice(self, error: Tensor, size: tuple[int, int]) -> Tensor:
        """Return which patches are refined, Bool (B, H / 4, W / 4)."""
        expected = _resized(error.float(), size).flatten(1)
        if self._mode == "sampling":
            count = rounded(smaller(at_least(self.sample_pixels // _PATCH**2, 1), expected.shape[1]))
            worst = self._ranked(expected).topk(count, 1, sorted=False).indices
            chosen = (torch.zeros_like(expected).scatter(1, worst, 1.0) > 0) & (expected > 0)
        else:
            chosen = expected > self._threshold
        if self.training:
            chosen = chosen.scatter(1, expected.argmax(1, keepdim=True), True)
        return chosen.view(-1, *size)

    def _ranked(self, expected: Tensor) -> Tensor:
        """Return errors (B, N) as they are ranked; with ``ranked_by_place`` the first of equal ones is the larger."""
        if not self.ranked_by_place:
            return expected
        place = torch.arange(expected.shape[1], device=expected.device)
        return expected.double() - _LEAST_STEP * place

    def _refined(self, features: Tensor, pair: Tensor) -> Tensor:
        """Return (N, 4, h, w) from features (N, 42, h / 2 + 6, w / 2 + 6) and pictures (N, 6, h + 4, w + 4)."""
        x = F.relu(self.bn1(self.conv1(features)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.interpolate(x, size=pair.shape[-2:], mode="nearest")
        x = F.relu(self.bn3(self.conv3(torch.cat([x, pair], 1))))
        with torch.autocast(x.device.type, enabled=False):
            out: Tensor = self.conv4(x.float())
        return out


_Place = tuple[Tensor, Tensor, Tensor]
"""Picture, row and column of each patch, Int64 (P,); rows and columns count patches."""


def _cut(x: Tensor, place: _Place, edge: int, margin: int) -> Tensor:
    """Return patches (P, C, edge + 2 margin, edge + 2 margin) of ``x`` (B, C, H, W), zeros beyond the picture."""
    picture, *corners = place
    reach = torch.arange(-margin, edge + margin, device=x.device)
    rows, columns = (corner[:, None] * edge + reach for corner in corners)
    height, width = x.shape[-2:]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    at = (picture[:, None, None], rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :])
    return (x.permute(0, 2, 3, 1)[at] * inside[..., None]).permute(0, 3, 1, 2)


def _replaced(x: Tensor, place: _Place, patches: Tensor) -> Tensor:
    """Return ``x`` (B, C, H, W) with ``patches`` (P, C, 4, 4) in their places."""
    count, channels, height, width = x.shape
    blocks = x.view(count, channels, height // _PATCH, _PATCH, width // _PATCH, _PATCH).permute(0, 2, 4, 1, 3, 5)
    blocks = blocks.index_put(place, patches.to(x.dtype))
    return blocks.permute(0, 3, 1, 4, 2, 5).reshape(x.shape)


def _resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    same = not tracing() and x.shape[-2:] == size
    return x if same else F.interpolate(x, size=size, mode="bilinear", align_corners=False)
