"""Faces: what an expression moves, and where the eyes look."""

import numpy as np
import pytest
from support.posed_people import person

from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.expression import EXPRESSIONS, LOOK_MOST, random_expression
from synthmat.blender_scenes.builtins._person.body.figure import figure_of

# What NumPy could decide of bodies is tried in test_body.
pytestmark = pytest.mark.once


def drawn(name: str | None, seed: int = 0):
    return random_expression(np.random.default_rng(seed), tuple(people_data().actions), name)


def moved(name: str, part: str) -> np.ndarray:
    """Return how far an expression moves the vertices of a part, ``(n, 3)``."""
    description, neutral = person(1)
    figure = figure_of(description, people_data(), drawn(name).units)
    return (figure.vertices - neutral.vertices)[people_data().parts[part].vertices]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_name_units_that_there_are(name):
    for seed in range(5):
        expression = drawn(name, seed)
        assert expression.name == name
        assert set(expression.units) <= set(people_data().actions)
        assert all(0 <= strength <= 1.5 for strength in expression.units.values())
        assert abs(expression.look_left) <= LOOK_MOST
        assert abs(expression.look_up) <= LOOK_MOST


def test_all_expressions_are_drawn():
    assert {drawn(None, seed).name for seed in range(200)} == set(EXPRESSIONS)


def test_surprise_opens_the_mouth_and_takes_the_lower_teeth_along():
    assert moved("surprise", "lower_teeth")[:, 2].mean() < -0.002
    assert np.abs(moved("surprise", "upper_teeth")).max() < 0.004
    assert np.abs(moved("neutral", "lower_teeth")).max() < 1e-6


def test_closed_eyes_lower_the_lashes_and_leave_the_eyeballs():
    assert moved("eyes_closed", "lashes")[:, 2].min() < -0.004
    assert np.abs(moved("eyes_closed", "left_eye")).max() < 1e-9


def test_eyes_look_where_the_expression_says():
    seed = next(seed for seed in range(50) if abs(drawn("neutral", seed).look_left) > 8)
    look = drawn("neutral", seed).look_left
    body = random_body(np.random.default_rng(2), "standing", "neutral")
    head = body.joints["head"][:3, :3]
    gaze = head.T @ body.eyes["left"].gaze
    np.testing.assert_allclose(gaze, head.T @ body.eyes["right"].gaze, atol=1e-6)
    assert np.degrees(np.arccos(-gaze[1])) < 1.5 * LOOK_MOST
    assert abs(look) <= LOOK_MOST
