"""The render stage with real Blender: what is finished is never made twice and never lost."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.executors import StayingExecutor
from support.refusing_executor import RefusingExecutor

from synthmat.api import open_recipe
from synthmat.errors import OutputError
from synthmat.generator.plan import plan_render
from synthmat.generator.stage import cut_jobs, render
from synthmat.local_executor import LocalExecutor
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.run_lock import run_lock

RECIPE = """
name: trial
objects: [{builtin: suzanne}, {builtin: vase}]
render: {resolution: 32, samples: 1, views: {turntable: {count: 4}}}
"""
COMMAND = [sys.executable, "-m", "synthmat.cli", "render", "recipe.yaml", "--out", "out", "--workers", "1"]
COMMAND += ["--no-estimate"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Frames of an uninterrupted run with one worker: path below the renders folder -> bytes."""
    folder = tmp_path_factory.mktemp("finished")
    result, frames = run(folder, workers=1)
    assert (result.made, result.failed) == (8, 0)
    return frames


def run(folder: Path, recipe: str = RECIPE, overrides=(), **options):
    (folder / "recipe.yaml").write_text(recipe)
    options = {"workers": 1, "device": "cpu", "quiet": True, "executor": StayingExecutor()} | options
    checked, base, output = open_recipe(folder / "recipe.yaml", folder / "out", overrides)
    return render(checked, base, output, RunOptions(**options)), frames_of(folder)


def frames_of(folder: Path) -> dict[str, bytes]:
    renders = folder / "out" / "renders"
    return {path.relative_to(renders).as_posix(): path.read_bytes() for path in renders.glob("*/[!.]*.png")}


def rows_of(folder: Path) -> list[dict]:
    return list(read_rows(folder / "out" / "renders" / "manifest.jsonl"))


def test_two_workers_make_the_same_files_as_one(tmp_path, finished):
    _, frames = run(tmp_path, workers=2, executor=LocalExecutor())
    assert frames == finished
    rows = rows_of(tmp_path)
    assert [(row["object"], row["view"]) for row in rows] == [
        (name, f"000{view}") for name in ("suzanne", "vase") for view in range(4)
    ]
    assert not list((tmp_path / "out" / "renders" / ".parts").glob("*"))


@pytest.mark.parametrize(
    ("views", "workers", "sizes"),
    [
        (12, 1, [6] * 6),
        (8, 2, [8, 8, 4, 4]),  # the last object is slow: neither worker waits for it
        (2, 4, [2, 1, 1, 1, 1]),
        (700, 2, [100] * 21),
    ],
)
def test_the_last_objects_are_shared_by_all_workers(tmp_path, views, workers, sizes):
    text = "name: x\nobjects: [{builtin: shape, count: 3}]\nrender: {views: {turntable: {count: 8}}}"
    (tmp_path / "recipe.yaml").write_text(text.replace("8", str(views)))
    jobs = plan_render(*open_recipe(tmp_path / "recipe.yaml", tmp_path / "out"))
    pieces = list(cut_jobs(jobs, workers))
    assert [len(piece.views) for piece in pieces] == sizes
    frames = [(piece.asset.name, view) for piece in pieces for view in piece.views]
    assert frames == [(job.asset.name, view) for job in jobs for view in job.views]


def test_a_second_run_makes_only_what_is_missing_broken_or_changed(tmp_path, finished):
    run(tmp_path)
    (tmp_path / "out" / "renders" / "vase" / "0001.png").unlink()
    (tmp_path / "out" / "renders" / "suzanne" / "0002.png").write_bytes(b"broken")
    result, frames = run(tmp_path)
    assert (result.made, result.kept) == (2, 6)
    assert frames == finished
    result, _ = run(tmp_path, RECIPE.replace("{builtin: vase}", "{builtin: suzanne, name: twin}"))
    assert (result.made, result.kept) == (4, 4)
    assert {row["object"] for row in rows_of(tmp_path)} == {"suzanne", "twin"}
    result, _ = run(tmp_path, overrides=["render.exposure=1"], limit=1)
    assert result.made == 1
    assert any("12 finished frames of other settings are kept" in note for note in result.notes), result.notes
    planned, _ = run(tmp_path, dry_run=True)
    assert planned.kept == 8
    assert planned.notes[:3] == [
        "would render 0 frames of 2 objects, keep 8",
        "would take back 8 frames that were set aside",
        "would set aside 1 finished frames of other settings; going back finds them again",
    ]
    result, frames = run(tmp_path)
    assert (result.made, result.kept, frames) == (0, 8, finished)


def test_limit_and_shards_divide_the_work_without_overlap(tmp_path, finished):
    result, _ = run(tmp_path, limit=1)
    assert (result.made, result.failed) == (1, 0)
    first, _ = run(tmp_path, shard=(1, 2))
    second, frames = run(tmp_path, shard=(2, 2))
    assert (first.made, first.kept, second.made, second.kept) == (3, 1, 4, 0)
    assert frames == finished
    assert len(rows_of(tmp_path)) == 8


def test_another_executor_takes_the_place_of_local_processes(tmp_path):
    executor = RefusingExecutor()
    result, _ = run(tmp_path, workers=None, executor=executor)
    assert (result.made, result.failed) == (0, 8)
    (task,) = executor.tasks
    assert task.workers == 6, "of the 7 slots as many as there are pieces of work"
    assert any("the machine is gone" in row["error"] for row in read_rows(tmp_path / "out" / "failures.jsonl"))
    assert not list((tmp_path / "out").rglob("worker-*.log"))


def test_a_dry_run_writes_nothing(tmp_path):
    result, frames = run(tmp_path, dry_run=True)
    assert "8 frames of 2 objects" in result.notes[0]
    assert not frames
    assert not (tmp_path / "out").exists()


BROKEN_TOO = RECIPE.replace("objects: [", "objects: [{model: broken.glb}, ")


def test_what_failed_is_told_at_once_and_kept_when_interrupted(tmp_path):
    (tmp_path / "broken.glb").write_bytes(b"glTF\x02\x00\x00\x00 not really")
    with interrupted(tmp_path, BROKEN_TOO.replace("count: 4", "count: 25")) as process:
        for line in process.stderr:
            if "broken.glb" in line:
                break
    assert process.returncode == 130
    assert {row["job"] for row in read_rows(tmp_path / "out" / "failures.jsonl")} == {"broken"}
    assert not list((tmp_path / "scratch").iterdir())


def test_license_source_and_split_are_those_of_today(tmp_path):
    objects = "objects: [{builtin: suzanne}, {group: [{builtin: vase}], name: few, members: 2}]"
    recipe = RECIPE.replace("objects: [{builtin: suzanne}, {builtin: vase}]", objects)
    run(tmp_path, recipe, limit=5)
    changed = recipe.replace("builtin: suzanne", "builtin: suzanne, license: MIT, source: me, split: test")
    result, _ = run(tmp_path, changed.replace("builtin: vase", "builtin: vase, license: OFL-1.1"))
    assert (result.made, result.kept) == (3, 5)
    models = {row["object"]: row["model"] for row in rows_of(tmp_path)}
    assert [models["suzanne"][key] for key in ("license", "source", "split")] == ["MIT", "me", "test"]
    assert models["few"]["members"][0]["license"] == "OFL-1.1"


def test_a_broken_model_costs_itself_only_and_is_named(tmp_path):
    (tmp_path / "broken.glb").write_bytes(b"glTF\x02\x00\x00\x00 not really")
    result, frames = run(tmp_path, BROKEN_TOO)
    assert (result.made, result.failed, result.exit_code) == (8, 4, 1)
    assert len(frames) == 8
    (failure,) = read_rows(tmp_path / "out" / "failures.jsonl")
    assert failure["job"] == "broken"
    assert "broken.glb" in failure["error"]
    assert failure["views"] == ["0000", "0001", "0002", "0003"]
    result, _ = run(tmp_path)
    assert result.exit_code == 0
    assert not (tmp_path / "out" / "failures.jsonl").exists()


def test_killed_in_the_middle_the_same_command_ends_with_the_same_files(tmp_path, finished):
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(frames_of(tmp_path)) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(2.5)  # the orphaned worker ends by itself
    before = set(frames_of(tmp_path))
    assert len(before) >= 3
    result, frames = run(tmp_path)
    assert result.made + result.kept == 8
    assert result.kept >= len(before) - 1
    assert frames == finished


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    leftover = tmp_path / "out" / "renders" / "suzanne" / ".0000.4711.tmp.png"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    run(tmp_path, limit=1)
    assert not leftover.exists()


def test_a_killed_worker_costs_one_retry(tmp_path, finished):
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not frames_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.002)
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert frames_of(tmp_path) == finished


def test_interrupted_it_leaves_with_130_and_keeps_what_is_finished(tmp_path):
    with interrupted(tmp_path, RECIPE.replace("count: 4", "count: 400")) as process:
        deadline = time.monotonic() + 60
        while len(frames_of(tmp_path)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert process.returncode == 130
    assert "re-run to resume" in process.printed
    assert len(rows_of(tmp_path)) >= 3


@contextlib.contextmanager
def interrupted(folder, recipe):
    """Run `synthmat render` on its own while the block runs, then interrupt it and wait for it to end."""
    (folder / "recipe.yaml").write_text(recipe)
    (folder / "scratch").mkdir()
    environment = os.environ | {"TMPDIR": str(folder / "scratch")}
    # Whoever started the tests in the background has interrupts ignored, and so would this process.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(COMMAND, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    yield process
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    process.printed = process.stderr.read()
    process.stderr.close()


def test_two_runs_on_one_folder_are_refused(tmp_path):
    renders = tmp_path / "out" / "renders"
    with run_lock(renders), pytest.raises(OutputError, match="another synthmat run"):
        run(tmp_path)
    with run_lock(renders, "1of2"):
        for shard in (None, (1, 2)):
            with pytest.raises(OutputError, match="another synthmat run"):
                run(tmp_path, shard=shard)
        result, _ = run(tmp_path, shard=(2, 2), limit=1)
    assert result.made == 1


def test_color_that_a_png_cannot_hold_is_told(tmp_path):
    recipe = RECIPE.replace("samples: 1", "samples: 1, exposure: 6")
    result, _ = run(tmp_path, recipe, limit=1)
    assert any("straight color above 1" in note and "exr" in note for note in result.notes)
    result, _ = run(tmp_path, recipe, overrides=["render.passes=[exr]"], limit=1)
    assert not any("straight color" in note for note in result.notes)


def test_rows_say_how_a_frame_was_made(tmp_path):
    run(tmp_path, limit=1)
    (row,) = rows_of(tmp_path)
    assert {"object", "view", "key", "files", "seconds", "camera", "light", "seed", "engine", "device"} <= set(row)
    assert json.dumps(row)
    assert row["model"]["license"] == "CC0-1.0"
