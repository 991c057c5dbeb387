"""Poses: every person can take nearly all of them, with joints that bend as joints do and hands outside the body."""

import numpy as np
import pytest
from support.posed_people import inside_trunk, person

from synthmat.blender_scenes.builtins._person.body.arms import point_arm, swing_and_roll
from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.hands import HANDS, MOST_BENT, shape_hand
from synthmat.blender_scenes.builtins._person.body.poses import POSES, standing
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing, middle_joint
from synthmat.blender_scenes.builtins._person.body.settle import DEEPEST, arm_depths, random_pose, settled
from synthmat.blender_scenes.builtins._person.body.skeleton import root_of, skinned, turn

# What NumPy could decide of bodies is tried in test_body.
pytestmark = pytest.mark.once

SEEDS = (1, 6)


def degrees(rotation: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))))


def between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))))


@pytest.fixture(scope="module", params=POSES)
def posed(request):
    """Return people in a pose."""
    tried = [settled(POSES[request.param][0], person(seed)[1], people_data(), seed) for seed in SEEDS]
    found = [posing for posing in tried if posing is not None]
    assert found
    return found


def test_hands_stay_outside_the_body(posed):
    for posing in posed:
        assert max(arm_depths(posing).values()) <= DEEPEST
    assert inside_trunk(skinned(posing.figure, posing.data, posing.skeleton)).mean() < 0.03


def test_joints_bend_as_far_as_joints_do(posed):
    for posing in posed:
        for side in SIDES:
            shoulder, elbow, wrist, hip, knee, ankle = (
                posing.head_of(f"{bone}.{side}")
                for bone in ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot")
            )
            assert between(elbow - shoulder, wrist - elbow) < 146
            assert between(knee - hip, ankle - knee) < 130
            forward = posing.orientation(f"upperleg02.{side}") @ [0, -1, 0]
            assert forward @ np.cross(np.cross(knee - hip, ankle - knee), knee - hip) < 0.004
            assert degrees(posing.rotations.get(f"clavicle.{side}", np.eye(3))) < 35
            assert degrees(posing.rotations[f"wrist.{side}"]) < 80
        neck = np.linalg.multi_dot([posing.rotations.get(b, np.eye(3)) for b in ("neck01", "neck02", "neck03", "head")])
        assert degrees(neck) < 75


def test_skin_is_not_torn(posed):
    data = people_data()
    faces = data.faces[data.parts["body"].faces]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    for posing in posed:
        vertices = skinned(posing.figure, posing.data, posing.skeleton)
        before = np.linalg.norm(np.subtract(*posing.figure.vertices[edges.T]), axis=1)
        after = np.linalg.norm(np.subtract(*vertices[edges.T]), axis=1)
        ratio = after / np.maximum(before, 1e-6)
        assert np.quantile(ratio, 0.999) < 3
        assert np.quantile(ratio, 0.001) > 0.12


def test_the_same_pose_differs_from_time_to_time():
    _, figure = person(1)
    poses = []
    for seed in range(3):
        posing = Posing(figure, people_data())
        standing(posing, np.random.default_rng(seed))
        poses.append(posing.skeleton.heads)
    assert np.abs(poses[0] - poses[1]).max() > 0.005
    assert np.abs(poses[1] - poses[2]).max() > 0.005


def test_all_poses_are_drawn():
    _, figure = person(4)
    rng = np.random.default_rng(0)
    drawn = {random_pose(figure, people_data(), rng)[0] for _ in range(25)}
    assert len(drawn) > 0.5 * len(POSES)


def test_a_hand_that_starts_inside_the_body_is_moved_out():
    _, figure = person(6)

    def through(posing, rng):
        standing(posing, rng)
        for side in SIDES:
            point_arm(posing, side, (-0.2, -0.1, -1), (0, -0.2, -1))

    posing = Posing(figure, people_data())
    through(posing, np.random.default_rng(0))
    assert max(arm_depths(posing).values()) > 3 * DEEPEST
    moved = settled(through, figure, people_data(), 0)
    assert moved is not None
    assert max(arm_depths(moved).values()) <= DEEPEST


@pytest.mark.parametrize("kind", HANDS)
def test_fingers_close_towards_the_palm(kind):
    _, figure = person(1)
    posing = Posing(figure, people_data())
    for side in SIDES:
        shape_hand(posing, side, kind, np.random.default_rng(0))
        wrist, tip = posing.head_of(f"wrist.{side}"), posing.head_of(f"finger3-3.{side}")
        if kind in ("grip", "fist"):
            assert np.linalg.norm(tip - wrist) < 0.8 * posing.length(f"wrist.{side}", f"finger3-3.{side}")
        for joint in (1, 2, 3):
            assert degrees(posing.rotations[f"finger3-{joint}.{side}"]) <= MOST_BENT[joint - 1] + 20


def test_fingers_lie_side_by_side_unless_they_are_spread():
    _, figure = person(1)
    apart = {}
    for kind in ("flat", "spread"):
        posing = Posing(figure, people_data())
        for side in SIDES:
            shape_hand(posing, side, kind, np.random.default_rng(0))
        ways = [posing.head_of(f"finger{n}-2.L") - posing.head_of(f"finger{n}-1.L") for n in (2, 5)]
        apart[kind] = np.degrees(np.arccos(ways[0] @ ways[1] / np.prod(np.linalg.norm(ways, axis=1))))
    assert apart["flat"] < 24 < 30 < apart["spread"]


def test_a_chain_of_two_bones_ends_where_it_is_asked_to():
    start, end = np.zeros(3), np.array([0.3, 0.1, -0.2])
    joint, reached = middle_joint(start, end, (0.3, 0.25), np.array([0, 1.0, 0]))
    np.testing.assert_allclose(reached, end)
    assert np.linalg.norm(joint) == pytest.approx(0.3)
    assert np.linalg.norm(joint - end) == pytest.approx(0.25)
    assert joint[1] > 0.1
    _, short = middle_joint(start, end * 10, (0.3, 0.25), np.array([0, 1.0, 0]))
    assert np.linalg.norm(short) == pytest.approx(0.55 * 0.995)


def test_rotations_are_split_and_shared():
    rotation = turn([1, 2, 3], 70) @ turn([0, 1, 0], 20)
    swing, roll = swing_and_roll(rotation, np.array([0, 0, 2.0]))
    np.testing.assert_allclose(swing @ roll, rotation, atol=1e-12)
    np.testing.assert_allclose(roll @ [0, 0, 1], [0, 0, 1], atol=1e-12)
    half = root_of(rotation, 0.5)
    np.testing.assert_allclose(half @ half, rotation, atol=1e-12)
