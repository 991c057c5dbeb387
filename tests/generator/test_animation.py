"""What objects do is drawn once an object, and a sequence turns each view into the frames of a clip."""

import json
from typing import Any

import pytest

from synthmat.errors import RecipeError
from synthmat.generator.plan import plan_render
from synthmat.recipe import parse_recipe
from synthmat.storage.output_folder import OutputFolder

TWO = [{"model": "fox.ply", "variants": 2}, {"builtin": "vase"}]


def plan(tmp_path, animation, views="{turntable: {count: 2}}", objects=TWO, more="", seed=3) -> Any:
    (tmp_path / "fox.ply").write_bytes(b"ply")
    text = f"render:\n  views: {views}\n  animation: {json.dumps(animation)}\n{more}"
    recipe = parse_recipe(f"name: x\nseed: {seed}\nobjects: {json.dumps(objects)}\n{text}")
    return {job.asset.name: job for job in plan_render(recipe, tmp_path, OutputFolder(tmp_path / "out"))}


def test_without_a_wish_models_stay_as_authored_and_views_are_single_frames(tmp_path):
    jobs = plan(tmp_path, {})
    assert all(job.animation is None for job in jobs.values())
    assert [view.name for view in jobs["vase"].views] == ["0000", "0001"]


def test_each_variant_of_a_model_draws_a_pose_of_its_own_and_a_vase_none(tmp_path):
    jobs = plan(tmp_path, {"pose": "random", "motion_blur": {"uniform": [0.01, 0.04]}})
    first, second = jobs["fox"].animation, jobs["fox_001"].animation
    assert jobs["vase"].animation is None
    assert first.pose == "action"
    assert first.action != second.action
    assert first.start != second.start
    assert 0.01 <= first.exposure_s <= 0.04
    more = plan(tmp_path, {"pose": "random"}, objects=[{"model": "fox.ply", "variants": 3}])
    assert (more["fox"].animation.action, more["fox"].animation.start) == (first.action, first.start)


def test_people_are_the_built_in_objects_that_move(tmp_path):
    objects = [{"builtin": "person", "count": 2}, {"builtin": "garment"}, {"builtin": "vase"}]
    jobs = plan(tmp_path, {"action": "walk", "sequence": {"frames": 3}}, objects=objects)
    moving = {name for name, job in jobs.items() if job.animation is not None}
    assert len(moving) == 2
    assert all(name.startswith("person") for name in moving)
    assert {jobs[name].animation.action for name in moving} == {"walk"}
    assert all(job.animation is None for job in plan(tmp_path, {"pose": "rest"}, objects=objects).values())


def test_another_pose_makes_the_frame_anew_and_the_same_does_not(tmp_path):
    def key(animation):
        job = plan(tmp_path, animation)["fox"]
        return job.key(job.views[0])

    assert key({"pose": "random"}) == key({"pose": "random"}) != key({}) != key({"pose": "rest"})


def test_every_view_becomes_a_clip_of_frames_that_stay_together(tmp_path):
    job = plan(tmp_path, {"sequence": {"frames": 3, "fps": 12, "speed": 2}})["fox"]
    assert [view.name for view in job.views] == [f"{clip}_{n:04d}" for clip in ("0000", "0001") for n in range(3)]
    assert [view.clip for view in job.views] == ["0000"] * 3 + ["0001"] * 3
    assert [view.time_s for view in job.views[:3]] == pytest.approx([0, 1 / 6, 2 / 6])
    assert {view.azimuth for view in job.views[:3]} == {0.0}
    assert all(view.motion is None for view in job.views)
    assert job.animation.length_s == pytest.approx(2 / 6)
    assert job.animation.exposure_s == pytest.approx(0.5 / 6)
    assert job.animation.start_s is None


def test_more_frames_leave_the_first_ones_where_they_were(tmp_path):
    few, many = (plan(tmp_path, {"sequence": {"frames": n, "start": 0.5}})["fox"] for n in (4, 9))
    assert many.views[:4] == few.views[:4]
    assert (many.animation.start_s, many.animation.action) == (0.5, few.animation.action)


def test_a_spinning_camera_goes_on_by_the_frame_keeps_its_distance_and_is_blurred_as_long_as_the_shutter_is_open(
    tmp_path,
):
    sequence = {"frames": 4, "fps": 10, "spin": -30, "shutter": 0.5}
    jobs = plan(tmp_path, {"action": "none", "sequence": sequence}, views="{random: {count: 2}}")
    views = jobs["vase"].views
    assert [(view.azimuth - views[0].azimuth + 180) % 360 - 180 for view in views[:4]] == pytest.approx([0, -3, -6, -9])
    assert all((view.fit, view.motion.kind) == ("orbit", "spin") for view in views)
    assert views[0].motion.amount == pytest.approx(-1.5)
    assert jobs["fox"].animation is None


def test_a_movement_of_the_camera_that_the_recipe_asks_for_is_kept(tmp_path):
    blur = "  motion_blur: {movement: {slide: {length: 0.05, direction: 0}}}\n"
    job = plan(tmp_path, {"sequence": {"frames": 2, "spin": 90}}, more=blur)["vase"]
    assert {view.motion.kind for view in job.views} == {"slide"}


def test_a_named_action_is_passed_on(tmp_path):
    assert plan(tmp_path, {"pose": "random", "action": "Run"})["fox"].animation.action == "Run"


@pytest.mark.parametrize(
    ("animation", "named"),
    [
        ({"pose": "random", "action": "none"}, "needs an action"),
        ({"sequence": {"start": "late"}}, "random"),
        ({"sequence": {"shutter": 1.5}}, "shutter"),
        ({"sequence": {"speed": -1}}, "speed"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tmp_path, animation, named):
    with pytest.raises(RecipeError, match=named):
        plan(tmp_path, animation)
