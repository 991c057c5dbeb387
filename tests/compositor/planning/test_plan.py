"""The plan: every draw a number, stable under changes elsewhere."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest

from synthmat.compositor.planning.entries import safe_id
from synthmat.compositor.planning.plan import plan_samples
from synthmat.errors import OutputError, RecipeError
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import OutputFolder

PLACEMENT = "placement: {scale: {uniform: [0.4, 0.9]}, x: {normal: [0.5, 0.1]}, flip: 0.5}"


def _jobs(project, composite: str = "", **top):
    return list(plan_samples(project.recipe(composite, **top), project.base, project.output).jobs)


def _object(job) -> str:
    return job.layers[0].foreground.object


def test_without_renders_the_user_is_sent_to_render(project):
    project.photos(1)
    with pytest.raises(OutputError, match="run `synthmat render` first"):
        _jobs(project)


def test_per_view_photos_are_drawn_without_repeats_while_they_last(project):
    project.renders(objects=1, views=4)
    project.photos(6)
    for composite, most in (("per_view: 6, split: {by: none}", 1), ("per_view: 13, split: {by: none}", 3)):
        for view in range(4):
            its = Counter(
                job.backdrop.name for job in _jobs(project, composite) if job.layers[0].foreground.view == f"{view:04d}"
            )
            assert len(its) == 6
            assert max(its.values()) == most
            assert max(its.values()) - min(its.values()) <= 1


def test_all_pairs_every_view_with_every_photo(project):
    project.renders(objects=2, views=3)
    project.photos(5)
    jobs = _jobs(project, "pairing: all, per_view: 1, split: {by: none}")
    assert len({(_object(job), job.layers[0].foreground.view, job.backdrop.name) for job in jobs}) == len(jobs) == 30


def test_a_foreground_whose_light_fits_a_photo_lies_on_that_photo(project):
    photos = [project.photo(f"photo{number}.png") for number in range(9)]
    for number, photo in enumerate(photos):
        for view in range(2):
            project.render(f"object{number}", view, lit_as=photo)
    project.render("plain", 0)
    plan = plan_samples(
        project.recipe("per_view: 3, split: {by: none}, photo: {zoom: 2}"), project.base, project.output
    )
    jobs = list(plan.jobs)
    lit = [job for job in jobs if _object(job) != "plain"]
    assert len(lit) == 54
    assert all(job.backdrop.name == f"photos/photo{_object(job)[-1]}.png" for job in lit)
    assert len({(job.backdrop.crop_x, job.backdrop.crop_y) for job in lit}) == 54
    assert len({job.backdrop.name for job in jobs if _object(job) == "plain"}) == 3
    assert plan.notes[0] == "the light of 18 foregrounds fits a photo, and 18 of them lie on that photo"
    every = _jobs(project, "pairing: all, split: {by: none}")
    assert len({(_object(job), job.layers[0].foreground.view, job.backdrop.name) for job in every}) == 19 * 9


def test_light_that_fits_a_photo_of_another_split_changes_no_split(project):
    project.photos(9)
    before = _light_project_jobs(project, None)
    for photo in sorted((project.base / "photos").iterdir()):
        jobs = _light_project_jobs(project, photo)
        home = {job.split for job in before if job.backdrop.path == str(photo)}
        for job, old in zip(jobs, before, strict=True):
            assert job.split == old.split
            assert job.backdrop.path == str(photo) if job.split in home else job.backdrop == old.backdrop


def _light_project_jobs(project, photo):
    for number in range(6):
        project.render(f"object{number}", 0, lit_as=photo)
    return _jobs(project, "per_view: 9")


def test_splits_share_no_object_and_no_photo(project):
    project.renders(objects=6, views=2)
    project.photos(9)
    jobs = _jobs(project, "per_view: 3")
    for thing in (_object, lambda job: job.backdrop.name):
        seen = [{thing(job) for job in jobs if job.split == part} for part in ("train", "val", "test")]
        assert all(seen)
        assert not seen[0] & seen[1]
        assert not seen[0] & seen[2]
        assert not seen[1] & seen[2]


def test_variants_of_a_model_share_a_split(project):
    for number in range(24):
        project.render(f"model{number % 6}_{number:03d}", 0, identity=f"model{number % 6}")
    project.photos(9)
    parts = {(_object(job).partition("_")[0], job.split) for job in _jobs(project, "per_view: 3")}
    assert len(parts) == 6
    assert {part for _, part in parts} == {"train", "val", "test"}


def test_the_split_of_the_render_manifest_wins(project):
    project.renders(objects=5)
    project.render("special", 0, split="test")
    project.photos(5)
    for by in ("object", "view", "sample", "none"):
        jobs = _jobs(project, f"split: {{by: {by}}}")
        assert {job.split for job in jobs if _object(job) == "special"} == {"test"}, by


def test_sample_splits_by_share_and_says_that_it_leaks(project):
    project.renders(objects=2, views=10)
    project.photos(5)
    plan = plan_samples(
        project.recipe("pairing: all, split: {by: sample, val: 0.2, test: 0.1}"), project.base, project.output
    )
    assert Counter(job.split for job in plan.jobs) == {"train": 70, "val": 20, "test": 10}
    assert any("every object and photo of val and test is in train too" in note for note in plan.notes)


def test_more_samples_a_view_and_another_object_leave_the_others_as_they_were(project):
    project.renders(objects=3, views=2)
    project.photos(7)
    split = "split: {by: none}"
    before = {job.id: job for job in _jobs(project, f"per_view: 3, {PLACEMENT}, {split}")}
    project.render("another", 0)
    after = {job.id: job for job in _jobs(project, f"per_view: 5, {PLACEMENT}, {split}")}
    assert len(after) == 35
    assert {name: after[name] for name in before} == before


def test_draws_follow_the_recipe_and_the_seed(project):
    project.renders(objects=4, views=5)
    project.photos(6)
    jobs = _jobs(project, f"per_view: 6, split: {{by: none}}, {PLACEMENT}")
    scales = [job.layers[0].scale for job in jobs]
    assert all(0.4 <= scale <= 0.9 for scale in scales)
    assert len(set(scales)) == len(jobs)
    assert 0.3 < sum(job.layers[0].flip for job in jobs) / len(jobs) < 0.7
    crops = [job.backdrop.crop_x for job in jobs]
    assert 0 <= min(crops) < 0.1 < 0.9 < max(crops) <= 1
    again = _jobs(project, f"per_view: 6, split: {{by: none}}, {PLACEMENT}", seed=2)
    assert scales != [job.layers[0].scale for job in again]


def test_ids_are_unique_and_without_dots(project):
    for name in ("a.b", "a_b", "v1.0 final", "x"):
        project.render(name, 0)
    project.photos(2)
    jobs = _jobs(project, "per_view: 3, split: {by: none}")
    assert len({job.id for job in jobs}) == len(jobs) == 12
    assert not any(set(job.id) & set(". /\\") for job in jobs)
    assert safe_id("fox") == "fox"
    assert safe_id("a.b") != safe_id("a b")


def test_a_key_follows_content_and_not_places(project, tmp_path):
    project.renders(objects=1, views=1)
    project.photos(1)
    plan = plan_samples(project.recipe(), project.base, project.output)
    (tmp_path / "out").rename(tmp_path / "moved")
    moved = plan_samples(project.recipe(), project.base, OutputFolder(tmp_path / "moved"))
    before, after = next(plan.jobs), next(moved.jobs)
    assert before.layers[0].foreground.path != after.layers[0].foreground.path
    assert after.key(moved.settings) == before.key(plan.settings)
    project.photo("photo0.png")
    changed = plan_samples(project.recipe(), project.base, OutputFolder(tmp_path / "moved"))
    assert next(changed.jobs).key(changed.settings) != before.key(plan.settings)


def test_jpeg_quality_does_not_touch_png_samples(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    keys = {}
    for composite in ("jpeg_quality: 80", "jpeg_quality: 90", "png_level: 3"):
        plan = plan_samples(project.recipe(composite), project.base, project.output)
        keys[composite] = next(plan.jobs).key(plan.settings)
    assert keys["jpeg_quality: 80"] == keys["jpeg_quality: 90"] != keys["png_level: 3"]


def test_planning_ten_thousand_samples_takes_a_moment(project):
    project.photos(20)
    rows = [
        {"object": f"o{name}", "view": f"{view:04d}", "files": {f"o{name}/{view:04d}.png": "0" * 64}, "model": {}}
        for name in range(100)
        for view in range(25)
    ]
    write_rows(project.output.render_manifest, rows)
    started = time.process_time()
    plan = plan_samples(project.recipe(f"per_view: 4, {PLACEMENT}"), project.base, project.output)
    assert len(plan.entries) == 10_000
    assert time.process_time() - started < 3


def test_photos_are_kept_as_large_as_the_largest_zoom_needs(project):
    project.renders(objects=2, views=3)
    project.photos(3)
    composite = "photo: {zoom: {uniform: [1, 3]}, flip: 0.5}, per_view: 6, split: {by: none}"
    plan = plan_samples(project.recipe(composite), project.base, project.output)
    assert plan.settings.photo_size == 144
    backdrops = [job.backdrop for job in plan.jobs]
    zooms = [backdrop.zoom for backdrop in backdrops]
    assert 1 <= min(zooms) < 1.5 < 2.5 < max(zooms) <= 3
    assert {backdrop.flip for backdrop in backdrops} == {True, False}


def test_heavier_photos_and_foregrounds_come_more_often(project):
    project.renders(objects=3, views=20)
    project.photos(4)
    folders = "[{photos: photos/photo0.png, weight: 6}, 'photos/photo[123].png']"
    jobs = _jobs(project, f"backgrounds: {folders}, foregrounds: [{{renders: true, weight: 1.5}}], per_view: 1, "
                          "split: {by: none}")  # fmt: skip
    assert 72 < len(jobs) < 108, "60 views, one and a half samples each"
    count = Counter(job.backdrop.name for job in jobs)
    assert count["photos/photo0.png"] > 2 * max(count[f"photos/photo{i}.png"] for i in (1, 2, 3))


def test_a_photo_kept_for_a_split_stays_there(project):
    project.renders(objects=6, views=2)
    project.photos(9)
    keys = "backgrounds: [{photos: 'photos/photo[01].png', split: test}, 'photos/photo[2-9].png']"
    parts = {(job.backdrop.name, job.split) for job in _jobs(project, f"{keys}, per_view: 8")}
    assert {part for name, part in parts if name in ("photos/photo0.png", "photos/photo1.png")} == {"test"}


def test_licenses_that_are_not_wanted_are_left_out_and_counted(project):
    project.render("free", 0, license="CC0-1.0")
    project.render("closed", 0, license="CC-BY-NC-4.0")
    project.render("unknown", 0)
    project.photos(3)
    photos = "backgrounds: [{photos: photos, license: CC-BY-4.0}]"
    keys = f"{photos}, licenses: [CC0-*, CC-BY-4.0], split: {{by: none}}"
    plan = plan_samples(project.recipe(keys), project.base, project.output)
    assert {_object(job) for job in plan.jobs} == {"free"}
    assert any(note.startswith("2 of 3 foregrounds are left out") for note in plan.notes)
    with pytest.raises(RecipeError, match="none of the 3 foregrounds is under one of MIT"):
        plan_samples(project.recipe(f"{photos}, licenses: [MIT]"), project.base, project.output)


def test_an_effect_that_is_switched_on_changes_no_other_draw(project):
    project.renders(objects=4, views=3)
    project.photos(4)
    base = f"{PLACEMENT}, split: {{by: none}}, photo: {{zoom: {{uniform: [1, 3]}}}}"
    plain = _jobs(project, base)
    more = "realism: {noise: {}, shadow: {}, haze: {}}, stack: {probability: 1}, distractors: {probability: 1}"
    full = _jobs(project, f"{base}, {more}, outputs: [image, alpha, trimap, captured_bg]")
    assert [job.layers[0] for job in full] == [job.layers[0] for job in plain]
    assert [job.backdrop for job in full] == [job.backdrop for job in plain]
    assert all(len(job.layers) == 2 and job.distractors for job in full)
    assert 0.2 < sum(job.realism.noise > 0 for job in full) / len(full) < 0.8


def test_neighbors_are_of_the_same_split_and_another_object(project):
    project.renders(objects=9, views=2)
    project.photos(9)
    jobs = _jobs(project, "per_view: 4, stack: {probability: 1, count: 3}, distractors: {probability: 1}")
    part_of = {_object(job): job.split for job in jobs}
    for job in jobs:
        for layer in (*job.layers[1:], *job.distractors):
            assert part_of[layer.foreground.object] == job.split
            assert layer.foreground.object != _object(job)


def test_the_frames_of_a_clip_stay_together_and_share_their_draws(project):
    for name in ("a", "b", "c", "d"):
        for clip in ("0000", "0001"):
            for frame in range(3):
                project.render(name, clip=clip, view=f"{clip}_{frame:04d}")
    project.photos(6)
    keys = f"{PLACEMENT}, photo: {{zoom: 2}}, clips: {{pan: 0.5}}, per_view: 2, realism: {{noise: {{probability: 1}}}}"
    by_sample = _jobs(project, f"{keys}, split: {{by: sample, val: 0.3, test: 0.3}}")
    assert len({(job.clip, job.split) for job in by_sample}) == 16
    assert len({job.split for job in by_sample}) == 3
    jobs = _jobs(project, keys)
    clips = {job.clip for job in jobs}
    assert len(clips) == 16
    for clip in clips:
        frames = sorted((job for job in jobs if job.clip == clip), key=lambda job: job.frame)
        assert [job.frame for job in frames] == [0, 1, 2]
        assert len({job.split for job in frames}) == len({job.backdrop.name for job in frames}) == 1
        assert len({(job.layers[0].scale, job.layers[0].x, job.layers[0].flip) for job in frames}) == 1
        assert len({job.realism.noise for job in frames}) == 1
        assert len({job.realism.seed for job in frames}) == 3, "the noise itself changes from frame to frame"
        steps = [(b.backdrop.crop_x - a.backdrop.crop_x, b.backdrop.crop_y - a.backdrop.crop_y)
                 for a, b in itertools.pairwise(frames)]  # fmt: skip
        assert steps[0] == pytest.approx(steps[1])
        assert sum(step * step for step in steps[0]) == pytest.approx(0.25**2)


def test_only_narrows_training_and_leaves_validation_and_test(project):
    project.renders(objects=9, views=1)
    project.photos(9)
    everything = _jobs(project, "per_view: 2")
    kept = next(_object(job) for job in everything if job.split == "train")
    narrowed = _jobs(project, f"per_view: 2, train_objects: [{kept}]")
    assert {_object(job) for job in narrowed if job.split == "train"} == {kept}
    assert [job for job in narrowed if job.split != "train"] == [job for job in everything if job.split != "train"]
    with pytest.raises(RecipeError, match=r"composite.train_objects: no object of train is called chair_\*"):
        _jobs(project, "train_objects: ['chair_*']")
    with pytest.raises(RecipeError, match=r"composite.train_objects: no object of train is called chair_\*"):
        _jobs(project, "train_objects: ['chair_*']")


def test_a_further_object_becomes_a_neighbor_of_some_samples_and_changes_no_other(project):
    keys = "split: {by: none}, per_view: 4, stack: {probability: 1}, distractors: {probability: 1, count: 1}"
    project.photos(3)
    project.renders(objects=12, views=2)
    before = {job.id: job for job in _jobs(project, keys)}
    for view in range(2):
        project.render("object12", view, license="CC0-1.0", source="test")
    after = {job.id: job for job in _jobs(project, keys)}
    changed = [after[name] for name, job in before.items() if after[name] != job]
    assert 0 < len(changed) < len(before) / 2
    for job in changed:
        shown = {layer.foreground.object for layer in [*job.layers, *job.distractors]}
        assert "object12" in shown
