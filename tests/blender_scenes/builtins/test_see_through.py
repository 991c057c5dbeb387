"""Built-in objects that light goes through: glasses and bottles with walls, and smoke without an edge."""

import numpy as np
import pytest
from support.blender_script import found_by

# What versions of Blender decide of these families is tried in test_objects.
pytestmark = pytest.mark.once

_RENDER = """
import importlib, json, sys
import bpy
import numpy as np
from support.front_view import alpha_from_the_front

def empty():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene

def walls(scene):
    import bmesh
    from mathutils import Vector
    from mathutils.bvhtree import BVHTree
    found = {}
    for item in scene.objects:
        work = bmesh.new()
        work.from_mesh(item.data)
        found[item.name.partition(".")[0]] = facts = {
            "open": sum(not edge.is_manifold for edge in work.edges),
            "volume": work.calc_volume(signed=True),
        }
        if item.name in ("glass", "bottle"):
            tree = BVHTree.FromBMesh(work)
            middle = Vector()
            top = max(v.co.z for v in work.verts)
            thick = []
            for share in np.linspace(0.3, 0.9, 7):
                middle.z = share * top
                first = tree.ray_cast(middle, (1, 0.013, 0))
                if first[0] is None or first[1].x > 0:  # above the rim, or in a solid stem
                    continue
                second = tree.ray_cast(first[0] + (first[0] - middle).normalized() * 1e-4, (1, 0.013, 0))
                thick.append(None if second[0] is None else (second[0] - first[0]).length)
            facts["thick"] = thick
        work.free()
    return found

def look(scene, size, samples):
    points = np.concatenate([np.array([tuple(i.matrix_world @ v.co) for v in i.data.vertices]) for i in scene.objects])
    return alpha_from_the_front(points.min(axis=0), points.max(axis=0), size, samples)

found = {}
for name, seed, size, samples in json.loads(sys.argv[1]):
    module = importlib.import_module(f"synthmat.blender_scenes.builtins.{name}")
    scene = empty()
    module.build(np.random.default_rng(seed))
    bpy.context.view_layer.update()
    entry = {"parts": walls(scene)}
    if size:
        alpha = look(scene, size, samples)
        entry["alpha"] = np.round(alpha, 4).tolist()
    found[f"{name} {seed}"] = entry
print("FOUND", json.dumps(found))
"""
GLASS = [(name, seed) for name in ("wine_glass", "bottle") for seed in range(8)]
SMOKE = list(range(8))
SEEN = {"wine_glass": (0, 3, 7), "bottle": (4, 6, 7)}


@pytest.fixture(scope="module")
def found() -> dict[str, dict]:
    """Facts about objects, and the alpha of some seen from the front, by name and seed."""
    jobs = [(name, seed, 32 * (seed in SEEN[name]), 16) for name, seed in GLASS]
    jobs += [("smoke", seed, 32, 8) for seed in SMOKE]
    return found_by(_RENDER, jobs)


@pytest.mark.parametrize(("name", "seed"), GLASS)
def test_glass_and_liquid_are_closed_and_turned_outward(found, name, seed):
    parts = found[f"{name} {seed}"]["parts"]
    assert ("glass" if name == "wine_glass" else "bottle") in parts
    for part, facts in parts.items():
        if part != "label":
            assert facts["open"] == 0, part
            assert facts["volume"] > 0, part


@pytest.mark.parametrize(("name", "seed"), GLASS)
def test_walls_have_a_thickness(found, name, seed):
    parts = found[f"{name} {seed}"]["parts"]
    thick = parts.get("glass", parts.get("bottle"))["thick"]
    assert thick
    assert None not in thick
    assert 0.005 < np.median(thick) < 0.3


@pytest.mark.parametrize(("name", "seed"), [(name, seed) for name, seeds in SEEN.items() for seed in seeds])
def test_the_background_is_seen_through_glass(found, name, seed):
    alpha = np.array(found[f"{name} {seed}"]["alpha"])
    between = (alpha > 0.02) & (alpha < 0.9)
    assert between[4:-4].sum() > 40
    assert (alpha > 0.95).any()
    assert (alpha == 0).any()


@pytest.mark.parametrize("seed", SMOKE)
def test_smoke_fades_out_before_its_bounds(found, seed):
    alpha = np.array(found[f"smoke {seed}"]["alpha"])
    frame = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert frame.max() < 0.01
    assert list(found[f"smoke {seed}"]["parts"]) == ["smoke"]
    assert (alpha > 0.05).sum() > 25


def test_the_alpha_of_smoke_covers_the_whole_range(found):
    alpha = np.concatenate([np.ravel(found[f"smoke {seed}"]["alpha"]) for seed in SMOKE])
    fraction = np.histogram(alpha[alpha > 0.01], bins=5, range=(0, 1.001))[0] / (alpha > 0.01).sum()
    assert fraction.min() > 0.05
    assert max(np.max(found[f"smoke {seed}"]["alpha"]) for seed in SMOKE) > 0.98
    assert min(np.max(found[f"smoke {seed}"]["alpha"]) for seed in SMOKE) < 0.98
