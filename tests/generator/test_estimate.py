"""Estimates of time and disk: from measurements that are made up, and once with real Blender."""

import re
from collections import Counter
from types import SimpleNamespace

import pytest
from support.executors import StayingExecutor

import synthmat
from synthmat.api import open_recipe
from synthmat.generator import estimate
from synthmat.generator.calibration import MAX_OBJECTS, calibrating_edges, calibrating_views, choose, without_warming_up
from synthmat.generator.estimate import Estimate, estimate_render, estimate_total
from synthmat.generator.frame_cost import Cost, Measured, finished_costs, job_cost, kind_of, mean_cost, scaled_costs
from synthmat.generator.plan import plan_render
from synthmat.generator.stage import cut_jobs
from synthmat.stage import RunOptions

RECIPE = """
name: trial
objects: [{builtin: vase, count: 30}, {builtin: shape, count: 10}, {builtin: fur_ball}]
render: {resolution: 32, samples: 2, alpha_error: 0, views: {turntable: {count: 6}}}
"""


def plan(folder, recipe=RECIPE):
    (folder / "recipe.yaml").write_text(recipe)
    return plan_render(*open_recipe(folder / "recipe.yaml", folder / "out"))


def kinds_of(jobs):
    return {job.asset.name: kind_of(job.asset) for job in jobs}


def test_every_family_is_calibrated_and_the_first_of_the_order_are_of_different_ones(tmp_path):
    jobs = plan(tmp_path)
    picked = choose(jobs, {}, kinds_of(jobs))
    assert len({job.asset.name for job in picked}) == len(picked) == MAX_OBJECTS
    kinds = [kind_of(job.asset) for job in picked]
    assert set(kinds[:3]) == {"built-in vase", "built-in shape", "built-in fur_ball"}
    assert Counter(kinds)["built-in vase"] > Counter(kinds)["built-in shape"] > 1
    assert not choose([], {}, {})


def test_kinds_with_finished_frames_are_not_calibrated_again(tmp_path):
    known = {"vase": Cost(1, 0, 1), "shape_003": Cost(1, 0, 1)}
    jobs = plan(tmp_path)
    assert [job.asset.name for job in choose(jobs, known, kinds_of(jobs))] == ["fur_ball"]
    # Objects that are finished altogether tell of the others of their kind.
    assert not choose(jobs[1:30], known, kinds_of(jobs))
    rest = estimate_total(
        jobs[1:2], {"vase": Cost(2, 0, 1), "fur_ball": Cost(90, 0, 1)}, kinds_of(jobs), 1, "x", start=0
    )
    assert rest.seconds == 6 * 2


def test_of_many_models_some_spread_over_the_plan_are_calibrated(tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02d}.obj").write_text(f"v {number} 0 0\n")
    jobs = plan(tmp_path, 'name: x\nobjects: [{models: "*.obj"}]\n')
    names = [job.asset.name for job in choose(jobs, {}, kinds_of(jobs))]
    assert len(names) == MAX_OBJECTS
    assert min(names) < "04"
    assert max(names) > "35"
    assert not choose(jobs, {job.asset.name: Cost(1, 0, 1) for job in jobs[:10]}, kinds_of(jobs))


@pytest.mark.parametrize(
    ("size", "edges"),
    [((32, 32), (32, 32)), ((192, 108), (96, 192)), ((600, 600), (200, 400)), ((4096, 16), (256, 512))],
)
def test_calibrating_frames_are_small_and_never_larger_than_frames(size, edges):
    assert calibrating_edges(*size) == edges


def test_seconds_grow_with_pixels_but_what_is_fixed_does_not():
    def at(name, pixels, slope):
        return Measured(name, pixels, Cost(0.5 + slope * pixels, 3.0, 100 + 2 * pixels))

    measured = [at("a", 400, 1e-3), at("a", 100, 1e-3), at("b", 100, 1e-3)]
    costs = scaled_costs(measured, 900)
    for name in ("a", "b"):
        assert costs[name].frame == pytest.approx(0.5 + 0.9)
        assert costs[name].bytes == pytest.approx(100 + 1800)
        assert costs[name].job == 3.0
    assert scaled_costs([Measured("a", 100, Cost(1, 0, 10))], 900)["a"] == Cost(9, 0, 90)  # nothing is known of growth
    assert scaled_costs([Measured("a", 900, Cost(1, 2, 10))], 900)["a"] == Cost(1, 2, 10)


def test_noise_in_pairs_never_makes_larger_frames_cheaper():
    measured = [Measured("a", 100, Cost(1.0, 0, 10)), Measured("a", 400, Cost(0.9, 0, 40))]
    assert scaled_costs(measured, 3600)["a"].frame > 0.9


def test_the_total_counts_frames_jobs_and_workers(tmp_path):
    jobs = plan(tmp_path)
    costs = {
        "vase": Cost(2, 3, 10),
        "vase_001": Cost(4, 3, 10),
        "shape": Cost(1, 0, 20),
        "fur_ball": Cost(9, 5, 90),
    }
    pieces = Counter(kind_of(piece.asset) for piece in cut_jobs(jobs, 2))
    work = 180 * 3 + 3 * pieces["built-in vase"] + 60 * 1 + 6 * 9 + 5 * pieces["built-in fur_ball"]
    total = estimate_total(jobs, costs, kinds_of(jobs), 2, "x", start=7)
    assert total.seconds == pytest.approx(work / 2 + 7)
    assert total.bytes == 180 * 10 + 60 * 20 + 6 * 90
    assert total.least < total.seconds < total.most
    every = {job.asset.name: Cost(1, 0, 1) for job in jobs}
    known = estimate_total(jobs, every, kinds_of(jobs), 2, "x", unsure=0.1)
    assert known.most / known.seconds == pytest.approx(1.1)  # nothing is guessed but the machine's load


def test_objects_of_an_unknown_kind_cost_the_mean_of_the_others(tmp_path):
    jobs = plan(tmp_path)[-1:]
    total = estimate_total(jobs, {"a": Cost(2, 0, 10), "b": Cost(4, 0, 30)}, {"a": "x", "b": "y"}, 1, "x", start=0)
    assert (total.seconds, total.bytes) == (6 * 3, 6 * 20)


def test_finished_frames_tell_per_object_and_set_up_is_that_of_the_jobs():
    rows = [{"object": "a", "view": str(s), "seconds": s, "bytes": b} for s, b in ((1, 10), (3, 30))]
    rows.append({"object": "b", "view": "0", "seconds": 5, "bytes": 50})
    costs = finished_costs(rows, [{"object": "a", "seconds": 4.0}])
    assert costs == {"a": Cost(2, 4, 20), "b": Cost(5, 4, 50)}


def test_what_a_first_frame_takes_longer_is_set_up():
    rows = [{"view": "0", "seconds": 3.0, "bytes": 10}, {"view": "1", "seconds": 1.0, "bytes": 30}]
    assert job_cost(rows, 9.0) == Cost(1.0, 7.0, 20)


def test_frames_out_of_focus_are_no_measure_of_sharp_ones_but_tell_how_much_longer_they_take():
    rows = [{"object": "a", "view": str(n), "seconds": s, "bytes": 1} for n, s in enumerate((3.0, 2.0, 8.0))]
    assert job_cost(rows, 15.0, {"2"}) == Cost(2.0, 3.0, 1, 4.0)
    assert job_cost(rows[:2], 5.0, {"1"}) == Cost(3.0, 0.0, 1, 2 / 3)
    assert job_cost(rows[:1], 4.0, {"0"}) == Cost(3.0, 1.0, 1)
    assert finished_costs(rows, [], {("a", "2")}) == {"a": Cost(2.5, 0.0, 1, 3.2)}
    small, large = (
        Measured("a", pixels, Cost(seconds, 0, 1, blur)) for pixels, seconds, blur in ((1, 1, 3.0), (4, 4, None))
    )
    assert scaled_costs([small, large], 8)["a"].blur == 3.0


def test_frames_out_of_focus_count_for_as_many_as_they_cost(tmp_path):
    recipe = """
    name: trial
    objects: [{builtin: vase}, {builtin: shape}]
    render: {views: {random: {count: 40}}, depth_of_field: {probability: 0.5, blur: 0.02}}
    """
    jobs = plan(tmp_path, recipe)
    blurred = [sum(view.defocus is not None for view in job.views) for job in jobs]
    assert 8 < min(blurred) <= max(blurred) < 32
    # What is not known of an object is taken from the others, of which slow ones count more.
    costs = {"vase": Cost(2, 0, 1, 5.0), "shape": Cost(1, 0, 1)}
    total = estimate_total(jobs, costs, kinds_of(jobs), 1, "x", start=0)
    assert total.seconds == pytest.approx(2 * (40 + 4 * blurred[0]) + (40 + 4 * blurred[1]))
    assert mean_cost([Cost(9, 0, 0, 2.0), Cost(1, 0, 0, 12.0), Cost(5, 0, 0)]) == Cost(5, 0, 0, 3.0)


def test_of_many_views_two_sharp_ones_and_a_blurred_one_are_calibrated():
    sharp = [SimpleNamespace(name=str(number), defocus=None, motion=None) for number in range(8)]
    blurred = [SimpleNamespace(name=f"b{number}", defocus=1, motion=None) for number in range(3)]

    def names(views):
        return [view.name for view in calibrating_views(views)]

    assert names(sharp) == ["0", "4"]
    assert names([*blurred, *sharp]) == ["0", "4", "b1"]
    assert names([*blurred, *blurred, sharp[0]]) == ["0", "b0"]
    assert names([*blurred, *blurred]) == ["b0", "b0"]
    assert names([*blurred, sharp[2]]) == ["2"]


def test_what_starting_workers_take_longer_is_counted_once_and_not_per_job():
    measured = [Measured(name, 9, Cost(1, job, 1)) for name, job in (("a", 8), ("b", 1), ("c", 2), ("d", 2))]
    usual, warming = without_warming_up(measured, 2)
    assert [each.cost.job for each in usual] == [2, 1, 2, 2]
    assert warming == 6
    assert without_warming_up(measured[:2], 2) == (measured[:2], 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (42.3, "about 42 seconds on 2 workers (30 to 59), 410 MB of disk, from 3 frames"),
        (3000, "about 50 minutes on 2 workers (36 to 70), 410 MB of disk, from 3 frames"),
        (36000, "about 10 hours on 2 workers (7.1 to 14), 410 MB of disk, from 3 frames"),
    ],
)
def test_the_line_is_in_fitting_units(seconds, words):
    assert Estimate(seconds, seconds / 1.4, seconds * 1.4, 4.1e8, 2, "3 frames").text == words


def test_too_small_a_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(estimate.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1e6))
    jobs = plan(tmp_path)
    done = {(job.asset.name, "x"): {"object": job.asset.name, "view": "x", "seconds": 1, "bytes": 1e6} for job in jobs}
    _, _, output = open_recipe(tmp_path / "recipe.yaml", tmp_path / "out")
    told = estimate_render(jobs, jobs, done, output, RunOptions(quiet=True), 2)
    assert "from 41 finished frames" in told[0]
    assert told[1].startswith("only 1 MB of disk are free")


def test_a_dry_run_renders_calibrating_frames_into_no_output_and_a_render_is_measured(tmp_path):
    (tmp_path / "broken.glb").write_bytes(b"glTF\x02\x00\x00\x00 not really")
    recipe = "name: x\nobjects: [{builtin: suzanne}, {model: broken.glb}]\n"
    recipe += "render: {resolution: 128, samples: 2, alpha_error: 0, views: {turntable: {count: 2}}}"
    (tmp_path / "recipe.yaml").write_text(recipe)

    def render(**options):
        chosen = RunOptions(workers=1, device="cpu", quiet=True, executor=StayingExecutor(), **options)
        return synthmat.render(tmp_path / "recipe.yaml", out=tmp_path / "out", options=chosen)

    notes = render(dry_run=True, estimate=True).notes
    assert not (tmp_path / "out").exists()
    # One frame of 96 pixels and one of 128: the object's growth was measured.
    pattern = r"about .* seconds on 1 worker \(.* to .*\), .* of disk, from 2 calibrating frames \(.* seconds\)"
    assert re.fullmatch(pattern, notes[1]), notes
    assert any(note.startswith("broken: no calibrating frame: ") for note in notes)
    render(limit=1)
    notes = render(dry_run=True, estimate=True, limit=1).notes
    assert "from 1 finished frame" in notes[1]
