"""Nobody sits on air."""

import pytest
from support.blender_script import found_by

# Versions of Blender do not decide where a seat is.
pytestmark = pytest.mark.once

_SIT = """
import json, sys
import bpy
import numpy as np
from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.seat import add_seat

found = []
for seed in range(6):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    body = random_body(np.random.default_rng(seed), "standing" if seed == 0 else "sitting", "neutral")
    add_seat(body, np.random.default_rng(seed))
    bpy.context.view_layer.update()
    points = [np.array([item.matrix_world @ vertex.co for vertex in item.data.vertices]) for item in bpy.data.objects]
    if not points:
        found.append(None)
        continue
    seat = np.concatenate(points)
    skin = body.vertices[body.parts["body"].vertices]
    hips = skin[body.regions["hips"][:len(skin)] > 0.6]
    found.append({"low": float(seat[:, 2].min()), "gap": float(hips[:, 2].min() - seat[:, 2].max()),
                  "aside": float(np.linalg.norm(seat[:, :2].mean(axis=0) - hips[:, :2].mean(axis=0)))})
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> list[dict | None]:
    return found_by(_SIT)


def test_a_seat_is_under_who_sits_and_stands_on_the_floor(found):
    for seat in found[1:]:
        assert seat is not None
        assert seat["low"] == pytest.approx(0, abs=0.006)
        assert -0.03 < seat["gap"] < 0.045
        assert seat["aside"] < 0.15


def test_nobody_who_stands_gets_a_seat(found):
    assert found[0] is None
