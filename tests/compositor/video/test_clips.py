"""Frames of a sequence: one place, one look, and videos of them."""

from __future__ import annotations

import itertools
import sys
from fractions import Fraction

import cv2
import numpy as np
import pytest
from support.composite_project import noise_photo, soft_disc
from support.executors import HereExecutor

from synthmat.compositor.planning.plan import plan_samples
from synthmat.compositor.stage import composite
from synthmat.compositor.video.clip_videos import update_videos
from synthmat.compositor.video.video import check_video, frame_rate, write_video
from synthmat.errors import MissingDependencyError, RecipeError
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows

# Frames of clips are composed as samples are, and both Pythons load the same encoders.
pytestmark = pytest.mark.once

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())
NO_SPLIT = "split: {by: none}, per_view: 1, "


def _clip(project, frames: int = 4, name: str = "a", clip: str = "0000", edge: int = 64, moving: bool = True) -> None:
    """Render frames of a disc that stands still, beside things that move and so change the visible box."""
    for number in range(frames):
        rgba = soft_disc(edge)
        if moving:
            rgba[3 + number, edge - 4 - 5 * number] = (255, 0, 0, 255)
            rgba[edge // 2 : edge // 2 + 4, 2 : 4 + 3 * number] = (40, 250, 40, 255)
        project.render(name, f"{clip}_{number:04d}", rgba, clip=clip)


def _run(project, keys: str = "", options: RunOptions = QUIET):
    return composite(project.recipe(NO_SPLIT + keys), project.base, project.output, options)


def _rows(project) -> list[dict]:
    rows = [row for split in ("train", "val", "test") for row in read_rows(project.output.metadata(split))]
    return sorted(rows, key=lambda row: (row["clip"], row["frame"]))


def _pictures(project, kind: str) -> list[np.ndarray]:
    folder = project.output.dataset
    return [
        cv2.imread(str(folder / row["split"] / row[f"{kind}_file_name"]), cv2.IMREAD_UNCHANGED)
        for row in _rows(project)
    ]


@pytest.mark.parametrize(("size", "edge"), [(48, 64), (20, 301)])
@pytest.mark.parametrize("rotate", [0, 20])
def test_what_stands_still_in_the_render_stands_still_in_the_clip(project, size, edge, rotate):
    _clip(project, edge=edge)
    project.photo("a.png", noise_photo(1))
    _run(project, f"size: {size}, placement: {{scale: 0.83, x: 0.47, rotate: {rotate}}}")
    first, *others = (matte[size // 3 :, size // 2 :] for matte in _pictures(project, "alpha"))
    assert ((first > 0) & (first < 255)).any()
    for other in others:
        assert np.array_equal(first, other)


def test_what_is_measured_for_a_clip_is_measured_once(project):
    _clip(project)
    project.photo("a.png", cv2.GaussianBlur(noise_photo(1, 200, 200), (0, 0), 2))
    effects = ("color_transfer", "sharpness", "haze")
    realism = "realism: {" + ", ".join(f"{effect}: {{probability: 1}}" for effect in effects) + "}"
    _run(project, f"outputs: [image, alpha, fg, bg], {realism}")
    plain, fitted = soft_disc(64)[32, 32, 2::-1], []
    for image, bg in zip(_pictures(project, "fg"), _pictures(project, "bg"), strict=True):
        fitted.append(image[24, 24])
        assert np.array_equal(bg, _pictures(project, "bg")[0])
    assert np.abs(fitted[0].astype(int) - plain).max() > 5, "there was something to fit"
    assert all(np.array_equal(color, fitted[0]) for color in fitted)
    jobs = plan_samples(project.recipe(NO_SPLIT + realism), project.base, project.output).jobs
    references = [job.reference for job in jobs]
    assert references[0] is None
    assert len(set(references[1:])) == 1


def test_a_frame_that_was_not_rendered_leaves_the_numbers_of_the_others_as_they_are(project):
    for number in (0, 1, 3):
        project.render("a", f"0000_{number:04d}", clip="0000")
    project.photos(1)
    jobs = list(plan_samples(project.recipe(NO_SPLIT), project.base, project.output).jobs)
    assert [job.frame for job in jobs] == [0, 1, 3]
    assert [job.id for job in jobs] == ["a_0000_000_00000", "a_0000_000_00001", "a_0000_000_00003"]


def test_other_clips_in_a_clip_go_on_with_it(project):
    _clip(project, 4, "a")
    _clip(project, 3, "b")
    project.photos(1)
    recipe = project.recipe(NO_SPLIT + "stack: {probability: 1}, distractors: {probability: 1, count: 1}")
    jobs = [job for job in plan_samples(recipe, project.base, project.output).jobs if "a_" in job.id]
    for others in ([job.layers[1] for job in jobs], [job.distractors[0] for job in jobs]):
        views = [layer.foreground.view[-1] for layer in others]
        assert [(int(view) - int(views[0])) % 3 for view in views] == [0, 1, 2, 0]
        assert len({(layer.x, layer.y, layer.scale, layer.whole) for layer in others}) == 1
        assert others[0].whole


def test_a_pan_moves_evenly_and_between_pixels(project):
    _clip(project, 9, moving=False)
    blurred = cv2.GaussianBlur(noise_photo(4, 100, 400), (0, 0), 5)
    project.photo("a.png", cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX))
    _run(project, "outputs: [image, alpha, bg], clips: {pan: 0.15}")
    pictures = [picture[..., 1].astype(np.float64) for picture in _pictures(project, "bg")]
    steps = np.array([_shift(a, b) for a, b in itertools.pairwise(pictures)])
    assert np.hypot(*steps.mean(axis=0)) > 0.1
    assert np.abs(steps - steps.mean(axis=0)).max() < 0.2


def _shift(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return by how many pixels a picture has moved, at most half of one (Lucas and Kanade 1981)."""
    y, x = np.gradient((first + second) / 2)
    slopes = np.column_stack([x.ravel(), y.ravel()])
    return -np.linalg.lstsq(slopes, (second - first).ravel(), rcond=None)[0]


def _decoded(path) -> tuple[list[np.ndarray], dict]:
    import av

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        about = {"rate": stream.average_rate, "codec": stream.codec_context.name, "format": stream.pix_fmt}
        return [_pixels(frame) for frame in file.decode(stream)], about


def _pixels(frame) -> np.ndarray:
    if "gray" in frame.format.name:
        return frame.to_ndarray()
    if "yuva" in frame.format.name:
        return frame.reformat(format="rgba64le", src_colorspace="ITU709").to_ndarray()
    # By hand: FFmpeg's own way to RGB is darker by a level or two.
    y, blue, red = frame.reformat(format="yuv444p").to_ndarray().astype(float)
    luma, blue, red = (y - 16) / 219, (blue - 128) / 224 * 1.8556, (red - 128) / 224 * 1.5748
    green = luma - (0.0722 * blue + 0.2126 * red) / 0.7152
    return np.clip(255 * np.dstack([luma + red, green, luma + blue]), 0, 255)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_finished_clip_gets_videos_that_show_its_frames(project, bits):
    pytest.importorskip("av")
    _clip(project)
    project.photo("a.png", cv2.GaussianBlur(noise_photo(1), (0, 0), 4))
    keys = f"bit_depth: {bits}, outputs: [image, alpha, fg], clips: {{video: true, cut_out: true, fps: 29.97}}"
    result = _run(project, keys)
    assert any("videos: 1 made, 0 kept, 30000/1001 frames a second" in note for note in result.notes), result.notes
    folder = project.output.dataset / "train" / "videos"
    names = {path.name for path in folder.iterdir()}
    assert names == {f"a_0000_000{end}" for end in (".mp4", "_alpha.mkv", "_cutout.mov")} | {"manifest.jsonl"}
    images, about = _decoded(folder / "a_0000_000.mp4")
    assert about == {"rate": Fraction(30000, 1001), "codec": "h264", "format": "yuv420p"}
    for shown, stored in zip(images, _pictures(project, "image"), strict=True):
        assert np.abs(shown - stored[..., ::-1]).mean() < 4
    mattes, about = _decoded(folder / "a_0000_000_alpha.mkv")
    assert about == {"rate": Fraction(30000, 1001), "codec": "ffv1", "format": "gray" if bits == 8 else "gray16le"}
    for shown, stored in zip(mattes, _pictures(project, "alpha"), strict=True):
        assert np.array_equal(shown, stored)
    cut_outs, about = _decoded(folder / "a_0000_000_cutout.mov")
    assert about["codec"] == "prores"
    for shown, fg, alpha in zip(cut_outs, _pictures(project, "fg"), _pictures(project, "alpha"), strict=True):
        solid = alpha == np.iinfo(alpha.dtype).max
        assert np.abs(shown[..., 3] / 65535 - alpha / np.iinfo(alpha.dtype).max).max() < 0.01
        assert np.abs(shown[solid][:, :3] / 257 - fg[solid][:, ::-1]).mean() < 4


def test_colors_are_those_of_the_standard_that_the_file_names(tmp_path):
    pytest.importorskip("av")
    for color in ((40, 60, 220), (30, 220, 60), (200, 90, 20)):
        cv2.imwrite(str(tmp_path / "a.png"), np.full((32, 32, 3), color, np.uint8))
        write_video("image", tmp_path / "a.mp4", [{"image": tmp_path / "a.png"}] * 2, Fraction(25))
        shown, _ = _decoded(tmp_path / "a.mp4")
        assert np.abs(shown[1] - color[::-1]).max() < 3


def test_odd_sizes_get_even_edges_and_no_lost_pixels(tmp_path):
    pytest.importorskip("av")
    pixels = cv2.GaussianBlur(noise_photo(3, 33, 35), (0, 0), 3)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    write_video("image", tmp_path / "a.mp4", [{"image": tmp_path / "a.png"}] * 3, Fraction(25, 2))
    shown, about = _decoded(tmp_path / "a.mp4")
    assert (len(shown), about["rate"]) == (3, Fraction(25, 2))
    assert shown[0].shape == (34, 36, 3)
    assert np.abs(shown[0][:33, :35] - pixels[..., ::-1]).mean() < 3
    write_video("image", tmp_path / "b.mp4", [{"image": tmp_path / "a.png"}] * 3, Fraction(25, 2))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_videos_are_made_again_only_when_frames_change_and_go_with_their_clip(project):
    pytest.importorskip("av")
    _clip(project, 3, "a")
    _clip(project, 3, "b")
    project.photos(1)
    keys = "clips: {video: true}"
    _run(project, keys)
    folder = project.output.dataset / "train" / "videos"
    stamps = {path: path.stat().st_mtime_ns for path in folder.glob("*.m*")}
    assert len(stamps) == 4
    assert any("0 made, 2 kept" in note for note in _run(project, keys).notes)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.m*")} == stamps
    project.render("a", "0000_0001", soft_disc(64, seed=9), clip="0000")
    assert any("1 made, 1 kept" in note for note in _run(project, keys).notes)
    (folder / "b_0000_000.mp4").write_bytes(b"broken")
    assert any("1 made, 1 kept" in note for note in _run(project, keys).notes)
    project.render("b", "0000_0003", soft_disc(64), clip="0000")
    limited = _run(project, keys, RunOptions(workers=1, quiet=True, shard=(1, 50)))
    assert any("1 of 2 clips lack frames" in note for note in limited.notes)
    assert {path.name for path in folder.glob("*.m*")} == {"a_0000_000.mp4", "a_0000_000_alpha.mkv"}
    assert _run(project, "clips: {video: false}").failed == 0
    assert (folder / "a_0000_000.mp4").exists(), "true still"
    _run(project, "size: 32, clips: {video: false}")
    assert not folder.exists()


def test_without_pyav_a_run_ends_before_it_begins_and_says_what_to_install(project, monkeypatch):
    _clip(project, 2)
    project.photos(1)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'synthmat\[video\]'"):
        _run(project, "clips: {video: true}")
    assert not project.output.dataset.exists()
    assert _run(project).failed == 0


def test_videos_without_sequences_are_nothing_and_this_is_said(project):
    pytest.importorskip("av")
    check_video()
    project.renders(objects=1)
    project.photos(1)
    assert any("no foreground is a frame of a sequence" in note for note in _run(project, "clips: {video: true}").notes)
    plan = plan_samples(project.recipe(NO_SPLIT), project.base, project.output)
    assert update_videos(project.output, plan, {}, RunOptions(workers=1, quiet=True)) == ([], [])


def test_videos_need_their_outputs():
    from synthmat.recipe import parse_recipe

    head = "name: a\nobjects: [{models: x}]\ncomposite: "
    with pytest.raises(RecipeError, match=r"clips\.cut_out needs fg among the outputs"):
        parse_recipe(head + "{clips: {video: true, cut_out: true}}")
    with pytest.raises(RecipeError, match=r"clips\.video needs image or alpha"):
        parse_recipe(head + "{outputs: [trimap], clips: {video: true}}")


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24, "24"), (23.976, "24000/1001"), (29.97, "30000/1001"), (59.94, "60000/1001"), (12.5, "25/2"), (15, "15"),
        (0.1, "1/10"), (119.88, "120000/1001"), (29.9, "299/10"),
    ],
)  # fmt: skip
def test_frame_rates_are_exact(fps, rate):
    assert frame_rate(fps) == Fraction(rate)
