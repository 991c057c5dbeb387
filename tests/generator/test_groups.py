"""Groups: drawn from their own candidates, alike whatever else is planned, and never shared between splits."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from synthmat.errors import RecipeError
from synthmat.generator.objects import plan_assets
from synthmat.recipe import parse_recipe


def planned(tmp_path: Path, objects: list[dict[str, Any]]) -> Any:
    return plan_assets(parse_recipe(json.dumps({"version": 1, "name": "g", "objects": objects})), tmp_path)


GROUP: dict[str, Any] = {"group": [{"builtin": "vase", "count": 6}, {"builtin": "shape", "count": 6}], "count": 20}


def test_groups_have_two_to_four_different_members_within_their_ranges(tmp_path: Path) -> None:
    groups = planned(tmp_path, [GROUP])
    assert [group.name for group in groups][:2] == ["group", "group_001"]
    assert {len(group.members) for group in groups} == {2, 3, 4}
    for group in groups:
        assert len({member.asset.name for member in group.members}) == len(group.members)
        for position, member in enumerate(group.members):
            assert 0.5 <= member.scale <= 1
            assert member.anchor < max(position, 1)
            assert 1 <= member.apart <= 1.5
    assert len({group.fingerprint for group in groups}) > 15


def test_more_groups_and_other_objects_change_no_group(tmp_path: Path) -> None:
    few = planned(tmp_path, [GROUP])
    more = planned(tmp_path, [{"builtin": "suzanne"}, {**GROUP, "count": 40}])
    assert [asset for asset in more if asset.members][:20] == few


def test_a_further_candidate_changes_only_the_groups_that_take_it_up(tmp_path: Path) -> None:
    more = {**GROUP, "group": [{"builtin": "suzanne"}, *GROUP["group"]]}
    before, after = planned(tmp_path, [GROUP]), planned(tmp_path, [more])
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert 0 < len(changed) < 10
    assert all("suzanne" in [member.asset.name for member in group.members] for group in changed)


def test_a_group_larger_than_its_candidates_has_all_of_them(tmp_path: Path) -> None:
    (group,) = planned(tmp_path, [{"group": [{"builtin": "vase", "count": 2}], "members": 5}])
    count = Counter(member.asset.name for member in group.members)
    assert sorted(count.values()) == [2, 3]


def test_all_groups_of_an_entry_go_into_one_split(tmp_path: Path) -> None:
    assert {group.identity for group in planned(tmp_path, [{**GROUP, "name": "pots"}])} == {"pots"}


def test_a_built_in_in_a_group_is_not_the_one_outside(tmp_path: Path) -> None:
    alone, group = planned(tmp_path, [{"builtin": "vase"}, {"group": [{"builtin": "vase"}], "members": 2}])
    assert {member.asset.fingerprint for member in group.members}.isdisjoint({alone.fingerprint})


def test_a_model_in_a_group_and_alone_needs_one_split_for_both(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\n")
    group = {"group": [{"model": "a.obj"}, {"builtin": "vase"}]}
    with pytest.raises(RecipeError, match=r"a\.obj is an object of its own and in a group.*split"):
        planned(tmp_path, [{"model": "a.obj"}, group])
    assets = planned(tmp_path, [{"model": "a.obj", "split": "test"}, {**group, "split": "test"}])
    assert [asset.split for asset in assets] == ["test", "test"]


def test_faults_name_the_entry(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"objects\.1\.group\.0: no model at .*gone\.glb"):
        planned(tmp_path, [{"builtin": "vase"}, {"group": [{"model": "gone.glb"}]}])
    with pytest.raises(RecipeError, match=r"two have the name group: a group of .* and a group of "):
        planned(tmp_path, [{"group": [{"builtin": "vase"}]}, {"group": [{"builtin": "shape"}]}])


def test_the_licenses_of_all_members_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\n")
    (group,) = planned(tmp_path, [{"group": [{"model": "a.obj", "license": "CC-BY-4.0"}, {"builtin": "vase"}]}])
    assert set(group.license.split(", ")) <= {"CC-BY-4.0", "CC0-1.0"}
