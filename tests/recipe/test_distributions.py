"""Distributions draw within their bounds, and draws depend on names alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthmat.random_streams import stream
from synthmat.recipe import bounds, draw
from synthmat.recipe.distributions import Choice, LogUniform, Normal, Uniform


@given(st.integers(0, 2**31), st.floats(-100, 100), st.floats(0, 100))
def test_uniform_draws_stay_in_bounds(seed, low, width):
    value = draw(Uniform(uniform=[low, low + width]), stream(seed, "x"))
    assert low <= value <= low + width


def test_log_uniform_is_even_in_the_logarithm():
    rng = stream(0, "log")
    values = np.log10([draw(LogUniform(log_uniform=[0.01, 100]), rng) for _ in range(4000)])
    assert np.allclose(np.histogram(values, bins=4, range=(-2, 2))[0], 1000, atol=120)


def test_normal_draws_are_cut_to_the_given_limits():
    rng = stream(0, "normal")
    values = [draw(Normal(normal=[0, 10]), rng, -1, 2) for _ in range(100)]
    assert min(values) == -1
    assert max(values) == 2


def test_choice_draws_every_value():
    rng = stream(0, "choice")
    assert {draw(Choice(choice=[1, 2, 3]), rng) for _ in range(60)} == {1, 2, 3}


def test_a_plain_number_is_itself():
    assert draw(3, stream(0)) == 3.0
    assert bounds(3) == (3.0, 3.0)


def test_streams_depend_on_seed_and_name_and_on_nothing_else():
    first = stream(1, "object", "fox").random(4)
    stream(1, "object", "bear").random(100)
    assert np.array_equal(first, stream(1, "object", "fox").random(4))
    assert not np.array_equal(first, stream(2, "object", "fox").random(4))
    assert not np.array_equal(stream(1, "ab", "c").random(4), stream(1, "a", "bc").random(4))


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_seed_zero_is_a_seed_like_any_other(seed):
    assert stream(seed, "x").random() == stream(seed, "x").random()
