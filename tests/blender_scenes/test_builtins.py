"""Built-in objects: quick to build, the same from the same seed, another from another, and all of it visible."""

import json
import subprocess
import sys

import pytest

from synthmat.builtin_objects import builtin_objects

_BUILD = """
import hashlib, importlib, json, sys, time
import bpy
import numpy as np

def fingerprint():
    digest = hashlib.sha256()
    faces = 0
    graph = bpy.context.evaluated_depsgraph_get()
    for instance in graph.object_instances:
        item = instance.object
        if item.type != "MESH":
            continue
        mesh = item.to_mesh()
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        assert np.isfinite(points).all(), item.name
        assert len(mesh.materials) and all(mesh.materials), item.name
        faces += len(mesh.polygons)
        digest.update(np.round(points, 4).tobytes() + str(list(np.round(instance.matrix_world, 4))).encode())
        item.to_mesh_clear()
    for material in bpy.data.materials:
        for node in material.node_tree.nodes:
            values = [tuple(i.default_value) if hasattr(i.default_value, "__len__") else i.default_value
                      for i in node.inputs if hasattr(i, "default_value")]
            digest.update(str((node.type, values)).encode())
    return digest.hexdigest(), faces

builds = {}
for name in json.loads(sys.argv[1]):
    module = importlib.import_module(f"synthmat.blender_scenes.builtins.{name}")
    builds[name] = []
    for seed in (1, 1, 2, 3):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        state = np.random.get_state()[1].tobytes()
        began = time.perf_counter()
        module.build(np.random.default_rng(seed))
        seconds = time.perf_counter() - began
        assert np.random.get_state()[1].tobytes() == state, "global randomness"
        builds[name].append([*fingerprint(), seconds])
print("BUILDS", json.dumps(builds))
"""


@pytest.fixture(scope="module")
def builds() -> dict[str, list]:
    """For each built-in object: hash, faces and seconds of the seeds 1, 1, 2 and 3."""
    command = [sys.executable, "-c", _BUILD, json.dumps(list(builtin_objects()))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 0, ended.stderr
    line = next(line for line in ended.stdout.splitlines() if line.startswith("BUILDS"))
    return json.loads(line.removeprefix("BUILDS"))


@pytest.mark.parametrize("name", builtin_objects())
def test_a_built_in_object_is_decided_by_its_seed_alone(builds, name):
    first, again, second, third = (build[0] for build in builds[name])
    assert first == again
    assert len({first, second, third}) == 3


@pytest.mark.parametrize("name", builtin_objects())
def test_a_built_in_object_has_faces_and_takes_little_time(builds, name):
    assert all(faces > 100 for _, faces, _ in builds[name])
    assert min(seconds for _, _, seconds in builds[name]) < 1.0


def test_every_built_in_object_says_what_it_is():
    assert {"suzanne", "vase", "toy_character", "shape"} <= builtin_objects().keys()
    assert all(text.endswith(".") or text.endswith(":") or len(text) > 20 for text in builtin_objects().values())
