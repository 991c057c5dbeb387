"""Bodies of people: the same for a seed, of every build, upright, and quickly made."""

import hashlib
import time

import numpy as np
import pytest
from support.posed_people import person

from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.body.data import DATA_FILE, people_data
from synthmat.blender_scenes.builtins._person.body.description import random_description
from synthmat.blender_scenes.builtins._person.body.expression import EXPRESSIONS
from synthmat.blender_scenes.builtins._person.body.figure import figure_of
from synthmat.blender_scenes.builtins._person.body.poses import POSES

DIGESTS = {3: "64c45662a97022c4", 5: "e7d09051f6444783"}
"""SHA-256 of the vertices by seed. They are the same with both Pythons, and change only when bodies are to change."""


@pytest.fixture(scope="module")
def bodies():
    return [random_body(np.random.default_rng(seed)) for seed in range(8)]


def test_a_seed_is_always_the_same_body(bodies):
    again = random_body(np.random.default_rng(3))
    np.testing.assert_array_equal(again.vertices, bodies[3].vertices)
    assert again.description == bodies[3].description
    assert len({body.vertices.tobytes() for body in bodies}) == len(bodies)
    assert {seed: hashlib.sha256(bodies[seed].vertices.tobytes()).hexdigest()[:16] for seed in DIGESTS} == DIGESTS


def test_the_data_file_stays_small():
    assert DATA_FILE.stat().st_size < 6_000_000


def test_a_body_takes_less_than_two_seconds_of_one_core():
    random_body(np.random.default_rng(8))
    start = time.thread_time()
    for seed in range(3):
        random_body(np.random.default_rng(seed))
    assert (time.thread_time() - start) / 3 < 2


def test_bodies_stand_on_the_ground_and_are_complete(bodies):
    for body in bodies:
        skin = body.parts["body"].vertices
        assert body.vertices.dtype == np.float32
        assert np.isfinite(body.vertices).all()
        assert body.vertices[skin, 2].min() == pytest.approx(0, abs=1e-6)
        assert body.faces.min() == 0
        assert body.faces.max() == len(body.vertices) - 1
        assert body.texture.min() >= 0
        assert body.texture.max() <= 1
        assert body.pose in POSES
        assert body.expression in EXPRESSIONS
        np.testing.assert_allclose(body.skin_weights.sum(axis=1), 1, atol=1e-9)


def test_parts_do_not_share_vertices_or_faces(bodies):
    body = bodies[0]
    for name, part in body.parts.items():
        used = body.faces[part.faces]
        assert used.min() >= part.vertices.start, name
        assert used.max() < part.vertices.stop, name
    assert sum(part.vertices.stop - part.vertices.start for part in body.parts.values()) == len(body.vertices)
    assert sum(part.faces.stop - part.faces.start for part in body.parts.values()) == len(body.faces)


def test_a_body_faces_the_negative_y_axis_with_its_left_hand_at_positive_x():
    body = random_body(np.random.default_rng(1), pose="standing")
    joints = {name: matrix[:3, 3] for name, matrix in body.joints.items()}
    assert joints["wrist.L"][0] > 0.1 > -0.1 > joints["wrist.R"][0]
    assert joints["toes.L"][1] < joints["foot.L"][1]
    assert body.eyes["left"].center[0] > body.eyes["right"].center[0]
    assert body.eyes["left"].gaze[1] < -0.6
    assert body.eyes["left"].center[1] < joints["head"][1]
    assert 0.008 < body.eyes["left"].radius < 0.02


@pytest.mark.parametrize("seed", range(12))
def test_people_have_the_stature_that_was_drawn(seed):
    description, figure = person(seed)
    skin = figure.vertices[people_data().parts["body"].vertices]
    assert np.ptp(skin[:, 2]) == pytest.approx(description.stature, abs=0.004)


def test_people_are_of_every_age_and_build():
    drawn = [random_description(people_data(), np.random.default_rng(seed)) for seed in range(400)]
    years = np.array([each.years for each in drawn])
    adults = [each for each in drawn if 20 < each.years < 50]
    assert ((years > 18) & (years < 65)).mean() > 0.6
    assert (years < 12).any()
    assert (years > 70).any()
    for low, high, heights in (
        (1.66, 1.80, [each.stature for each in adults if each.gender < 0.5]),
        (1.55, 1.69, [each.stature for each in adults if each.gender > 0.5]),
    ):
        assert low < np.median(heights) < high
        assert 0.04 < np.std(heights) < 0.09
    assert np.ptp([each.weight for each in drawn]) > 0.7
    assert np.ptp([each.muscle for each in drawn]) > 0.6
    for ancestry in ("african", "asian", "caucasian"):
        assert sum(each.ancestry[ancestry] > 0.6 for each in drawn) > 40


def test_faces_differ_and_are_a_little_asymmetric():
    data = people_data()
    face = data.masks["face"] > 0.9
    shapes = []
    for seed in range(6):
        vertices = person(seed)[1].vertices[face]
        vertices = vertices - vertices.mean(axis=0)
        shapes.append(vertices / np.linalg.norm(vertices, axis=1).mean())
    apart = [np.linalg.norm(a - b, axis=1).mean() for i, a in enumerate(shapes) for b in shapes[:i]]
    assert min(apart) > 0.03
    features = random_description(data, np.random.default_rng(0)).features
    left = {name: strength for name, strength in features.items() if ".L" in name}
    assert any(strength != features.get(name.replace(".L", ".R")) for name, strength in left.items())


def test_a_heavier_person_has_a_wider_waist():
    data = people_data()
    description, _ = person(2)
    waists = []
    for weight in (0.2, 0.8):
        slim = type(description)(**{**vars(description), "weight": weight})
        figure = figure_of(slim, data)
        waist = figure.heads[data.bone("spine03")][2]
        body = figure.vertices[data.parts["body"].vertices]
        near = (np.abs(body[:, 2] - waist) < 0.02) & (np.abs(body[:, 0]) < 0.3)
        waists.append(np.ptp(body[near, 1]))
    assert waists[1] > waists[0] * 1.15
