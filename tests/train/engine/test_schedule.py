"""The learning rate at any moment."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from synthmat.random_streams import stream
from synthmat.recipe.train import Train
from synthmat.train.engine.schedule import learning_rate


def _section(**config: Any) -> Train:
    return Train.model_validate({"learning_rate": 1.0, "epochs": 10, **config})


@pytest.mark.parametrize("seed", range(5))
def test_the_plateau_is_torchs(seed: int) -> None:
    scores = stream(seed, "scores").uniform(0.5, 0.6, 40).tolist()
    config = _section(plateau={"patience": 2, "factor": 0.5, "min_rate": 0.05})
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    its = ReduceLROnPlateau(optimizer, factor=0.5, patience=2, min_lr=0.05, threshold=1e-4, threshold_mode="abs")
    for epoch in range(len(scores)):
        assert learning_rate(config, scores[:epoch], epoch + 0.3) == pytest.approx(optimizer.param_groups[0]["lr"])
        its.step(scores[epoch])
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05)


def test_the_cosine_falls_to_nothing_after_a_warm_up() -> None:
    config = _section(schedule="cosine", warmup=2.0)
    rates = [learning_rate(config, [], progress) for progress in (0.0, 0.5, 1.0, 2.0, 6.0, 10.0)]
    assert rates == pytest.approx([0, 0.25, 0.5, 1, 0.5, 0])


def test_a_constant_rate_stays() -> None:
    assert {learning_rate(_section(schedule="constant"), [1.0] * 30, progress) for progress in (0, 3.3, 9.9)} == {1.0}


def test_a_rate_below_the_smallest_of_the_plateau_is_left_as_it_is() -> None:
    assert learning_rate(_section(learning_rate=1e-7), [], 0.5) == 1e-7
