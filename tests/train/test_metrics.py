"""Metrics against figures worked out by hand."""

from __future__ import annotations

import pytest
import torch

from synthmat.train.metrics import METRICS, image_metrics, mean_metrics

ALPHA = torch.tensor([0.0, 0.4, 0.6, 1.0]).reshape(1, 1, 2, 2)
GUESS = torch.tensor([0.0, 0.5, 0.5, 0.8]).reshape(1, 1, 2, 2)


def test_golden_values() -> None:
    found = {name: float(value) for name, value in image_metrics(GUESS, ALPHA).items()}
    assert found == pytest.approx(
        {
            # overlap 0.2 + 0.3 + 0.8 = 1.3; squares 0.25 + 0.25 + 0.64 = 1.14 and 0.16 + 0.36 + 1 = 1.52; smooth 1
            "dice": 3.6 / 3.66,
            # masks 0 1 1 1 and 0 0 1 1
            "dice_mask": 4 / 5,
            # mask above 100/255: 0 1 1 1; overlap 1.8, sums 1.8 and 3; smooth 1
            "dice_2018": 4.6 / 5.8,
            "accuracy": 3 / 4,
            "mad": 0.4 / 4,
            "mse": (0.01 + 0.01 + 0.04) / 4,
        },
        rel=1e-6,
    )


def test_the_exact_matte_is_perfect_except_to_the_measure_of_2018() -> None:
    found = image_metrics(ALPHA, ALPHA)
    for name, best in {"dice": 1, "dice_mask": 1, "accuracy": 1, "mad": 0, "mse": 0}.items():
        assert float(found[name]) == best
    assert float(found["dice_2018"]) < 0.95


@pytest.mark.parametrize(("level", "in_mask"), [(100, False), (101, True)])
def test_the_threshold_of_2018_is_above_100_of_255(level: int, in_mask: bool) -> None:
    alpha = torch.full((1, 1, 2, 2), level / 255)
    # Against an empty mask a full prediction gets 1/5, against a full one 1.
    assert float(image_metrics(torch.ones(1, 1, 2, 2), alpha)["dice_2018"]) == pytest.approx(1 if in_mask else 0.2)


def test_two_empty_masks_agree() -> None:
    empty = torch.full((1, 1, 2, 2), 0.1)
    assert float(image_metrics(empty, empty)["dice_mask"]) == 1


def test_the_mean_is_over_images_however_they_are_batched() -> None:
    images = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    guesses = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    at_once = mean_metrics([image_metrics(guesses, images)])
    in_parts = mean_metrics(image_metrics(guesses[part], images[part]) for part in (slice(0, 4), slice(4, 5)))
    assert tuple(at_once) == METRICS
    assert in_parts == pytest.approx(at_once, rel=1e-12)
