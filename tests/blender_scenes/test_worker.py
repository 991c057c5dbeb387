"""The worker: settings that are all set, rows that say all, and Blender that stays out of the calling process."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

from synthmat.blender_scenes.camera.orbit import orbit_matrix
from synthmat.blender_scenes.light.color_temperature import color_temperature
from synthmat.blender_scenes.worker import prepare, render_job
from synthmat.executor import Task, WorkerSetup
from synthmat.local_executor import LocalExecutor


def test_settings_after_setup_are_the_documented_ones(studio: Any, towers: Path) -> None:
    job = studio.job(towers / "tower.glb", exposure=-0.5, bit_depth=16, samples=3, width=32, height=48)
    wanted = studio.blender(blender_session.wanted, job)
    found = studio.blender(blender_session.settings_after_setup, job, list(wanted))
    assert {
        path: pytest.approx(value) if isinstance(value, float) else value for path, value in wanted.items()
    } == found
    assert wanted["view_settings.view_transform"] == "Standard"
    assert wanted["render.dither_intensity"] == 0
    assert wanted["cycles.transparent_max_bounces"] >= 64
    assert wanted["cycles.filter_width"] == 1.5
    assert not wanted["cycles.use_denoising"]
    assert not wanted["cycles.use_adaptive_sampling"]


def test_a_worker_renders_jobs_and_writes_rows(studio: Any, towers: Path) -> None:
    jobs = [studio.job(towers / "tower.glb", azimuths=(0.0, 90.0)), studio.job("", builtin="suzanne", name="suzanne")]
    setup = WorkerSetup({}, str(studio.folder / "logs"), partial(prepare, device="auto", threads=1))
    task = Task(render_job, workers=1, setup=setup, timeout=lambda _: 100.0)
    outcomes = list(LocalExecutor().run(task, jobs))
    assert [(outcome.result, outcome.error) for outcome in outcomes] == [(2, None), (1, None)]
    rows = [json.loads(line) for line in (studio.folder / "rows.jsonl").read_text().splitlines()]
    assert [(row["object"], row["view"]) for row in rows] == [
        ("object", "0000"),
        ("object", "0001"),
        ("suzanne", "0000"),
    ]
    row = rows[1]
    assert row["key"] == jobs[0].key(jobs[0].views[1])
    assert np.allclose(row["camera"]["matrix_world"], orbit_matrix(90.0, 0.0, row["camera"]["distance"]))
    assert row["camera"]["intrinsics"][0][0] == pytest.approx(50 * 64 / 36)
    assert row["model"]["file"] == "tower.glb"
    assert row["light"]["kind"] == "three_point"
    assert (row["width"], row["samples"], row["bit_depth"], row["engine"]) == (64, 4, 8, "cycles")
    assert row["device"]
    assert row["seconds"] > 0
    assert "bpy" not in sys.modules


def test_the_probe_prints_one_json_object() -> None:
    command = [sys.executable, "-m", "synthmat.blender_scenes.probe"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["devices"]["cpu"]
    assert {"studio", "city"} <= set(found["hdris"])
    assert ".glb" in found["importers"]
    assert found["blender"][0] in "45"


def test_azimuth_0_is_the_front_and_positive_azimuths_go_counter_clockwise() -> None:
    assert np.allclose(orbit_matrix(0, 0, 2)[:3, 3], (0, -2, 0))
    assert np.allclose(orbit_matrix(90, 0, 2)[:3, 3], (2, 0, 0))
    assert orbit_matrix(0, 30, 2)[2, 3] == pytest.approx(1.0)


def test_color_temperature_is_white_at_6500_and_warm_below() -> None:
    assert color_temperature(6500) == pytest.approx((1, 1, 1))
    reds_over_blues = [red / max(blue, 1e-6) for red, _, blue in map(color_temperature, range(1000, 20001, 500))]
    assert reds_over_blues == sorted(reds_over_blues, reverse=True)
    assert all(min(color_temperature(t)) >= 0 and max(color_temperature(t)) == 1 for t in range(1000, 20001, 500))
