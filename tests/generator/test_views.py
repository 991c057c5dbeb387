"""Where cameras stand: evenly, inside the limits, and each view by its own draws alone."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthmat.errors import RecipeError
from synthmat.generator.views import plan_views, zone_elevation
from synthmat.random_streams import stream
from synthmat.recipe import parse_recipe
from synthmat.render_job import Asset

EVERYTHING = """
  camera:
    focal_length: {log_uniform: [24, 120]}
    fill: {uniform: [0.5, 1]}
    roll: {normal: [0, 500]}
    offset_x: {normal: [0, 0.05]}
    offset_y: {uniform: [-0.1, 0.1]}
    truncation: {probability: 0.5, sides: [left, top]}
  depth_of_field: {probability: 0.5, focus: {uniform: [0, 1]}}
  motion_blur: {probability: 0.5, movement: [{slide: {}}, {spin: {}}]}
"""


def views_of(views, more="", seed=3, name="fox"):
    recipe = parse_recipe(
        f"name: x\nseed: {seed}\nobjects: [{{builtin: suzanne}}]\nrender:\n  views: {json.dumps(views)}\n{more}"
    )
    return plan_views(recipe, Asset(name))


def directions(views):
    a, e = np.radians([[view.azimuth, view.elevation] for view in views]).T
    return np.stack([np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)], axis=1)


@pytest.mark.parametrize("count", [12, 100, 1000])
def test_views_over_the_whole_sphere_are_as_far_apart_as_can_be(count):
    points = directions(views_of({"sphere": {"count": count, "elevation": [-90, 90]}}))
    angles = np.arccos(np.clip(points @ points.T - 2 * np.eye(count), -1, 1)).min(axis=1)
    best = math.sqrt(8 * math.pi / math.sqrt(3) / count)  # distance in a hexagonal lattice of that density
    assert angles.min() > 0.75 * best
    assert angles.max() < 1.1 * best


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.tuples(st.floats(-90, 90), st.floats(-90, 90)).map(sorted), st.integers(0, 99))
def test_sphere_and_random_views_stay_inside_their_zone(count, zone, seed):
    for views in ({"sphere": {"count": count, "elevation": zone}}, {"random": {"elevation": {"zone": zone}}}):
        for view in views_of(views, seed=seed):
            assert zone[0] <= view.elevation <= zone[1]
            assert 0 <= view.azimuth < 360


def test_sphere_views_are_evenly_spread_over_a_zone():
    views = views_of({"sphere": {"count": 400, "elevation": [-20, 60]}})
    heights = np.sin(np.radians([view.elevation for view in views]))
    assert np.ptp(np.histogram(heights, 8)[0]) <= 1
    assert np.ptp(np.histogram([view.azimuth for view in views], 12, (0, 360))[0]) <= 4


def test_random_views_see_every_part_of_the_zone_equally_often():
    views = views_of({"random": {"count": 4000}})
    heights = np.sin(np.radians([view.elevation for view in views]))
    low, high = math.sin(math.radians(-20)), math.sin(math.radians(60))
    assert heights.mean() == pytest.approx((low + high) / 2, abs=0.02)
    assert np.histogram(heights, 4, (low, high))[0] == pytest.approx(1000, abs=110)
    assert np.histogram([view.azimuth for view in views], 4, (0, 360))[0] == pytest.approx(1000, abs=110)


@given(st.tuples(st.floats(-90, 90), st.floats(-90, 90)).map(sorted))
def test_a_zone_begins_and_ends_at_its_limits(zone):
    assert zone_elevation(0.0, *zone) == pytest.approx(zone[0], abs=1e-6)
    assert zone_elevation(1.0, *zone) == pytest.approx(zone[1], abs=1e-6)


def test_each_object_gets_a_turn_of_its_own():
    starts = [views_of({"sphere": {}}, name=name)[0].azimuth for name in ("fox", "bear", "owl")]
    assert len(set(starts)) == 3


def test_adding_views_changes_none_of_those_before():
    few, many = (views_of({"random": {"count": count}}, EVERYTHING) for count in (5, 40))
    assert many[:5] == few


def test_switching_blur_on_moves_no_camera():
    sharp = views_of({"random": {"count": 9}})
    blurred = views_of({"random": {"count": 9}}, "  motion_blur: {movement: {spin: {}}}\n  depth_of_field: {}\n")
    assert [dataclasses.replace(view, defocus=None, motion=None) for view in blurred] == list(sharp)
    assert all(view.motion and view.defocus for view in blurred)


def test_a_turntable_draws_its_lens_once_and_its_chances_for_each_view():
    views = views_of({"turntable": {"count": 40, "elevation": {"uniform": [0, 60]}}}, EVERYTHING)
    for name in ("elevation", "focal_length", "fill", "roll", "offset_x", "offset_y"):
        assert len({getattr(view, name) for view in views}) == 1
    for name in ("cut_off", "defocus"):
        assert 8 < sum(getattr(view, name) is not None for view in views) < 32
    assert 8 < sum(view.motion.kind != "still" for view in views) < 32
    assert len({view.seed for view in views}) == 1


def test_a_turntable_is_drawn_by_the_streams_of_its_object():
    views = views_of({"turntable": {"start": {"uniform": [0, 360]}}}, "  camera: {focal_length: {uniform: [30, 90]}}")
    assert views[0].azimuth == stream(3, "object", "fox", "start").uniform(0, 360)
    assert views[0].focal_length == stream(3, "object", "fox", "focal_length").uniform(30, 90)


def test_other_views_draw_everything_for_each_view():
    views = views_of({"random": {"count": 60}}, EVERYTHING)
    for name in ("azimuth", "elevation", "focal_length", "fill", "offset_x", "offset_y"):
        assert len({getattr(view, name) for view in views}) == 60
    assert {view.cut_off.side for view in views if view.cut_off} == {"left", "top"}
    assert {view.motion.kind for view in views if view.motion} == {"slide", "spin", "still"}
    assert all(-180 <= view.roll <= 180 for view in views)


@pytest.mark.parametrize(
    ("views", "camera", "fit"),
    [
        ({"turntable": {}}, "auto", "orbit"),
        ({"sphere": {}}, "auto", "silhouette"),
        ({"random": {}}, "auto", "silhouette"),
        ({"turntable": {}}, "silhouette", "silhouette"),
        ({"random": {}}, "orbit", "orbit"),
    ],
)
def test_a_turntable_keeps_its_size_unless_asked_otherwise(views, camera, fit):
    assert {view.fit for view in views_of(views, f"  camera: {{fit: {camera}}}")} == {fit}


def test_a_frame_without_room_for_the_object_is_refused():
    with pytest.raises(RecipeError, match=r"no room in a frame of 512 x 512.*offset_x"):
        views_of({"random": {}}, "  camera: {offset_x: 0.3, margin: 0.2}")


def test_framings_are_drawn_from_a_list_and_change_no_other_draw():
    plain = views_of({"random": {"count": 40}}, EVERYTHING)
    lens = EVERYTHING.replace("fill:", "framing: [whole, portrait]\n    fill:")
    framed = views_of({"random": {"count": 40}}, lens)
    assert {view.framing for view in plain} == {"whole"}
    assert 8 < sum(view.framing == "portrait" for view in framed) < 32
    assert [dataclasses.replace(view, framing="whole") for view in framed] == list(plain)
