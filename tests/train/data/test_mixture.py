"""Several sources as one."""

from __future__ import annotations

from collections import Counter

import pytest
from support.tiny_training import Squares

from synthmat.train.data.mixture import Draw, Mixture, WeightedSource
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.steps import steps_of


def _counts(draws: list[Draw], name: str) -> Counter[int]:
    return Counter(draw.index for draw in draws if draw.source.samples.name == name)


def test_weights_say_how_often_a_sample_comes() -> None:
    mixture = Mixture(
        (
            WeightedSource(Squares(10, "a"), 1.0),
            WeightedSource(Squares(4, "b"), 2.5),
            WeightedSource(Squares(20, "c"), 0.25),
        )
    )
    totals: dict[str, Counter[int]] = {name: Counter() for name in "abc"}
    for epoch in range(1, 41):
        draws = mixture.epoch(epoch, seed=1)
        assert len(draws) == len(mixture) == 10 + 10 + 5
        assert set(_counts(draws, "a").values()) == {1}
        assert set(_counts(draws, "b").values()) == {2, 3}
        assert set(_counts(draws, "c").values()) == {1}
        for name, its in totals.items():
            its.update(_counts(draws, name))
    assert set(totals["a"].values()) == {40}
    assert min(totals["b"].values()) > 80
    assert len(totals["c"]) == 20


def test_no_draw_of_a_sample_comes_twice_over_all_epochs() -> None:
    mixture = Mixture((WeightedSource(Squares(5, "a"), 2.6),))
    seen = [draw.names for epoch in range(1, 6) for draw in mixture.epoch(epoch, seed=1)]
    assert len(seen) == len(set(seen)) == 5 * 13


def test_the_order_follows_seed_and_epoch_alone() -> None:
    mixture = Mixture((WeightedSource(Squares(10, "a")), WeightedSource(Squares(4, "b"), 0.5)))
    order = [[draw.names for draw in mixture.epoch(*at)] for at in ((3, 1), (3, 1), (4, 1), (3, 2))]
    assert order[0] == order[1]
    assert order[0] != order[2]
    assert order[0] != order[3]


@pytest.mark.parametrize(("count", "batch_size", "accumulate", "size"), [(24, 4, 2, 2), (13, 1, 3, 4), (5, 2, 1, 3)])
def test_processes_share_every_sample_once(count: int, batch_size: int, accumulate: int, size: int) -> None:
    draws = Mixture((WeightedSource(Squares(count)),)).epoch(1, seed=0)
    ranks = [steps_of(draws, batch_size, accumulate, ProcessGroup(rank, size)) for rank in range(size)]
    assert len({tuple(map(len, steps)) for steps in ranks}) == 1
    counted: list[Draw] = []
    for step in zip(*ranks, strict=True):
        of_step = sum(batch.counted for its in step for batch in its)
        assert {batch.of_step for its in step for batch in its} == {of_step}
        assert all(batch.draws and len(batch.draws) <= batch_size for its in step for batch in its)
        counted += [draw for its in step for batch in its for draw in batch.draws[: batch.counted]]
    assert sorted(draw.index for draw in counted) == list(range(count))
