"""When a training is over."""

from __future__ import annotations

import math

from synthmat.recipe.train import EarlyStopping
from synthmat.train.engine.early_stopping import best_epoch, stalled_epochs, stop_reason

RULE = EarlyStopping(patience=3, min_delta=0.1)


def test_it_stops_after_patience_epochs_without_a_fall() -> None:
    assert stop_reason([1.0, 0.5, 0.5, 0.5], 100, RULE) is None
    assert stop_reason([1.0, 0.5, 0.5, 0.5, 0.5], 100, RULE) == "early stopping"


def test_small_falls_count_only_when_they_add_up() -> None:
    assert stalled_epochs([1.0, 0.95, 0.92], 0.1) == 2
    assert stalled_epochs([1.0, 0.95, 0.92, 0.89], 0.1) == 0


def test_a_rise_at_the_start_is_no_fall_and_no_end() -> None:
    assert stop_reason([1.0, 1.4, 1.2, 0.8], 100, RULE) is None


def test_the_number_of_epochs_ends_it() -> None:
    assert stop_reason([1.0, 0.5], 2, RULE) == "all epochs"
    assert stop_reason([], 2, RULE) is None


def test_the_best_epoch_is_the_first_of_the_lowest() -> None:
    assert best_epoch([1.0, 0.4, 0.6, 0.4]) == 2


def test_what_is_not_a_number_is_never_the_best() -> None:
    assert best_epoch([math.nan, 0.6, math.nan, 0.4]) == 4
    assert best_epoch([0.6, math.nan]) == 1
