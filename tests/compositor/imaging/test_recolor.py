"""Other colors for a foreground: a photo's under its own light and shade, any hue, and never another alpha."""

import json

import numpy as np
import pytest
from support.executors import HereExecutor

from synthmat import verify
from synthmat.compositor.imaging.placement import Placed
from synthmat.compositor.imaging.recolor import recolored
from synthmat.compositor.planning.plan import plan_samples
from synthmat.compositor.stage import composite
from synthmat.sample_job import Backdrop, Recolor
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows

SIZE = 32


def layer(rgb, alpha=None):
    alpha = np.linspace(0, 1, SIZE, dtype=np.float32)[None].repeat(SIZE, 0) if alpha is None else alpha
    pixels = np.dstack([np.float32(rgb) * alpha[..., None], alpha])
    return Placed(np.rint(pixels * 65535).astype(np.uint16), 0, 0, 1.0, np.eye(2, 3))


def straight(placed):
    pixels = placed.premultiplied.astype(np.float64)
    return pixels[..., :3] / np.maximum(pixels[..., 3:], 1)


def no_texture(_backdrop):
    raise AssertionError("no photo was asked for")


def test_alpha_stays_and_color_turns():
    red = layer(np.full((SIZE, SIZE, 3), (0.8, 0.1, 0.1)))
    turned = recolored(red, Recolor(hue=120.0), no_texture)
    assert np.array_equal(turned.premultiplied[..., 3], red.premultiplied[..., 3])
    assert straight(turned)[:, 4:].mean(axis=(0, 1)).argmax() > 0
    assert (turned.premultiplied[..., :3] <= turned.premultiplied[..., 3:]).all()


def test_a_photos_colors_lie_under_the_objects_shade():
    shade = np.linspace(0.2, 0.8, SIZE)[:, None, None].repeat(SIZE, 1).repeat(3, 2)
    photo = np.zeros((64, 96, 3), np.uint8) + np.uint8([40, 120, 60])
    texture = Backdrop("photo", "photo", "sha", zoom=2.0)
    found = straight(recolored(layer(shade), Recolor(texture=texture, share=1.0), lambda _: photo))[:, 8:]
    wanted = shade[:, 8:] / shade.mean() * np.array([40, 120, 60]) / 255
    assert found == pytest.approx(wanted, abs=0.02)


def test_half_a_share_keeps_half_of_the_objects_own_color():
    own, photo = np.full((SIZE, SIZE, 3), 0.5), np.full((64, 64, 3), 0, np.uint8)
    found = straight(recolored(layer(own), Recolor(texture=Backdrop("p", "p", "s"), share=0.5), lambda _: photo))
    assert found[:, 8:] == pytest.approx(0.25, abs=0.01)


def test_each_foreground_draws_its_own_colors_from_photos_of_its_split(project):
    project.renders(objects=9, views=2)
    project.photos(12)
    plan = plan_samples(
        project.recipe("recolor: {texture: 0.7}, distractors: {probability: 1}"), project.base, project.output
    )
    jobs = list(plan.jobs)
    recolors = [layer.recolor for job in jobs for layer in (*job.layers, *job.distractors)]
    assert None in recolors
    changed = [recolor for recolor in recolors if recolor is not None]
    assert len(set(changed)) == len(changed) > len(jobs)
    of_split = {split: {plan.photos[number].name for number in pool.numbers} for split, pool in plan.pools.items()}
    for job in jobs:
        textures = {layer.recolor.texture.name for layer in job.layers if layer.recolor and layer.recolor.texture}
        assert textures <= of_split[job.split]
    assert {job.split for job in jobs} == {"train", "val", "test"}


def test_recolored_samples_hold_the_equation(project):
    project.renders(objects=6, views=1)
    project.photos(8)
    recipe = project.recipe("recolor: {probability: 1, texture: 1}, outputs: [image, alpha, fg, bg]")
    result = composite(recipe, project.base, project.output, RunOptions(workers=1, quiet=True, executor=HereExecutor()))
    assert (result.failed, result.made) == (0, 24)
    report = verify(project.output.root, quiet=True)
    assert report.well, report.text
    (row, *_) = read_rows(project.output.metadata("train"))
    assert json.loads(row["drawn"])["layers"][0]["recolor"]["texture"]["name"]
