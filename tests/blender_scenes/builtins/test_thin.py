"""Built-in objects whose point is thin structure: hair, grass, feathers, nets and wheels, over many seeds."""

import numpy as np
import pytest
from support.blender_script import found_by

FAMILIES = ("long_hair", "grass_tuft", "feather", "net", "bicycle_wheel")
SEEDS = {family: list(range(8 if family == "net" else 5)) for family in FAMILIES}

# What versions of Blender decide of these families is tried in test_objects.
pytestmark = pytest.mark.once

_BUILD = """
import importlib, json, sys, time
import bpy
import numpy as np
from synthmat.blender_scenes.models.geometry import visible_points

def picture(image):
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    alpha = pixels.reshape(image.size[1], image.size[0], 4)[..., 3]
    wired = any(link.to_socket.name == "Alpha" and link.from_node.type == "TEX_IMAGE" and link.from_node.image == image
                for material in bpy.data.materials for link in material.node_tree.links)
    return {"empty": float((alpha == 0).mean()), "opaque": float((alpha == 1).mean()), "wired": wired,
            "packed": image.packed_file is not None,
            "seam": float(np.abs(alpha[:, 0] - alpha[:, -1]).mean()), "step": float(np.abs(np.diff(alpha)).mean())}

def strands():
    found = {}
    for item in bpy.data.objects:
        if item.type == "CURVES":
            points = np.empty(len(item.data.points) * 3, np.float32)
            item.data.attributes["position"].data.foreach_get("vector", points)
            points = points.reshape(len(item.data.curves), -1, 3)
            radius = np.empty(len(item.data.points), np.float32)
            item.data.attributes["radius"].data.foreach_get("value", radius)
            found[item.name.partition(".")[0]] = {"count": len(points), "thick": float(radius.max() * 2),
                "drop": float((points[:, 0, 2] - points[:, -1, 2]).mean())}
    return found

found = {}
for name, seeds in json.loads(sys.argv[1]).items():
    module = importlib.import_module("synthmat.blender_scenes.builtins." + name)
    found[name] = []
    for seed in seeds:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        began = time.process_time()
        module.build(np.random.default_rng(seed))
        seconds = time.process_time() - began
        points = visible_points()
        extent = np.ptp(points, axis=0)
        turned = np.array([[1, 1], [-1, 1]]) / 2**0.5 @ points[:, :2].T
        found[name].append({"seconds": seconds, "extent": extent.tolist(), "slim": float(min(
            *extent[:2], *np.ptp(turned, axis=1)) / extent.max()), "sum": float(np.abs(points).sum()),
            "pictures": [picture(image) for image in bpy.data.images if image.size[0]], "strands": strands(),
            "parts": sorted({item.name.partition(".")[0] for item in bpy.data.objects}),
            "nodes": sorted({n.type for m in bpy.data.materials for n in m.node_tree.nodes})})
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def variants() -> dict[str, list[dict]]:
    """Facts about each variant of each family, built in a process of its own."""
    return found_by(_BUILD, SEEDS)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_variants_differ_and_build_quickly(variants, family):
    assert len({variant["sum"] for variant in variants[family]}) == len(SEEDS[family])
    assert len({tuple(variant["parts"]) for variant in variants[family]}) >= 2
    assert np.median([variant["seconds"] for variant in variants[family]]) < 2  # 0.05 to 0.5 s on an idle machine


@pytest.mark.parametrize("family", FAMILIES)
def test_no_azimuth_shows_next_to_nothing(variants, family):
    assert min(variant["slim"] for variant in variants[family]) > 0.08


def test_hair_is_thousands_of_strands_that_end_below_their_roots(variants):
    for variant in variants["long_hair"]:
        assert "BSDF_HAIR_PRINCIPLED" in variant["nodes"]
        assert variant["strands"]["hair"]["count"] > 4000
        assert variant["strands"]["hair"]["thick"] < 0.02
    falling = [variant["strands"]["hair"]["drop"] for variant in variants["long_hair"]]
    assert np.mean(np.array(falling) > 0.3) > 0.6


def test_nets_are_cut_out_by_smooth_alpha_or_made_of_thread(variants):
    pictures = [picture for variant in variants["net"] for picture in variant["pictures"]]
    assert len(pictures) >= 3
    for picture in pictures:
        assert picture["wired"]
        assert picture["packed"]
        assert picture["empty"] > 0.05
        assert picture["opaque"] > 0.03
        assert 1 - picture["empty"] - picture["opaque"] > 0.01
        assert picture["seam"] < 4 * picture["step"] + 0.01
    threads = [variant["strands"]["thread"] for variant in variants["net"] if "thread" in variant["strands"]]
    assert threads
    assert all(20 <= thread["count"] < 200 and thread["thick"] < 0.05 for thread in threads)


def test_wheels_have_laced_spokes_rim_tyre_and_hub(variants):
    for variant in variants["bicycle_wheel"]:
        assert {"rim", "tyre", "hub", "axle", "nipple", "spoke", "valve"} <= set(variant["parts"])
        assert 16 <= variant["strands"]["spoke"]["count"] <= 60
        assert variant["strands"]["spoke"]["thick"] < 0.02


def test_feathers_have_shaft_vane_and_down(variants):
    for variant in variants["feather"]:
        assert {"shaft", "vane", "down"} <= set(variant["parts"])


@pytest.mark.parametrize(
    ("family", "fraction"), [("long_hair", 0.1), ("grass_tuft", 0.3), ("feather", 0.3), ("net", 0.3)]
)
def test_renders_have_fractional_alpha_from_every_side(studio, family, fraction):
    _, frames = studio.render(family, builtin=family, name=family, azimuths=(0.0, 90.0), alpha_error=0.03)
    for frame in frames:
        alpha = frame[..., 3] / 255
        assert (alpha > 0).mean() > 0.05
        assert ((alpha > 0.02) & (alpha < 0.98)).sum() / (alpha > 0).sum() > fraction
        color = frame[..., :3][alpha > 0.9]
        assert 15 < color.mean() < 235 if len(color) else fraction > 0.2


def test_spokes_cross_as_often_as_they_should(blender):
    count = 32
    for crossings in (0, 1, 3):
        spokes = np.array(blender(_laced, count, crossings))
        ends = spokes[:, [0, -1]][:, :, [0, 2]]
        one_flange = range(1, count, 2)
        crossed = [sum(_crosses(ends[i], ends[j]) for j in one_flange if j != i) for i in one_flange]
        assert set(crossed) == {crossings}
        assert np.allclose(np.linalg.norm(ends[:, 1], axis=1), 0.95)


def _laced(count: int, crossings: int) -> list:
    from synthmat.blender_scenes.builtins._parts.spokes import laced

    return laced(count, crossings, 0.1, 0.08, 0.95).tolist()


def _crosses(first: np.ndarray, second: np.ndarray) -> bool:
    """Return whether two line segments ``(2, 2)`` cross."""

    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    return bool(
        side(*first, second[0]) * side(*first, second[1]) < 0 > side(*second, first[0]) * side(*second, first[1])
    )


def test_hair_does_not_go_through_the_body(blender):
    deepest = blender(_deepest_hair, list(range(3)))
    assert max(deepest) < 0.02


def _deepest_hair(seeds: list[int]) -> list[float]:
    """Return how deep in the body's own surface the deepest point of hair is, but for roots."""
    import bpy
    from mathutils.bvhtree import BVHTree

    from synthmat.blender_scenes.builtins import long_hair

    deepest = []
    for seed in seeds:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        long_hair.build(np.random.default_rng(seed))
        hair = bpy.data.hair_curves[0]
        points = np.empty(len(hair.points) * 3, np.float32)
        hair.attributes["position"].data.foreach_get("vector", points)
        points = points.reshape(len(hair.curves), -1, 3)[::23, 3:].reshape(-1, 3)
        worst = 0.0
        for name in ("head", "shoulders", "stand"):
            item = bpy.data.objects.get(name)
            if item is None:
                continue
            tree = BVHTree.FromObject(item, bpy.context.evaluated_depsgraph_get())
            # The neck is open above, inside of the head, where "below its surface" means nothing.
            for point in points if name == "head" else points[points[:, 2] < -0.8]:
                place, normal, _, away = tree.find_nearest(point.tolist())
                # Far away the nearest may be the tip below the chin, whose normal tells nothing.
                if away < 0.25:
                    worst = max(worst, -float((np.array(point) - place) @ np.array(normal)))
        deepest.append(worst)
    return deepest
