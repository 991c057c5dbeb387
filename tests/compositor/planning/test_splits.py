"""Who is in which split, and what the user is told."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthmat.compositor.planning.splits import assign, divide, wanted_splits
from synthmat.recipe.composite import Split


def _views(objects: int, views: int = 12) -> dict[str, list[str]]:
    return {f"object{number}": [f"{view:04d}" for view in range(views)] for number in range(objects)}


def _photos(count: int) -> list[str]:
    return [f"photo{number}" for number in range(count)]


@settings(deadline=None)
@given(st.integers(3, 60), st.floats(0.01, 0.45), st.floats(0.01, 0.45), st.integers(0, 99))
def test_every_wanted_split_gets_a_share_and_train_is_never_empty(count, val, test, seed):
    split = Split(val=val, test=test)
    parts = Counter(assign(_photos(count), split, seed, "photo", wanted_splits(split)).values())
    assert min(parts["train"], parts["val"], parts["test"]) >= 1


def test_the_sizes_of_splits_follow_the_shares():
    split = Split(val=0.1, test=0.25)
    parts = Counter(assign(_photos(4000), split, 1, "photo", wanted_splits(split)).values())
    assert parts["val"] == pytest.approx(400, abs=60)
    assert parts["test"] == pytest.approx(1000, abs=90)


@settings(deadline=None)
@given(st.integers(3, 40), st.integers(1, 10), st.integers(0, 99), st.sampled_from(["", "val", "test"]))
def test_what_is_added_moves_no_other_once_each_split_has_one_of_its_own(count, added, seed, part):
    split, names = Split(), _photos(count + added)
    forced = {names[-1]: part} if part else {}
    before = assign(names[:count], split, seed, "photo", wanted_splits(split))
    after = assign(names, split, seed, "photo", wanted_splits(split), forced)
    free = assign([*names, *_views(1000)], split, seed, "photo", wanted_splits(split), forced)
    if all(before[name] == free[name] for name in before):  # else a split had borrowed one, and may give it back
        assert {name: after[name] for name in before} == before


def test_objects_and_photos_are_disjoint_between_splits():
    division = divide(Split(), 1, _views(10), {}, _photos(20))
    assert division.rule == "object"
    assert division.notes == []
    objects = {name: {frame[0] for frame, part in division.frames.items() if part == name} for name in division.photos}
    assert sum(len(names) for names in objects.values()) == 10
    assert sum(len(names) for names in division.photos.values()) == 20
    assert all(objects.values())
    assert all(division.photos.values())


def test_the_draw_depends_on_the_seed_and_not_on_the_order():
    split, wanted = Split(), ["train", "val", "test"]
    names = _photos(40)
    first = assign(names, split, 1, "photo", wanted)
    assert first == assign(names[::-1], split, 1, "photo", wanted)
    assert first != assign(names, split, 2, "photo", wanted)
    more = assign([*names, "another"], split, 1, "photo", wanted)
    assert {name: more[name] for name in names} == first


def test_a_forced_split_wins_and_moves_no_other():
    forced = {"object0": "test", "object1": "test", "object2": "val"}
    division = divide(Split(), 1, _views(10), forced, _photos(20))
    parts = {frame[0]: part for frame, part in division.frames.items()}
    assert {name: parts[name] for name in forced} == forced
    drawn = {frame[0]: part for frame, part in divide(Split(), 1, _views(10), {}, _photos(20)).frames.items()}
    assert {name: part for name, part in parts.items() if name not in forced} == {
        name: part for name, part in drawn.items() if name not in forced
    }


@given(st.integers(0, 99))
def test_variants_of_one_model_are_never_divided(seed):
    variants = {
        f"model{number}_{variant:03d}": f"model{number}" for number in range(6) for variant in range(number + 1)
    }
    views = {name: ["0000", "0001"] for name in variants}
    division = divide(Split(), seed, views, {"model3_002": "val"}, _photos(20), variants)
    assert division.rule == "object"
    parts = {(variants[name], part) for (name, _), part in division.frames.items()}
    assert len(parts) == 6
    assert ("model3", "val") in parts
    assert {part for _, part in parts} == {"train", "val", "test"}


def test_many_variants_of_one_model_are_one_object():
    variants = {f"model_{number:03d}": "model" for number in range(30)}
    division = divide(Split(), 1, {name: ["0000"] for name in variants}, {}, _photos(20), variants)
    assert division.rule == "view"
    assert "1 object cannot fill" in division.notes[0]


def test_a_split_that_is_only_forced_gets_photos_of_its_own():
    division = divide(Split(val=0.2, test=0), 1, _views(5), {"object0": "test"}, _photos(10))
    assert len(division.photos["test"]) >= 1
    assert not set(division.photos["test"]) & set(division.photos["train"])


def test_too_few_objects_are_split_by_blocks_of_views_and_the_user_is_told():
    division = divide(Split(val=0.17, test=0.25), 1, _views(2), {}, _photos(20))
    assert division.rule == "view"
    assert "2 objects cannot fill train, val, test" in division.notes[0]
    for name in ("object0", "object1"):
        parts = [division.frames[name, f"{view:04d}"] for view in range(12)]
        assert parts == ["train"] * 7 + ["val"] * 2 + ["test"] * 3


def test_one_object_with_one_view_is_all_training_and_the_empty_splits_are_named():
    division = divide(Split(), 1, _views(1, views=1), {}, _photos(20))
    assert set(division.frames.values()) == {"train"}
    assert any("val has no sample" in note for note in division.notes)
    assert any("test has no sample" in note for note in division.notes)
    assert len(division.photos["train"]) == 20


def test_too_few_photos_are_shared_and_the_user_is_told():
    division = divide(Split(), 1, _views(10), {}, _photos(2))
    assert division.rule == "object"
    assert division.photos["train"] == division.photos["test"] == _photos(2)
    assert "2 photos cannot be divided among test, train, val" in division.notes[0]


@pytest.mark.parametrize(("by", "note"), [("sample", "is in train too"), ("none", "without a forced split is train")])
def test_rules_that_share_photos_say_so(by, note):
    division = divide(Split(by=by), 1, _views(4), {"object1": "val"}, _photos(9))
    assert note in division.notes[0]
    assert all(names == _photos(9) for names in division.photos.values())
    if by == "none":
        assert {frame[0]: part for frame, part in division.frames.items()}["object1"] == "val"


def test_no_share_for_val_and_test_leaves_one_split_without_complaint():
    division = divide(Split(val=0, test=0), 1, _views(1), {}, _photos(1))
    assert division.notes == []
    assert set(division.frames.values()) == {"train"}


def test_photos_of_one_scene_are_never_in_two_splits():
    photos = _photos(60)
    scenes = {photo: f"place{number // 6}" for number, photo in enumerate(photos)}
    division = divide(Split(), 4, _views(20), {}, photos, scenes=scenes)
    of_split = {split: {scenes[photo] for photo in names} for split, names in division.photos.items()}
    assert sum(len(names) for names in division.photos.values()) == 60
    assert sum(len(names) for names in of_split.values()) == 10
    assert all(of_split.values())


def test_fewer_scenes_than_splits_are_shared_and_the_note_says_so():
    photos = _photos(12)
    division = divide(Split(), 4, _views(20), {}, photos, scenes={photo: "ab"[photo > "photo4"] for photo in photos})
    assert division.photos["train"] == division.photos["test"] == photos
    assert any(note.startswith("2 scenes cannot be divided among") for note in division.notes)
