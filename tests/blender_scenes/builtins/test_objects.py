"""Every built-in object: quick, whole, decided by its generator alone; and what each family promises."""

import pytest
from support.blender_script import found_by

from synthmat.builtin_objects import MOTIONS, builtin_objects

# A person is built for seconds, and on the other Python one waves in test_moving.
NAMES = [pytest.param(name, marks=pytest.mark.once) if name == "person" else name for name in builtin_objects()]
SEEDS = (11, 11, 12)

_BUILD = """
import hashlib, importlib, json, random, sys, time, warnings
warnings.simplefilter("error")
import bpy
import numpy as np

def read(collection, name, width):
    values = np.empty(len(collection) * width, np.float32)
    collection.foreach_get(name, values)
    return values.reshape(-1, width)

def numbers(owner):
    return [tuple(value) if hasattr(value, "__len__") else value
            for value in (i.default_value for i in owner.inputs if hasattr(i, "default_value"))]

def materials_hash():
    digest = hashlib.sha256()
    for material in sorted(bpy.data.materials, key=lambda item: item.name):
        for node in material.node_tree.nodes:
            digest.update(repr((node.type, numbers(node))).encode())
            if node.type == "VALTORGB":
                digest.update(repr([(e.position, tuple(e.color)) for e in node.color_ramp.elements]).encode())
            if node.type == "TEX_IMAGE":
                digest.update(read_pixels(node.image).tobytes())
    return digest.hexdigest()

def read_pixels(image):
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(image.size[1], image.size[0], 4)

def facts():
    digest, low, high, finite, dressed, valid = hashlib.sha256(), [], [], True, True, True
    parts = {}
    for part in bpy.context.evaluated_depsgraph_get().object_instances:
        item = part.object
        if item.type not in ("MESH", "CURVES"):
            continue
        if item.type == "MESH":
            points = read(item.data.vertices, "co", 3)
            slots = [slot.material is not None for slot in item.material_slots]
            faces = np.empty(len(item.data.polygons), np.int32)
            item.data.polygons.foreach_get("material_index", faces)
            dressed &= len(faces) > 0 and faces.max() < len(slots) and all(slots)
            valid &= not item.data.copy().validate()
        else:
            points = read(item.data.attributes["position"].data, "vector", 3)
            dressed &= all(item.data.materials) and len(item.data.materials) == 1
        matrix = np.array(part.matrix_world)
        world = points @ matrix[:3, :3].T + matrix[:3, 3]
        finite &= bool(np.isfinite(world).all()) and not item.hide_render
        digest.update(np.round(world, 4).astype(np.float32).tobytes())
        low.append(world.min(axis=0))
        high.append(world.max(axis=0))
        parts.setdefault(item.name.partition(".")[0], []).append(world.mean(axis=0).tolist())
    found = {"shape": digest.hexdigest(), "look": materials_hash(), "finite": finite, "dressed": bool(dressed),
             "valid": bool(valid), "extent": (np.max(high, axis=0) - np.min(low, axis=0)).tolist(), "parts": parts}
    for image in bpy.data.images:
        alpha = read_pixels(image)[..., 3]
        found["leaf"] = {"packed": image.packed_file is not None, "opaque": float((alpha == 1).mean()),
                         "empty": float((alpha == 0).mean())}
        found["leaf"]["sides"] = float(alpha[:, [0, -1]].max())
        found["leaf"]["mapped"] = any(link.to_socket.name == "Alpha" and link.from_node.type == "TEX_IMAGE"
                                      for m in bpy.data.materials for link in m.node_tree.links)
    for curves in bpy.data.hair_curves:
        radius = read(curves.attributes["radius"].data, "value", 1).reshape(len(curves.curves), -1)
        found["fur"] = {"strands": len(radius), "taper": float((radius[:, -1] / radius[:, 0]).max())}
    return found

builds = {}
names, seeds = json.loads(sys.argv[1])
for name in names:
    module = importlib.import_module(f"synthmat.blender_scenes.builtins.{name}")
    builds[name] = []
    for seed in seeds:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        before = (np.random.get_state()[1].tobytes(), random.getstate())
        began = time.process_time()
        module.build(np.random.default_rng(seed))
        seconds = time.process_time() - began
        after = (np.random.get_state()[1].tobytes(), random.getstate())
        builds[name].append({**facts(), "seconds": seconds, "own randomness": before == after,
                             "public": [n for n, v in vars(module).items() if callable(v) and n[0] != "_"
                                        and getattr(v, "__module__", "") == module.__name__]})
print("FOUND", json.dumps(builds))
"""


@pytest.fixture(scope="module")
def builds(request) -> dict[str, list[dict]]:
    """Facts about each built-in object of the tests that run, built from each of SEEDS in a process of its own."""
    tests = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    names = {item.callspec.params["name"] for item in tests} | {"toy_character", "leafy_branch", "fur_ball"}
    return found_by(_BUILD, [sorted(names), SEEDS])


def test_all_families_are_there():
    families = {"suzanne", "vase", "toy_character", "shape", "wire_basket", "leafy_branch", "fur_ball"}
    assert families <= builtin_objects().keys()
    assert all(len(text) > 20 and text.endswith(".") for text in builtin_objects().values())


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_give_equal_objects_and_other_seeds_others(builds, name):
    first, again, *others = [(build["shape"], build["look"]) for build in builds[name]]
    assert first == again
    assert len({first[0], *(shape for shape, _ in others)}) == len(SEEDS) - 1
    assert len({first[1], *(look for _, look in others)}) == len(SEEDS) - 1


@pytest.mark.parametrize("name", NAMES)
def test_no_randomness_but_that_of_the_generator(builds, name):
    assert all(build["own randomness"] for build in builds[name])


@pytest.mark.parametrize("name", NAMES)
def test_geometry_is_visible_finite_valid_and_has_materials(builds, name):
    for build in builds[name]:
        assert build["finite"]
        assert build["valid"]
        assert build["dressed"]
        assert 0.3 < max(build["extent"]) < 10
        assert min(build["extent"]) > 0.05


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_takes_little_time(builds, name):
    # Under 0.3 s on an idle machine; clothes are draped in about 2 s.
    assert min(build["seconds"] for build in builds[name]) < (30 if name in ("person", "garment") else 3)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_one_public_function_and_one_more_where_its_objects_move(builds, name):
    assert builds[name][0]["public"] == ["build", "build_moving"][: 2 if name in MOTIONS else 1]


def test_a_toy_stands_upright_and_looks_forward(builds):
    for build in builds["toy_character"]:
        parts = build["parts"]
        head, eyes, shoes = parts["head"][0], parts["eye"], parts["shoe"]
        assert head[2] > max(shoe[2] for shoe in shoes) + 1
        assert len(eyes) == 2
        assert all(eye[1] < head[1] - 0.3 for eye in eyes)
        assert build["extent"][2] > 1.2 * build["extent"][1]


def test_leaves_are_cut_out_by_a_fractional_alpha(builds):
    for build in builds["leafy_branch"]:
        leaf = build["leaf"]
        assert leaf["packed"]
        assert leaf["mapped"]
        assert leaf["opaque"] > 0.05
        assert leaf["empty"] > 0.3
        assert 1 - leaf["opaque"] - leaf["empty"] > 0.005
        assert leaf["sides"] == 0


def test_fur_is_made_of_thousands_of_tapered_strands(builds):
    for build in builds["fur_ball"]:
        assert build["fur"]["strands"] == 3000
        assert build["fur"]["taper"] < 0.2
