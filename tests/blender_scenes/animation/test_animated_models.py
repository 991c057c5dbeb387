"""Models move as their actions say, at exactly the asked moments, and blur along their movement."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.animated_gltf import write_animated_gltf
from support.frame_files import TRACED, read_rgba

from synthmat.errors import AssetError
from synthmat.render_job import Animation, CameraMotion, View

CLIPS = {"slide": 0, "grow": 1, "bend": 2}
"""Each clip, and the third of the frame in which something moves in it."""


def act(studio: Any, path: Path, animation: Animation | None, times: list[float], **changes: Any) -> Any:
    """Render a model at times of its action; return the rows and the frames (H, W, 4) from 0 to 1."""
    motion = changes.pop("motion", None)
    job = studio.job(path, **TRACED | {"samples": 16} | changes)
    views = tuple(
        View(f"0000_{i:04d}", 0.0, 0.0, 50.0, 7, clip="0000", time_s=time, motion=motion)
        for i, time in enumerate(times)
    )
    job = dataclasses.replace(job, views=views, animation=animation)
    rows = studio.blender(blender_session.render, job)
    return rows, [read_rgba(Path(job.folder) / f"{view.name}.png") / 255 for view in views]


def sequence(action: str | float, **changes: Any) -> Animation:
    """Return a second of an action from its beginning."""
    return Animation("action", action, **{"start_s": 0.0, "length_s": 1.0, "frames": 9, "at_end": "hold"} | changes)


def thirds(pixels: Any) -> list[Any]:
    """Return the three parts of the frame in which the cubes stand."""
    return np.array_split(pixels, 3, axis=1)


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_animated_gltf(tmp_path_factory.mktemp("animated") / "cubes.gltf")


@pytest.mark.cases_once
@pytest.mark.parametrize("clip", CLIPS)
def test_all_that_takes_part_moves_nothing_else_does_and_an_earlier_time_gives_the_earlier_picture(
    studio: Any, cubes: Path, clip: str
) -> None:
    rows, frames = act(studio, cubes, sequence(clip), [0.0, 0.51, 1.0, 0.51, 0.0])
    first, middle, last, again, back = frames
    changed = [float(np.abs(a[..., 3] - b[..., 3]).mean()) for a, b in zip(thirds(first), thirds(last), strict=True)]
    assert [share > 0.02 for share in changed] == [number == CLIPS[clip] for number in range(3)]
    assert np.array_equal(middle, again)
    assert np.array_equal(first, back)
    _, (alone,) = act(studio, cubes, sequence(clip), [0.51])
    assert np.array_equal(alone, middle)
    told = [row["animation"] for row in rows]
    assert {part["action"] for part in told} == {clip}
    assert [part["frame"] for part in told] == pytest.approx([0, 12.24, 24, 12.24, 0], abs=1e-3)
    assert [part["seconds"] for part in told] == pytest.approx([0, 0.51, 1, 0.51, 0], abs=1e-4)


def test_nothing_of_a_sequence_is_cut_off_and_its_size_is_that_of_all_moments(studio: Any, cubes: Path) -> None:
    rows, frames = act(studio, cubes, sequence("slide"), [0.0, 1.0])
    both = np.maximum(*(frame[..., 3] for frame in frames))
    margin = int(64 * 0.08)
    assert not both[:margin].any()
    assert not both[-margin:].any()
    assert not both[:, :margin].any()
    assert not both[:, -margin:].any()
    columns = np.flatnonzero(both.max(axis=0))
    assert np.ptp(columns) > 0.7 * 64
    assert rows[0]["model"]["scale"] == rows[1]["model"]["scale"]


@pytest.mark.cases_once
@pytest.mark.once
@pytest.mark.parametrize("clip", CLIPS)
def test_a_blurred_frame_is_the_mean_of_the_moments_of_its_exposure(studio: Any, cubes: Path, clip: str) -> None:
    window = np.linspace(0.2, 0.8, 25)[1::2].tolist()
    _, (blurred,) = act(studio, cubes, sequence(clip, exposure_s=0.6), [0.5], samples=1024, width=48, height=48)
    _, sharp = act(studio, cubes, sequence(clip, exposure_s=1e-6), window, samples=128, width=48, height=48)
    mean = np.mean([frame[..., 3] for frame in sharp], axis=0)
    unblurred = np.abs(sharp[6][..., 3] - mean).mean()
    assert unblurred > 0.004
    assert np.abs(blurred[..., 3] - mean).mean() < unblurred / 5


def test_camera_and_model_may_move_at_once_at_any_fraction_of_a_frame(studio: Any, cubes: Path) -> None:
    slide = CameraMotion("slide", 0.08, 0.0)
    animation = sequence("slide", exposure_s=0.1)
    _, (whole, fraction) = act(studio, cubes, animation, [0.0, 0.27], motion=slide, samples=64)
    difference = [
        float(np.abs(a[..., 3] - b[..., 3]).max()) for a, b in zip(thirds(whole), thirds(fraction), strict=True)
    ]
    assert difference[0] > 0.3
    assert difference[2] < 0.05
    smeared = whole[..., 3][:, 43:]
    assert ((smeared > 0.1) & (smeared < 0.9)).sum() > 40


def test_a_model_that_is_not_to_blur_stays_sharp_while_the_camera_moves(studio: Any, cubes: Path) -> None:
    upwards = CameraMotion("slide", 0.0001, 90.0)
    pose = Animation("action", "slide", start_s=0.5)
    _, (still,) = act(studio, cubes, pose, [0.0])
    _, (moved,) = act(studio, cubes, pose, [0.0], motion=upwards)
    assert np.abs(still[..., 3] - moved[..., 3]).mean() < 0.004


def test_an_action_that_does_not_end_as_it_begins_runs_back_and_others_repeat(studio: Any, cubes: Path) -> None:
    def seconds(at_end: str) -> list[float]:
        rows, _ = act(studio, cubes, sequence("slide", at_end=at_end), [0.25, 1.25, 2.25], width=16, height=16)
        return [row["animation"]["seconds"] for row in rows]

    assert seconds("auto") == seconds("bounce") == pytest.approx([0.25, 0.75, 0.25], abs=1e-4)
    assert seconds("repeat") == pytest.approx([0.25, 0.25, 0.25], abs=1e-4)
    assert seconds("hold") == pytest.approx([0.25, 1.0, 1.0], abs=1e-4)


def test_a_share_chooses_among_the_actions_and_where_one_begins(studio: Any, cubes: Path) -> None:
    found = [
        act(studio, cubes, Animation("action", share, start=0.5), [0.0], width=16, height=16)[0][0]["animation"]
        for share in (0.0, 0.5, 0.999)
    ]
    assert [part["action"] for part in found] == ["bend", "grow", "slide"]
    assert [part["seconds"] for part in found] == pytest.approx([0.5] * 3, abs=1e-4)


def test_a_moment_at_which_nothing_is_seen_is_a_warning_and_shown_as_authored(studio: Any, tmp_path: Path) -> None:
    path = write_animated_gltf(tmp_path / "vanishing.gltf", vanish=True)
    rows, (pixels,) = act(studio, path, Animation("action", 0.0, start_s=1.0), [0.0])
    assert "vanish" in rows[0]["warnings"][0]
    assert rows[0]["animation"]["action"] is None
    _, (authored,) = act(studio, path, None, [0.0])
    assert np.array_equal(pixels, authored)
    assert pixels[..., 3].mean() > 0.05


def test_a_model_without_actions_stands_still_and_one_without_the_asked_for_action_is_an_error(
    studio: Any, towers: Path, cubes: Path
) -> None:
    rows, (first, second) = act(studio, towers / "tower.glb", sequence("dance", exposure_s=0.1), [0.0, 0.5])
    assert rows[0]["animation"]["action"] is None
    assert rows[0]["warnings"] == []
    assert np.array_equal(first, second)
    with pytest.raises(AssetError, match=r"dance.*bend, grow, slide"):
        act(studio, cubes, sequence("dance"), [0.0])


@pytest.mark.data
@pytest.mark.parametrize(("name", "action"), [("fox", "run"), ("kaykit_knight", "Walking_A")])
def test_a_skinned_model_runs_smoothly_within_the_frame(studio: Any, free_data: Path, name: str, action: str) -> None:
    path = free_data / "models" / f"{name}.glb"
    times = [i / 24 for i in range(6)]
    rows, frames = act(studio, path, sequence(action, length_s=times[-1], frames=6, at_end="auto"), times)
    alpha = np.stack([frame[..., 3] for frame in frames])
    assert not alpha[:, :4].any()
    assert not alpha[:, -4:].any()
    steps = np.abs(np.diff(alpha, axis=0)).sum(axis=(1, 2)) / alpha[0].sum()
    assert steps.min() > 0.01
    assert steps.max() < 0.5
    assert {row["animation"]["action"].casefold() for row in rows} == {action.casefold()}


@pytest.mark.data
def test_a_skinned_model_at_rest_differs_from_every_pose(studio: Any, free_data: Path) -> None:
    path = free_data / "models" / "fox.glb"
    config = [None, Animation("rest"), Animation("action", "Survey", 0.3), Animation("action", "Run", 0.3)]
    frames = [act(studio, path, wish, [0.0])[1][0][..., 3] for wish in config]
    for i, one in enumerate(frames):
        assert all(np.abs(one - other).mean() > 0.01 for other in frames[:i])
