"""What pieces of clothing promise: sheer cloth is seen through, hangers have hooks, layers stay apart."""

import colorsys

import numpy as np
import pytest
from support.blender_script import found_by

from synthmat.images.srgb import to_srgb

pytestmark = pytest.mark.once

_BUILD = """
import json, sys
import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from support.front_view import alpha_from_the_front
from synthmat.blender_scenes.builtins._person.bag import add_bag
from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.fabrics import cloth_color
from synthmat.blender_scenes.builtins._person.garment import Dummy, Fit
from synthmat.blender_scenes.builtins._person.hanger import hang_up
from synthmat.blender_scenes.builtins._person.layers import tucked
from synthmat.blender_scenes.builtins._person.patterns import Top, Trousers
from synthmat.blender_scenes.builtins._person.wardrobe import Outfit, one_piece

body = random_body(np.random.default_rng(1), pose="standing", expression="neutral")
dummy = Dummy(body)
colors = [cloth_color(np.random.default_rng(number)) for number in range(2000)]
found = {"colors": colors, "hip": float(body.joints["upperleg01.L"][2, 3]),
         "knee": float(body.joints["lowerleg01.L"][2, 3]),
         "neck": float(body.joints["neck01"][2, 3])}

def fresh():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return np.random.default_rng(int(sys.argv[1]))

def points(name):
    clouds = []
    for item in bpy.data.objects:
        if item.name.partition(".")[0] == name:
            clouds.append(np.array([tuple(item.matrix_basis @ v.co) for v in item.data.vertices]))
    return np.concatenate(clouds)

def box(name):
    spots = points(name)
    return [spots.min(axis=0).tolist(), spots.max(axis=0).tolist()]

def alpha():
    found = alpha_from_the_front(*box("sheer"), 96, 64)
    inside = found > 0.02
    for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
        inside &= np.roll(found, shift, axis) > 0.02
    return found[inside]

rng = fresh()
one_piece(dummy, female=1.0, rng=rng, kind="sheer")
area = alpha()
found["sheer"] = {"pixels": len(area), "between": float(((area > 0.2) & (area < 0.9)).mean()),
                  "middle": float(np.median(area))}

rng = fresh()
worn = one_piece(dummy, female=1.0, rng=rng, kind="dress")
deep = float(np.ptp(points("dress")[:, 1]))
found["dress"] = {"box": box("dress"), "materials": len({each.material.name for each in worn})}
hang_up(worn, body, rng)
found["hung"] = {"hook": box("hook"), "bar": box("hanger"), "dress": box("dress"), "deep": deep}

rng = fresh()
outfit = Outfit(dummy, rng)
outfit.put_on("trousers", Trousers(0.1, 2.0), Fit(), ("plain",))
outfit.finish()
found["trousers"] = box("trousers")
rng = fresh()
hang_up(one_piece(dummy, female=0.0, rng=rng, kind="skirt"), body, rng)
found["clips"] = {"hook": box("hook"), "clip": box("clip"), "skirt": box("skirt")}

class Always(np.random.Generator):
    def random(self, *args, **named):
        drawn = super().random(*args, **named)
        return drawn * 0.1 if not args and not named else drawn

fresh()
one_piece(dummy, female=0.0, rng=Always(np.random.PCG64(5)), kind="coat")
fur = bpy.data.objects["fur"]
places = np.empty(len(fur.data.attributes["position"].data) * 3, np.float32)
fur.data.attributes["position"].data.foreach_get("vector", places)
places = places.reshape(len(fur.data.curves), -1, 3)
found["coat"] = {"box": box("coat"), "strands": len(places), "fur": [places[:, 0].min(axis=0).tolist(),
                 places[:, 0].max(axis=0).tolist()], "belt": box("belt")}
front = points("coat")
before = front[(front[:, 1] < body.joints["root"][1, 3] - 0.05) & (front[:, 2] < found["hip"])]
found["coat"]["gap"] = float(np.quantile(np.abs(before[:, 0]), 0.02))

rng = fresh()
outfit = Outfit(dummy, rng)
outfit.put_on("pullover", Top(0.02, 2.05, 0.08), Fit(0.012, 0.03, 1.15), ("plain",))
outfit.put_on("t-shirt", Top(0.02, 0.5, 0.08), Fit(0.004, 0.004, 1.0), ("plain",))
inner, outer = (each.garment for each in outfit.worn)

def through(inner):
    tree = BVHTree.FromPolygons(outer.surface.places.tolist(), outer.surface.faces.tolist())
    out = []
    for place in inner.surface.places[::5].tolist():
        spot, normal, _, far = tree.find_nearest(Vector(place))
        along = (Vector(place) - spot).dot(normal)
        out.append(along > 0.001 and far < 0.05 and along > 0.9 * far)
    return float(np.mean(out))

found["layers"] = [through(inner), through(tucked([inner, outer])[0])]
rng = fresh()
found["bag"] = {"made": add_bag(body, [inner], rng), "bag": box("bag"), "strap": box("strap")}
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict:
    """Facts about clothes on one body, made in a process of their own."""
    return found_by(_BUILD, 3)


def test_sheer_cloth_is_partly_transparent_over_its_area(found):
    sheer = found["sheer"]
    assert sheer["pixels"] > 1000
    assert 0.3 < sheer["middle"] < 0.85
    assert sheer["between"] > 0.8  # hems, and folds seen from the side, are denser


def test_a_dress_goes_from_the_neck_to_the_legs_in_one_cloth(found):
    (_, _, low), (_, _, high) = found["dress"]["box"]
    assert found["dress"]["materials"] == 1
    assert low < found["hip"] - 0.2
    assert high > found["neck"] - 0.15


def test_trousers_leave_the_feet_free(found):
    assert 0.02 < found["trousers"][0][2] < 0.15


def test_a_garment_on_a_hanger_is_flat_and_its_hook_is_seen_above_it(found):
    hung = found["hung"]
    assert hung["hook"][1][2] > hung["dress"][1][2] + 0.02
    assert hung["hook"][0][2] < hung["bar"][1][2] + 0.01
    assert hung["dress"][0][0] < hung["bar"][0][0]
    assert hung["bar"][1][0] < hung["dress"][1][0]
    assert hung["dress"][1][1] - hung["dress"][0][1] < 0.6 * hung["deep"]
    clips = found["clips"]
    assert clips["hook"][1][2] > clips["clip"][1][2] > clips["skirt"][1][2] > clips["clip"][0][2]


def test_a_coat_is_open_in_front_long_belted_and_has_fur_of_strands_round_the_neck(found):
    coat = found["coat"]
    assert coat["box"][0][2] < found["hip"] - 0.25
    assert coat["gap"] > 0.008
    assert coat["strands"] > 5000
    assert coat["fur"][1][2] > found["neck"] - 0.06
    assert abs(coat["belt"][0][2] - found["hip"]) < 0.2


def test_what_is_worn_underneath_does_not_come_through(found):
    before, after = found["layers"]
    assert before > 0.05
    assert after < 0.2 * before


def test_a_strap_goes_over_the_shoulder_to_a_bag_at_the_hip(found):
    bag = found["bag"]
    assert bag["made"]
    assert bag["strap"][1][2] > found["neck"] - 0.1
    assert bag["bag"][0][2] < found["hip"]
    assert bag["strap"][0][2] - 0.05 < bag["bag"][1][2]


def test_no_cloth_looks_like_a_missing_texture(found):
    worn = [colorsys.rgb_to_hsv(*to_srgb(np.array(color))) for color in found["colors"]]
    magenta = [saturation for hue, saturation, _ in worn if 0.78 < hue < 0.91]
    assert len(magenta) > 20
    assert max(magenta) < 0.51
    assert max(saturation for hue, saturation, _ in worn) > 0.8
