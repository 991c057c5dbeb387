"""Samples composited on the fly: the same algebra, other draws in every epoch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from synthmat.compositor import live
from synthmat.compositor.live import LiveSamples
from synthmat.errors import OutputError
from synthmat.images.alpha import over_uint8
from synthmat.sample_source import licenses_of

# It composes as the stage does, which is tried with both Pythons.
pytestmark = pytest.mark.once

KEYS = "placement: {scale: {uniform: [0.4, 1.2]}, x: {uniform: [0, 1]}}, per_view: 3, realism: {exposure: {}}"


def _live(project, split: str = "train", keys: str = KEYS, kinds=("fg", "bg", "trimap", "captured_bg")) -> LiveSamples:
    return LiveSamples(project.recipe(keys), project.base, project.output, split, 32, kinds)


def test_every_kind_has_the_networks_size_and_the_equation_holds(project):
    project.renders(objects=6, views=2)
    project.photos(6)
    source = _live(project)
    assert len(source) == 24
    for index in range(0, 24, 5):
        made = source.pictures(index, epoch=2)
        assert {kind: (made[kind].shape, made[kind].dtype) for kind in made} == {
            "image": ((32, 32, 3), np.uint8),
            "fg": ((32, 32, 3), np.uint8),
            "bg": ((32, 32, 3), np.uint8),
            "captured_bg": ((32, 32, 3), np.uint8),
            "alpha": ((32, 32), np.uint16),
            "trimap": ((32, 32), np.uint8),
        }
        expected = over_uint8(made["fg"], made["alpha"], made["bg"])
        assert np.abs(made["image"].astype(int) - expected).max() <= 1


def test_an_epoch_repeats_itself_and_no_two_epochs_are_alike(project):
    project.renders(objects=6, views=2)
    project.photos(6)
    first, again = _live(project), _live(project)
    assert first.digest == again.digest
    for index in (0, 7, 23):
        one = first.pictures(index, 1)["image"]
        assert np.array_equal(one, again.pictures(index, 1)["image"])
        assert not np.array_equal(one, first.pictures(index, 2)["image"])


def test_the_licenses_of_a_split_are_those_of_its_foregrounds_and_photos(project):
    project.renders(objects=8, views=2)
    project.photos(8)
    source = _live(project)
    candidates = {source._plan.candidates[entry.candidate] for entry in source._entries}
    assert source.licenses.total() == len(candidates) + len(source._pool.numbers)
    assert licenses_of(source) == dict(source.licenses)
    assert set(licenses_of(source)) >= {each.license or "not given" for each in candidates}


def test_splits_share_no_object_and_no_photo(project):
    project.renders(objects=8, views=2)
    project.photos(8)
    seen = {}
    for split in ("train", "val", "test"):
        source = _live(project, split)
        jobs = [source._job(index, epoch, 0) for index in range(len(source)) for epoch in range(3)]
        seen[split] = ({job.layers[0].foreground.object for job in jobs}, {job.backdrop.name for job in jobs})
    for a, b in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not seen[a][0] & seen[b][0]
        assert not seen[a][1] & seen[b][1]


def _drawn(source: LiveSamples, epochs: int) -> Counter[str]:
    return Counter(
        source._job(index, epoch, 0).backdrop.name for index in range(len(source)) for epoch in range(epochs)
    )


def test_all_photos_of_a_split_are_drawn_and_no_others(project):
    project.renders(objects=6, views=1)
    project.photos(60)
    seen = {split: _drawn(_live(project, split, "per_view: 1"), 120) for split in ("train", "val", "test")}
    assert sum(len(photos) for photos in seen.values()) == len(set.union(*map(set, seen.values()))) == 60
    assert len(set().union(*seen.values())) == 60


def test_a_foreground_whose_light_fits_a_photo_lies_on_that_photo_in_every_epoch(project):
    photos = [project.photo(f"photo{number}.png") for number in range(6)]
    for number, photo in enumerate(photos):
        project.render(f"object{number}", 0, lit_as=photo)
    source = _live(project, keys="split: {by: none}, per_view: 2")
    jobs = [source._job(index, epoch, 0) for index in range(len(source)) for epoch in range(3)]
    assert all(job.backdrop.name[-5] == job.layers[0].foreground.object[-1] for job in jobs)
    assert len({(job.backdrop.crop_x, job.backdrop.crop_y) for job in jobs}) == len(jobs) == 36


def test_photos_are_drawn_by_their_weights(project):
    project.renders(objects=4, views=1)
    project.photo("often/a.png")
    project.photos(1)
    folders = "[{photos: photos/often, weight: 9}, {photos: photos/photo*.png, weight: 1}]"
    seen = _drawn(_live(project, keys=f"backgrounds: {folders}, per_view: 2, split: {{by: none}}"), 100)
    assert sum(seen.values()) == 800
    assert seen["photos/often/a.png"] == pytest.approx(720, abs=35)


def test_a_draw_that_shows_nothing_is_drawn_again(project):
    project.renders(objects=4, views=1)
    project.photos(4)
    keys = "placement: {scale: 0.3, x: {uniform: [-0.5, 2.5]}}, per_view: 2, split: {by: none}"
    source = _live(project, keys=keys)
    assert all(source.pictures(index, epoch)["alpha"].any() for index in range(len(source)) for epoch in range(6))


def test_shadows_fill_no_more_memory_than_they_may(project, monkeypatch):
    project.renders(objects=6, views=2)
    project.photos(6)
    read = []

    def load_shadow(path, _sha256):
        read.append(path)
        return np.zeros((64, 64), np.float32)

    monkeypatch.setattr(live, "load_shadow", load_shadow)
    monkeypatch.setattr(live, "_MAX_SHADOW_BYTES", 3 * 64 * 64 * 4)
    source = _live(project)
    foregrounds = [source._job(index, 0, 0).layers[0].foreground for index in range(0, len(source), 3)]
    for foreground in foregrounds:
        source._shadow(foreground)
        source._shadow(foreground)
    assert len(read) == len(foregrounds) == 8
    assert source._shadows.bytes == 3 * 64 * 64 * 4


def test_a_split_without_foregrounds_is_an_error(project):
    project.renders(objects=2, views=1)
    project.photos(4)
    with pytest.raises(OutputError, match="no foreground belongs to test"):
        _live(project, "test", keys="split: {by: none}")
