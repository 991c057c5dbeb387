"""The plan: every draw a number, stable under changes elsewhere."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from synthmat.compositor.plan import plan_samples, safe_id
from synthmat.errors import OutputError
from synthmat.layout import Layout
from synthmat.manifest import write_rows

PLACEMENT = "placement: {scale: {uniform: [0.4, 0.9]}, x: {normal: [0.5, 0.1]}, flip: 0.5}"


def _jobs(project, composite: str = "", **top):
    return plan_samples(project.recipe(composite, **top), project.base, project.layout).jobs


def test_without_renders_the_user_is_sent_to_render(project):
    project.photos(1)
    with pytest.raises(OutputError, match="run `synthmat render` first"):
        _jobs(project)


def test_per_view_photos_are_drawn_without_repeats_while_they_last(project):
    project.renders(objects=1, views=4)
    project.photos(6)
    for composite, most in (("per_view: 6, split: {by: none}", 1), ("per_view: 13, split: {by: none}", 3)):
        for view in range(4):
            its = Counter(job.background_name for job in _jobs(project, composite) if job.view == f"{view:04d}")
            assert len(its) == 6
            assert max(its.values()) == most
            assert max(its.values()) - min(its.values()) <= 1


def test_all_pairs_every_view_with_every_photo(project):
    project.renders(objects=2, views=3)
    project.photos(5)
    jobs = _jobs(project, "pairing: all, per_view: 1, split: {by: none}")
    assert len({(job.object, job.view, job.background_name) for job in jobs}) == len(jobs) == 30


def test_splits_share_no_object_and_no_photo(project):
    project.renders(objects=6, views=2)
    project.photos(9)
    jobs = _jobs(project, "per_view: 3")
    for kind in ("object", "background_name"):
        seen = [{getattr(job, kind) for job in jobs if job.split == part} for part in ("train", "val", "test")]
        assert all(seen)
        assert not seen[0] & seen[1]
        assert not seen[0] & seen[2]
        assert not seen[1] & seen[2]


def test_variants_of_a_model_share_a_split(project):
    for number in range(24):
        project.render(f"model{number % 6}_{number:03d}", 0, identity=f"model{number % 6}")
    project.photos(9)
    parts = {(job.object.partition("_")[0], job.split) for job in _jobs(project, "per_view: 3")}
    assert len(parts) == 6
    assert {part for _, part in parts} == {"train", "val", "test"}


def test_the_split_of_the_render_manifest_wins(project):
    project.renders(objects=5)
    project.render("special", 0, split="test")
    project.photos(5)
    for by in ("object", "view", "sample", "none"):
        jobs = _jobs(project, f"split: {{by: {by}}}")
        assert {job.split for job in jobs if job.object == "special"} == {"test"}, by


def test_sample_splits_by_share_and_says_that_it_leaks(project):
    project.renders(objects=2, views=10)
    project.photos(5)
    plan = plan_samples(
        project.recipe("pairing: all, split: {by: sample, val: 0.2, test: 0.1}"), project.base, project.layout
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
    assert all(0.4 <= job.scale <= 0.9 for job in jobs)
    assert len({job.scale for job in jobs}) == len(jobs)
    assert 0.3 < sum(job.flip for job in jobs) / len(jobs) < 0.7
    assert 0 <= min(job.crop_x for job in jobs) < 0.1 < 0.9 < max(job.crop_x for job in jobs) <= 1
    again = _jobs(project, f"per_view: 6, split: {{by: none}}, {PLACEMENT}", seed=2)
    assert [job.scale for job in jobs] != [job.scale for job in again]


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
    plan = plan_samples(project.recipe(), project.base, project.layout)
    (tmp_path / "out").rename(tmp_path / "moved")
    moved = plan_samples(project.recipe(), project.base, Layout(tmp_path / "moved"))
    assert moved.jobs[0].foreground != plan.jobs[0].foreground
    assert moved.jobs[0].key(moved.settings) == plan.jobs[0].key(plan.settings)
    project.photo("photo0.png")
    changed = plan_samples(project.recipe(), project.base, Layout(tmp_path / "moved"))
    assert changed.jobs[0].key(changed.settings) != plan.jobs[0].key(plan.settings)


def test_jpeg_quality_does_not_touch_png_samples(project):
    project.renders(objects=1, views=1)
    project.photos(1)
    keys = {}
    for composite in ("jpeg_quality: 80", "jpeg_quality: 90", "png_level: 3"):
        plan = plan_samples(project.recipe(composite), project.base, project.layout)
        keys[composite] = plan.jobs[0].key(plan.settings)
    assert keys["jpeg_quality: 80"] == keys["jpeg_quality: 90"] != keys["png_level: 3"]


def test_planning_ten_thousand_samples_takes_a_moment(project):
    project.photos(20)
    rows = [
        {"object": f"o{name}", "view": f"{view:04d}", "files": {f"o{name}/{view:04d}.png": "0" * 64}, "model": {}}
        for name in range(100)
        for view in range(25)
    ]
    write_rows(project.layout.render_manifest, rows)
    started = time.process_time()
    assert len(_jobs(project, f"per_view: 4, {PLACEMENT}")) == 10_000
    assert time.process_time() - started < 5


def test_photos_are_kept_as_large_as_the_largest_zoom_needs(project):
    project.renders(objects=2, views=3)
    project.photos(3)
    composite = "photo: {zoom: {uniform: [1, 3]}, flip: 0.5}, per_view: 6, split: {by: none}"
    plan = plan_samples(project.recipe(composite), project.base, project.layout)
    assert plan.settings.photo_size == 144
    assert 1 <= min(job.photo_zoom for job in plan.jobs) < 1.5 < 2.5 < max(job.photo_zoom for job in plan.jobs) <= 3
    assert {job.photo_flip for job in plan.jobs} == {True, False}
