"""People: never nude, hair that grows on the head, clothes outside of the body, crops that portraits frame."""

import pytest
from support.blender_script import found_by

SEEDS = (3, 8)

pytestmark = pytest.mark.once

_BUILD = """
import json, sys
import bpy
import numpy as np
from support.mesh_points import points
from mathutils.bvhtree import BVHTree
from synthmat.blender_scenes.builtins import garment, person
from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.measures import body_measures
from synthmat.blender_scenes.models.offered_crops import offered_crops

found = []
for seed in json.loads(sys.argv[1]):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    drawn = []
    person.random_body = lambda rng: drawn.append(random_body(rng)) or drawn[-1]
    person.build(np.random.default_rng(seed))
    bpy.context.view_layer.update()
    body = drawn[0]
    items = {item.name: points(item) for item in bpy.data.objects}
    regions, count = body.regions, body.parts["body"].vertices.stop
    own = body.vertices[:count]
    at = body_measures()
    trunk = (at.arm < 0.2) & (at.z < 0.33) & (at.leg < 0.25) & (np.abs(at.x) > 0.03)
    spots, skin = own[trunk[:count]][::20], items["skin"]
    private = float(np.linalg.norm(skin[None] - spots[:, None], axis=-1).min())
    head = own[regions["head"][:count] > 0.9]
    hair = items.get("hair")
    away = None
    if hair is not None:
        roots = hair.reshape(len(bpy.data.objects["hair"].data.curves), -1, 3)[::100, 0]
        away = float(np.quantile(np.linalg.norm(roots[:, None] - head[None], axis=-1).min(axis=1), 0.98))
    part = body.parts["tights"]
    faces = [list(dict.fromkeys(face)) for face in body.faces[part.faces].tolist()]
    tree = BVHTree.FromPolygons(body.vertices.tolist(), faces)
    tops = ("t-shirt", "shirt", "pullover", "top", "dress")
    cloth = np.concatenate([items[name] for name in items if name in tops])[::40]
    nearest = [tree.find_nearest(spot) for spot in cloth.tolist()]
    inside = np.mean([(spot - np.array(hit[0])) @ np.array(hit[1]) < -0.002 for spot, hit in zip(cloth, nearest)])
    crops = {name: crop[:2] for name, crop in offered_crops(np.zeros(3), 1.0).items()}
    bpy.ops.wm.read_factory_settings(use_empty=True)
    garment.build(np.random.default_rng(seed))
    alone = sorted(item.name for item in bpy.data.objects)
    found.append({"inside": float(inside), "garment": alone, "names": sorted(items),
                  "private": private, "hair": away, "crops": crops, "eye": float(body.eyes["left"].center[2])})
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> list[dict]:
    """Facts about people built in a process of its own."""
    return found_by(_BUILD, SEEDS)


def test_nobody_is_nude(found):
    for person in found:
        assert person["private"] > 0.003
        assert {"shoe", "sole", "skin", "eye"} <= set(person["names"])
        assert {"trousers", "skirt", "dress"} & set(person["names"])
        assert {"t-shirt", "shirt", "pullover", "top", "dress"} & set(person["names"])


def test_hair_grows_on_the_head(found):
    assert any(person["hair"] is not None for person in found)
    for person in found:
        assert person["hair"] is None or person["hair"] < 0.05  # the mesh of a scalp is coarse


def test_portraits_frame_the_head_and_more_and_more_of_the_body(found):
    for person in found:
        lows = [person["crops"][name][0] for name in ("portrait", "half_length", "three_quarters")]
        assert person["eye"] > lows[0] > lows[1] > lows[2] > 0
        assert all(0.07 < high - person["eye"] < 0.25 for _, high in person["crops"].values())


def test_clothes_lie_outside_of_the_body(found):
    for person in found:
        assert person["inside"] < 0.03  # where an arm presses on it


def test_a_garment_alone_shows_no_person(found):
    for person in found:
        assert not {"skin", "eye", "hair"} & set(person["garment"])
        kinds = {"t-shirt", "shirt", "pullover", "top", "jacket", "trousers", "skirt", "dress", "coat", "sheer"}
        assert kinds & set(person["garment"])
