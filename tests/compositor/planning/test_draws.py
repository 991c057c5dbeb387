"""What a sample's draws are spread over: companions, and the captured background."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from synthmat.compositor.planning.plan import plan_samples

_SPLIT = "split: {by: none}, per_view: 8"


@pytest.fixture
def jobs(project):
    """Return a function that plans 96 samples with further keys of ``composite``."""
    project.renders(objects=6, views=2)
    project.photos(8)

    def plan(keys: str) -> list:
        return list(plan_samples(project.recipe(f"{_SPLIT}, {keys}"), project.base, project.output).jobs)

    return plan


def test_stacked_objects_lie_in_every_direction_at_the_spacing_that_was_asked_for(jobs):
    made = jobs("stack: {probability: 1, count: 2, spacing: 0.2}, placement: {x: {uniform: [0.3, 0.7]}, y: 0.4}")
    assert len(made) == 96
    offsets = np.array([(layer.x - job.layers[0].x, layer.y - job.layers[0].y) for job in made
                        for layer in job.layers[1:]])  # fmt: skip
    assert len(offsets) == 96
    assert np.hypot(*offsets.T) == pytest.approx(0.2)
    angles = np.sort(np.arctan2(offsets[:, 1], offsets[:, 0]))
    gaps = [after - before for before, after in pairwise([*angles, angles[0] + 2 * math.pi])]
    assert max(gaps) < math.radians(40), "no direction is left out"
    assert np.hypot(*offsets.mean(axis=0)) < 0.2 * 0.3, "and none is preferred"


def test_stacked_objects_are_rotated_and_flipped_each_on_its_own(jobs):
    made = jobs("stack: {probability: 1, count: 3}, placement: {rotate: {uniform: [-30, 30]}, flip: 0.5}")
    others = [layer for job in made for layer in job.layers[1:]]
    rotations = np.array([layer.rotate for layer in others])
    assert len(set(rotations)) == len(others)
    assert -30 <= rotations.min() < -20
    assert 20 < rotations.max() <= 30
    assert 0.3 < np.mean([layer.flip for layer in others]) < 0.7
    pairs = [(job.layers[0], layer) for job in made for layer in job.layers[1:]]
    assert not any(first.rotate == layer.rotate for first, layer in pairs)
    assert 0.3 < np.mean([first.flip != layer.flip for first, layer in pairs]) < 0.7


def test_distractors_are_blurred_as_the_recipe_says_and_lie_anywhere(jobs):
    made = jobs("distractors: {probability: 1, count: 2, blur: {uniform: [0.01, 0.05]}, scale: {uniform: [0.2, 0.6]}}")
    layers = [layer for job in made for layer in job.distractors]
    for name, low, high in (("blur", 0.01, 0.05), ("scale", 0.2, 0.6), ("x", 0, 1), ("y", 0, 1)):
        values = np.array([getattr(layer, name) for layer in layers])
        edge = 0.1 * (high - low)
        assert low <= values.min() < low + edge, name
        assert high - edge < values.max() <= high, name
        assert len(set(values)) == len(layers), name
    assert 0.3 < np.mean([layer.flip for layer in layers]) < 0.7
    assert {layer.rotate for layer in layers} == {0.0}
    fixed = jobs("distractors: {probability: 1, blur: 0.03}")
    assert {layer.blur for job in fixed for layer in job.distractors} == {0.03}


# Each perturbation of the captured background: its field, what it is without, and how far it goes either way.
_COLOR = [("brightness", 1, 0.18), ("contrast", 1, 0.18), ("saturation", 1, 0.18), ("hue", 0, 36)]
_MOVED = [("rotate", 0, 1), ("shift_x", 0, 0.01), ("shift_y", 0, 0.01)]


@pytest.mark.parametrize(("rule", "changed", "kept"), [("color", _COLOR, _MOVED), ("misaligned", _MOVED, _COLOR)])
def test_the_captured_background_differs_either_way_as_far_as_the_strength_says(jobs, rule, changed, kept):
    def planned(strength: float) -> list:
        effects = {
            name: f"{{probability: {int(name == rule)}, strength: {strength}}}" for name in ("color", "misaligned")
        }
        rules = ", ".join(f"{name}: {effect}" for name, effect in effects.items())
        captured = f"captured_background: {{{rules}, noise: {{probability: 0}}}}"
        return jobs(f"outputs: [image, alpha, captured_bg], {captured}")

    full, half = planned(1), planned(0.5)
    for name, plain, most in changed:
        differences = np.array([getattr(job.captured, name) for job in full]) - plain
        assert -most <= differences.min() < -0.8 * most, name
        assert 0.8 * most < differences.max() <= most, name
        halved = np.array([getattr(job.captured, name) for job in half]) - plain
        assert halved == pytest.approx(differences / 2), name
    columns = [[getattr(job.captured, name) - plain for job in full] for name, plain, _ in changed]
    correlation = np.corrcoef(columns) - np.eye(len(changed))
    assert np.abs(correlation).max() < 0.5, "each is drawn on its own"
    for name, plain, _ in kept:
        assert {getattr(job.captured, name) for job in full} == {plain}, name


def test_a_kept_frame_is_placed_whole_and_its_lower_edge_never_ends_above_the_samples(jobs):
    keys = "placement: {{keep_frame: {0}, scale: {{uniform: [0.5, 1.5]}}, x: {{normal: [0.5, 0.3]}}, y: 0.1}}"
    kept, free = ([job.layers[0] for job in jobs(keys.format(each))] for each in ("true", "false"))
    assert all(layer.whole for layer in kept)
    assert not any(layer.whole for layer in free)
    assert all(layer.y + layer.scale / 2 >= 1 - 1e-9 for layer in kept)
    wide = [layer for layer in kept if layer.scale >= 1]
    assert all(layer.x - layer.scale / 2 <= 1e-9 and layer.x + layer.scale / 2 >= 1 - 1e-9 for layer in wide)
    assert [layer.scale for layer in kept] == [layer.scale for layer in free]
