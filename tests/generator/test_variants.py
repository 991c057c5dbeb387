"""Variants of a model are rendered apart and remain one object."""

import dataclasses
import json

import pytest

from synthmat.errors import RecipeError
from synthmat.generator.plan import plan_render
from synthmat.recipe import parse_recipe
from synthmat.storage.output_folder import OutputFolder

VARIED = """
render:
  views: {random: {count: 2}}
  lights: {three_point: {fill: {uniform: [0, 1]}}}
  looks: {randomness: {uniform: [0.2, 0.9]}}
  animation: {pose: random}
"""


@pytest.fixture
def plan(tmp_path):
    for name in ("fox", "bear"):
        (tmp_path / f"{name}.ply").write_bytes(name.encode())

    def jobs_of(objects, more=VARIED):
        recipe = parse_recipe(f"name: x\nseed: 3\nobjects: {json.dumps(objects)}\n{more}")
        return {job.asset.name: job for job in plan_render(recipe, tmp_path, OutputFolder(tmp_path / "out"))}

    return jobs_of


def test_each_variant_draws_its_own_look_light_views_and_pose(plan):
    jobs = plan([{"models": "*.ply", "variants": 3}])
    assert list(jobs) == [name + end for name in ("bear", "fox") for end in ("", "_001", "_002")]
    for part in ("look", "light", "views", "animation"):
        assert len({json.dumps(dataclasses.asdict(job)[part]) for job in jobs.values()}) == 6, part
    assert {job.folder.rpartition("/")[2] for job in jobs.values()} == set(jobs)


def test_variants_have_one_identity_and_built_in_ones_are_things_of_their_own(plan):
    jobs = plan([{"models": "*.ply", "variants": 2}, {"builtin": "vase", "count": 2}])
    identities = {name: job.asset.identity for name, job in jobs.items()}
    assert identities == {
        "bear": "bear",
        "bear_001": "bear",
        "fox": "fox",
        "fox_001": "fox",
        "vase": "vase",
        "vase_001": "vase_001",
    }


def test_more_variants_change_none_that_were_there(plan):
    many = plan([{"model": "fox.ply", "variants": 1001}])
    assert len(many) == 1001
    for count in (1, 2, 1000):
        few = plan([{"model": "fox.ply", "variants": count}])
        assert len(few) == count
        assert all(many[name] == job for name, job in few.items())


def test_a_single_variant_has_the_plain_name(plan):
    (job,) = plan([{"model": "fox.ply", "name": "red", "variants": 1}]).values()
    assert (job.asset.name, job.asset.identity) == ("red", "red")


@pytest.mark.parametrize("other", [{"builtin": "vase"}, {"model": "bear.ply"}, {"group": [{"builtin": "vase"}]}])
def test_a_variant_never_makes_way_for_another_object_of_its_name(plan, other):
    fox = {"model": "fox.ply", "variants": 2}
    assert len(plan([fox, {**other, "name": "fox_002"}])) == 3
    with pytest.raises(RecipeError, match=r"(?s)two have the name fox_001: .*fox\.ply.*`name`"):
        plan([fox, {**other, "name": "fox_001"}])


def test_the_identity_is_no_part_of_a_frames_key(plan):
    (job,) = plan([{"model": "fox.ply"}]).values()
    other = dataclasses.replace(job, asset=dataclasses.replace(job.asset, identity="another", name="a"))
    assert other.key(job.views[0]) == job.key(job.views[0])


def test_a_look_is_part_of_a_frames_key(plan):
    (job,) = plan([{"model": "fox.ply"}]).values()
    assert job.look is not None
    other = dataclasses.replace(job, look=dataclasses.replace(job.look, seed=job.look.seed + 1))
    assert other.key(job.views[0]) != job.key(job.views[0])


def test_degrees_are_drawn_within_the_recipes_bounds_and_zero_is_no_look(plan):
    degrees = [job.look.degree for job in plan([{"model": "fox.ply", "variants": 30}]).values()]
    assert 0.2 <= min(degrees) < 0.4 < 0.7 < max(degrees) <= 0.9
    assert all(job.look is None for job in plan([{"model": "fox.ply"}], "").values())
    with pytest.raises(RecipeError, match="outside 0 to 1"):
        plan([{"model": "fox.ply"}], "render: {looks: {randomness: 1.5}}")


def test_an_entrys_own_looks_win_over_the_recipes(plan):
    objects = [{"builtin": "vase", "count": 3, "looks": 0}, {"builtin": "shape", "count": 3}]
    jobs = plan(objects, "render: {looks: {randomness: 1}}")
    authored = {job.asset.name.partition("_")[0]: job.look is None for job in jobs.values()}
    assert authored == {"vase": True, "shape": False}


def test_how_a_model_stands_is_part_of_a_frames_key(plan):
    (job,) = plan([{"model": "fox.ply"}]).values()
    keys = {job.key(job.views[0])}
    for more in ({"up": "z"}, {"rotate": [90, 0, 0]}, {"up": "z", "rotate": [90, 0, 0]}):
        (other,) = plan([{"model": "fox.ply", **more}]).values()
        keys.add(other.key(other.views[0]))
        assert other.asset.up == more.get("up", "auto")
    assert len(keys) == 4


def test_usd_files_take_no_up(plan, tmp_path):
    (tmp_path / "a.usda").write_text("#usda 1.0")
    with pytest.raises(RecipeError, match="rotate"):
        plan([{"model": "a.usda", "up": "y"}])
