"""The losses want the exact soft alpha, not a mask."""

from __future__ import annotations

import pytest
import torch

from synthmat.train.losses import bce_dice, soft_dice


def _soft_alpha() -> torch.Tensor:
    return torch.linspace(0, 1, 64, dtype=torch.float64).reshape(1, 1, 8, 8)


def test_dice_is_one_only_at_the_soft_alpha_itself() -> None:
    alpha = _soft_alpha()
    assert float(soft_dice(alpha, alpha)) == pytest.approx(1.0, abs=1e-12)
    for other in ((alpha > 0.5).double(), alpha * 0.9, (alpha + 0.02).clamp(max=1), alpha.sqrt()):
        assert float(soft_dice(other, alpha)) < 1 - 1e-4


def test_plain_sums_in_the_denominator_would_prefer_a_mask() -> None:
    alpha = _soft_alpha()
    mask = (alpha > 0.5).double()

    def plain(prediction: torch.Tensor) -> float:
        return float(2 * (prediction * alpha).sum() / (prediction.sum() + alpha.sum()))

    assert plain(mask) > plain(alpha)
    assert float(soft_dice(mask, alpha)) < float(soft_dice(alpha, alpha))


@pytest.mark.parametrize("value", [0.02, 0.3, 0.5, 0.77])
def test_the_loss_is_smallest_at_the_soft_value(value: float) -> None:
    alpha = torch.full((1, 1, 4, 4), value, dtype=torch.float64)
    guesses = torch.linspace(0.005, 0.995, 199, dtype=torch.float64)
    losses = [float(bce_dice(torch.logit(guess).expand(1, 1, 4, 4), alpha)) for guess in guesses]
    assert float(guesses[losses.index(min(losses))]) == pytest.approx(value, abs=0.003)


def test_descent_on_the_loss_ends_at_the_soft_alpha() -> None:
    alpha = _soft_alpha().clamp(0.05, 0.95)
    logits = torch.zeros_like(alpha, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.2)
    for _ in range(400):
        optimizer.zero_grad()
        bce_dice(logits, alpha).backward()
        optimizer.step()
    assert float((logits.sigmoid() - alpha).abs().max().detach()) < 1e-3


def test_an_empty_matte_is_matched_by_an_empty_prediction() -> None:
    empty = torch.zeros(1, 1, 4, 4)
    assert float(soft_dice(empty, empty)) == 1.0
    assert float(soft_dice(torch.ones(1, 1, 4, 4), empty)) < 0.1
