"""Divisions made for one training: nothing that is named is shared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthmat.errors import OutputError
from synthmat.recipe.train import Resplit
from synthmat.train.data.dataset import Sample
from synthmat.train.data.splits import Division, resplit


def _sample(name: str, **row: str) -> Sample:
    return Sample(name, "train", {}, {}, {"id": name, **row})


def _varied(sample: Sample) -> Sample:
    return replace(sample, row={**sample.row, "identity": f"model_{int(sample.object[-1]) % 3}"})


def _samples(objects: int = 1, views: int = 12, photos: int = 10) -> list[Sample]:
    return [
        _sample(f"{o}_{v:04d}_{p}", object=f"object_{o}", view=f"{v:04d}", background=f"photo_{p}")
        for o in range(objects)
        for v in range(views)
        for p in range(photos)
    ]


def _of(samples: list[Sample], column: str) -> set[tuple[str, ...]]:
    if column == "view":
        return {(sample.object, sample.view) for sample in samples}
    return {(sample.id if column == "sample" else getattr(sample, column),) for sample in samples}


@given(
    by=st.lists(st.sampled_from(["sample", "object", "view", "background"]), min_size=1, unique=True),
    val=st.floats(0.05, 0.6),
    seed=st.integers(0, 1000),
)
def test_training_and_validation_share_nothing_that_is_named(by: list[str], val: float, seed: int) -> None:
    samples = _samples(objects=5, views=6, photos=5)
    try:
        division = resplit(samples, Resplit(by=by, val=val), seed, "a")  # type: ignore[arg-type]  # drawn names
    except OutputError:
        return
    for column in by:
        assert not _of(division.train, column) & _of(division.val, column)
    assert len(division.train) + len(division.val) + division.left_out == len(samples)


def test_the_honest_division_of_the_experiment() -> None:
    division = resplit(_samples(), Resplit(by=["view", "background"], val=0.25), 2018, "honest")
    assert (len(division.val), len(division.train)) == (3 * 3, 9 * 7)
    assert division.left_out == 120 - 9 - 63
    assert division.shared() == {"object": "1 of 1", "view": "0 of 3", "background": "0 of 3"}


def test_kept_views_are_neighbors_on_the_turntable() -> None:
    for seed in range(20):
        division = resplit(_samples(objects=3), Resplit(by=["view"], val=0.25), seed, "a")
        for name in ("object_0", "object_1", "object_2"):
            turns = sorted({int(sample.view) for sample in division.val if sample.object == name})
            gaps = [(after - before) % 12 for before, after in zip(turns, [*turns[1:], turns[0]], strict=True)]
            assert sorted(gaps) == [1, 1, 10]


def test_a_new_photo_moves_no_other_to_the_other_side_by_name() -> None:
    few, more = (resplit(_samples(photos=photos), Resplit(by=["background"], val=0.3), 5, "a") for photos in (10, 11))
    assert len(_of(few.val, "background") - _of(more.val, "background")) <= 1


def test_variants_of_a_model_stay_together() -> None:
    samples = [_varied(sample) for sample in _samples(9, 6, 2)]
    for column in ("object", "view"):
        division = resplit(samples, Resplit(by=[column], val=0.3), 1, "a")  # type: ignore[list-item]  # drawn names
        sides = [
            {(s.identity, s.view) if column == "view" else s.identity for s in side}
            for side in (division.train, division.val)
        ]
        assert all(sides)
        assert not sides[0] & sides[1]
        assert division.shared()[column].startswith("0 of")


def test_by_sample_takes_the_share() -> None:
    division = resplit(_samples(), Resplit(by=["sample"], val=1 / 6), 0, "a")
    assert (len(division.train), len(division.val), division.left_out) == (100, 20, 0)
    assert _of(division.val, "view") <= _of(division.train, "view")


def test_the_seed_decides() -> None:
    def val_of(seed: int) -> list[Sample]:
        return resplit(_samples(), Resplit(by=["sample"], val=0.2), seed, "a").val

    assert val_of(1) == val_of(1)
    assert val_of(1) != val_of(2)


def test_a_division_that_leaves_nothing_says_which_side() -> None:
    with pytest.raises(OutputError, match=r"train\.splits\.honest.*by object leaves none for training"):
        resplit(_samples(objects=1), Resplit(by=["object"], val=0.2), 0, "honest")


def test_shared_counts_views_of_each_object_apart() -> None:
    one, other = _samples(objects=2, views=1, photos=1)
    assert Division([one], [other], 0, "").shared() == {"object": "0 of 1", "view": "0 of 1", "background": "1 of 1"}
