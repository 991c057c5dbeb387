"""People in motion: one action, a loop, and all that is worn and grown goes where the body goes."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import blender_session
from support.blender_script import found_by
from support.frame_files import read_rgba

from synthmat.builtin_objects import MOTIONS
from synthmat.errors import AssetError
from synthmat.render_job import Animation, View

_BUILD = """
import json, sys
import bpy
import numpy as np
from support import mesh_points
from mathutils.kdtree import KDTree
from synthmat.blender_scenes.builtins import person
from synthmat.blender_scenes.builtins._person.body.motion import random_motion

def points(item):
    return mesh_points.points(item.evaluated_get(bpy.context.evaluated_depsgraph_get()))

def distances(vertices, spots):
    tree = KDTree(len(vertices))
    for number, vertex in enumerate(vertices):
        tree.insert(vertex, number)
    tree.balance()
    return [tree.find(spot)[2] for spot in spots]

found = {}
for name in json.loads(sys.argv[1]):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    drawn = []
    person.random_motion = lambda rng, name: drawn.append(random_motion(rng, name)) or drawn[-1]
    person.build_moving(np.random.default_rng(4), name)
    motion, scene = drawn[0], bpy.context.scene
    length = bpy.data.actions[0].frame_range[1]
    scene.frame_set(0)
    items = [item for item in bpy.data.objects if item.type in ("MESH", "CURVES")]
    for item in items:
        for modifier in item.modifiers:
            modifier.show_viewport = modifier.type == "NODES"
    built = {item.name: points(item) for item in items}
    for item in items:
        item.modifiers["recorded"].show_viewport = False
    still = {item.name: points(item) for item in items}
    for item in items:
        item.modifiers["recorded"].show_viewport = True
    facts = {"actions": [action.name for action in bpy.data.actions], "seconds": motion.seconds,
             "length": length / 24, "begins": max(float(abs(built[n] - still[n]).max()) for n in built if n != "hair"),
             "hair": float(abs(built["hair"] - still["hair"]).max())}
    places = {}
    for share in (0.0, 7 / 24, 1.0):
        scene.frame_set(int(share * length // 1), subframe=share * length % 1)
        places[share] = {item.name: points(item) for item in items}
    facts["loop"] = max(float(abs(places[0.0][n] - places[1.0][n]).max()) for n in built)
    facts["moved"] = {n: float(abs(places[7 / 24][n] - places[0.0][n]).max()) for n in built}
    ends = np.empty(len(bpy.data.objects["skin"].data.edges) * 2, np.int32)
    bpy.data.objects["skin"].data.edges.foreach_get("vertices", ends)
    then, now = (np.linalg.norm(np.diff(places[share]["skin"][ends.reshape(-1, 2)], axis=1)[:, 0], axis=1)
                 for share in (0.0, 7 / 24))
    facts["stretch"] = float((now / np.maximum(then, 0.002)).max())
    first, body = motion.at(0.0), motion.at(7 / 24 * motion.seconds)
    reach = {}
    for n, now in places[7 / 24].items():
        near = distances(first.vertices, places[0.0][n][::97])
        after = distances(body.vertices, now[::97])
        reach[n] = float(np.quantile(np.abs(np.subtract(after, near)), 0.95))
    facts["away"] = reach
    found[name] = facts
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict:
    """Facts about people who walk and talk, built in a process of its own."""
    return found_by(_BUILD, ["walk", "talk"])


@pytest.mark.once
@pytest.mark.parametrize("name", ["walk", "talk"])
def test_a_motion_is_one_action_as_long_as_its_round_and_ends_as_it_begins(found, name):
    facts = found[name]
    assert facts["actions"] == [name]
    assert facts["length"] == pytest.approx(facts["seconds"], rel=1e-5)
    assert facts["begins"] < 1e-4
    assert facts["hair"] < 0.03  # it comes after the head
    assert facts["loop"] < 1e-4


@pytest.mark.once
def test_who_walks_takes_clothes_shoes_eyes_and_hair_along(found):
    moved, away = found["walk"]["moved"], found["walk"]["away"]
    assert moved["shoe"] > 0.1
    for name in ("skin", "eye", "lashes", "brows"):
        assert moved[name] > 0.01, name
        assert away[name] < 0.004, name
    kinds = ("trousers", "skirt", "t-shirt", "shirt", "pullover", "dress")
    clothes = [name for name in moved if name.split(".")[0] in kinds]
    assert clothes
    for name in clothes:
        wide = name.startswith(("skirt", "dress"))  # legs move within
        assert away[name] < (0.06 if wide else 0.02), name


@pytest.mark.once
def test_skin_of_one_leg_does_not_stay_with_the_other(found):
    assert found["walk"]["stretch"] < 4


@pytest.mark.once
def test_who_talks_moves_teeth_and_lips_more_than_the_feet(found):
    moved = found["talk"]["moved"]
    assert moved["lower_teeth"] > 0.002
    assert moved["shoe"] < 0.002


def test_motions_are_those_that_bodies_have():
    code = "from synthmat.blender_scenes.builtins.person import MOTIONS; print(*MOTIONS)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
    assert tuple(names.split()) == MOTIONS["person"]


def _job(studio, action, times):
    job = studio.job("person", builtin="person", samples=2, width=48, height=48, alpha_error=0.1)
    views = tuple(View(f"0000_{i:04d}", 0.0, 0.0, 50.0, 7, clip="0000", time_s=time) for i, time in enumerate(times))
    animation = Animation("action", action, start_s=0.0, length_s=0.5, frames=3, at_end="auto")
    return dataclasses.replace(job, views=views, animation=animation)


def test_a_clip_of_somebody_who_waves_shows_the_arm_elsewhere_and_says_so(studio):
    job = _job(studio, "wave", [0.0, 0.2])
    rows = studio.blender(blender_session.render, job)
    first, second = (read_rgba(Path(job.folder) / f"{view.name}.png")[..., 3] / 255 for view in job.views)
    assert 0.001 < np.abs(first - second).mean() < 0.1
    assert [row["animation"]["action"] for row in rows] == ["wave", "wave"]
    assert rows[1]["animation"]["seconds"] == pytest.approx(0.2)


def test_an_action_that_people_do_not_have_is_named_with_those_that_they_have(studio):
    job = _job(studio, "juggle", [0.0])
    with pytest.raises(AssetError, match="no action 'juggle'; its actions are look_around, talk, walk, wave"):
        studio.blender(blender_session.render, job)
