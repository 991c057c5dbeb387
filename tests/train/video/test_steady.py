"""Mattes that do not flicker, and do not lag."""

from itertools import pairwise

import numpy as np
import pytest
from support.made_clip import disc_frames

from synthmat.train.metrics.sequence import dtssd
from synthmat.train.video.steady import Step, steadied


def _steps(images, mattes):
    return [
        Step(number, 10 * number, image, matte)
        for number, (image, matte) in enumerate(zip(images, mattes, strict=True))
    ]


def _levels(mattes):
    return [np.rint(255 * matte).astype(np.uint8) for matte in mattes]


@pytest.mark.parametrize("size", [(48, 64), (300, 560)])
def test_flicker_is_less_and_nothing_lags(size):
    images, truth = disc_frames(6, *size)
    rng = np.random.default_rng(0)
    flickering = [np.clip(matte + rng.normal(0, 0.15), 0, 1).astype(np.float32) * (matte > 0) for matte in truth]
    found = [step.alpha for step in steadied(_steps(images, flickering))]
    assert dtssd(_levels(found), _levels(truth)) < 0.7 * dtssd(_levels(flickering), _levels(truth))
    untouched = [step.alpha for step in steadied(_steps(images, truth))]
    errors = [np.abs(a - b).mean() for a, b in zip(untouched, truth, strict=True)]
    moved = np.mean([np.abs(b - a).mean() for a, b in pairwise(truth)])
    assert max(errors) < 0.15 * moved


def test_steps_come_in_order_and_with_what_they_had():
    images, truth = disc_frames(7)
    found = list(steadied(_steps(images, truth)))
    assert [(step.number, step.pts) for step in found] == [(number, 10 * number) for number in range(7)]
    assert all(step.image is image for step, image in zip(found, images, strict=True))
    assert [len(list(steadied(_steps(images[:count], truth[:count])))) for count in range(4)] == [0, 1, 2, 3]


def test_a_cut_is_not_blended_over():
    images, truth = disc_frames(3)
    other = [255 - image for image in images]
    empty = [np.zeros_like(matte) for matte in truth]
    found = list(steadied(_steps([*images, *other], [*truth, *empty])))
    assert found[3].alpha.max() < 0.02
    assert np.abs(found[2].alpha - truth[2]).mean() < 0.02
