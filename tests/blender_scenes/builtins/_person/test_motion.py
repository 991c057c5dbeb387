"""Bodies that move: smoothly, and as one person."""

import numpy as np
import pytest

from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.motion import MOTIONS, random_motion

# What NumPy could decide of bodies is tried in test_body.
pytestmark = pytest.mark.once


@pytest.fixture(scope="module", params=MOTIONS)
def frames(request):
    motion = random_motion(np.random.default_rng(3), request.param)
    return [motion.at(motion.seconds * step / 24) for step in (0, 1, 6, 24)]


def test_a_motion_is_smooth_and_ends_as_it_begins(frames):
    first, second, quarter, last = (body.vertices for body in frames)
    np.testing.assert_allclose(first, last, atol=1e-6)
    step = np.abs(second - first).max()
    assert 0.001 < step < 0.15
    assert np.abs(quarter - first).max() > 0.004


def test_it_is_one_person_who_moves(frames):
    assert len({id(body.description) for body in frames}) == 1
    skin = people_data().parts["body"].vertices
    for body in frames:
        assert body.vertices[skin, 2].min() == pytest.approx(0, abs=1e-6)


def test_walking_legs_change_sides():
    motion = random_motion(np.random.default_rng(5), "walk")
    ahead = []
    for phase in (0.0, 0.5):
        joints = motion.at(phase * motion.seconds).joints
        ahead.append(joints["foot.L"][1, 3] < joints["foot.R"][1, 3])
    assert ahead == [True, False]


def test_talking_moves_the_lower_teeth():
    motion = random_motion(np.random.default_rng(5), "talk")
    teeth = people_data().parts["lower_teeth"].vertices
    heights = []
    for step in range(6):
        body = motion.at(motion.seconds * step / 6)
        heights.append(body.rest[teeth, 2].mean())
    assert np.ptp(heights) > 0.0005
