"""`synthmat predict` on clips."""

import json

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from support.made_clip import disc_frames, packets_of_sound, read_alpha_of_vp9, read_clip, write_clip
from support.matting_checkpoint import write_checkpoint

import synthmat
from synthmat.errors import AssetError
from synthmat.train.predict.predictor import Matte, open_predictor
from synthmat.train.predict.stage import PredictOptions
from synthmat.train.video import recorder
from synthmat.train.video import stage as video_stage
from synthmat.train.video.inputs import divided

QUIET = PredictOptions(quiet=True, steady=False)


class Bright:
    """Takes what is bright for the object; counts the frames it has seen, and stops at one if told so."""

    name, inputs, how, key, parameters = "bright", (), "bright", "bright", 0

    def __init__(self, stop: int | None = None) -> None:
        self.seen, self.sizes, self._stop = 0, [], stop

    def many(self, several):
        self.sizes.append(len(several))
        self.seen += len(several)
        if self._stop is not None and self.seen > self._stop:
            raise RuntimeError("killed")
        return [Matte(np.clip((each["image"][..., 0] / np.float32(255) - 0.4) * 2, 0, 1)) for each in several]


@pytest.fixture
def bright(monkeypatch):
    """Put a `Bright` in the place of networks, and return a function that takes another one."""

    def use(predictor):
        monkeypatch.setattr(video_stage, "open_predictor", lambda *_: predictor)
        return predictor

    use(Bright())
    return use


@pytest.fixture
def clip(tmp_path):
    """Twenty frames with AAC sound and uneven times."""
    times = [24 * number + (7 if number % 3 else 0) for number in range(20)]
    return write_clip(tmp_path / "clip.mp4", disc_frames(20)[0], times=times, sound="aac")


@pytest.mark.usefixtures("bright")
def test_matte_cutout_and_composite_with_the_clips_times_and_sound(clip, tmp_path):
    out = tmp_path / "out"
    result = synthmat.predict("net", clip, out, background="#0000ff", options=QUIET)
    assert (result.made, result.failed) == (1, 0), result.notes
    times = read_clip(clip)[1]
    mattes, matte_times = read_clip(out / "clip_alpha.mkv", "gray")
    assert matte_times == pytest.approx(times, abs=0.001)
    _, truth = disc_frames(20)
    assert np.mean([np.abs(m / 255 - t).mean() for m, t in zip(mattes, truth, strict=True)]) < 0.05
    cutout, cutout_times = read_clip(out / "clip_cutout.mov", "rgba")
    assert cutout_times == pytest.approx(times)
    assert np.abs(cutout[9][..., 3].astype(int) - mattes[9]).max() <= 1
    composite, composite_times = read_clip(out / "clip_composite.mp4")
    assert composite_times == pytest.approx(times)
    assert np.abs(composite[9][2, 2].astype(int) - [0, 0, 255]).max() < 12
    assert np.abs(composite[9][24, 31].astype(int) - [230, 200, 60]).max() < 12
    for name in ("clip_composite.mp4", "clip_cutout.mov"):
        assert packets_of_sound(out / name) == packets_of_sound(clip)
    assert not (out / ".clips").exists()
    (row,) = (json.loads(line) for line in (out / "clips.jsonl").read_text().splitlines())
    assert (row["name"], row["frames"], len(row["files"])) == ("clip", 20, 3)
    assert result.paths[0].name == "clips.jsonl"


def test_a_second_run_keeps_it_and_other_options_make_it_anew(bright, clip, tmp_path):
    predictor = bright(Bright())
    synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    again = synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    assert (again.made, again.kept, predictor.seen) == (0, 1, 20)
    frames = synthmat.predict("net", clip, tmp_path / "out", alpha_as="frames", bits=16, quiet=True, steady=False)
    assert frames.made == 1
    pictures = sorted((tmp_path / "out/clip_alpha").iterdir())
    assert [each.name for each in pictures] == [f"{number:06d}.png" for number in range(20)]
    assert cv2.imread(str(pictures[0]), cv2.IMREAD_UNCHANGED).dtype == np.uint16
    pictures[3].unlink()
    assert synthmat.predict("net", clip, tmp_path / "out", alpha_as="frames", bits=16, quiet=True, steady=False).made


@pytest.mark.parametrize("steady", [False, True])
def test_a_killed_run_goes_on_and_gives_the_same_files(bright, clip, tmp_path, monkeypatch, steady):
    monkeypatch.setattr(recorder, "SEGMENT", 6)
    options = PredictOptions(quiet=True, steady=steady, batch=3)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    synthmat.predict("net", clip, whole, background="#ffffff", options=options)
    bright(Bright(stop=16))
    killed = synthmat.predict("net", clip, parts, background="#ffffff", options=options)
    assert (killed.made, killed.failed) == (0, 1)
    assert "clip.mp4: killed" in killed.failures[0]["error"]
    predictor = bright(Bright())
    done = synthmat.predict("net", clip, parts, background="#ffffff", options=options)
    assert done.made == 1
    assert any("goes on behind frame" in note for note in done.notes)
    assert predictor.seen < 15
    for name in ("clip_alpha.mkv", "clip_cutout.mov", "clip_composite.mp4"):
        assert _content(whole / name) == _content(parts / name)


def _content(path):
    with av.open(str(path)) as file:
        return [(packet.pts, bytes(packet)) for packet in file.demux() if packet.size]


def test_a_damaged_segment_is_made_again(bright, clip, tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "SEGMENT", 6)
    bright(Bright(stop=16))
    synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    next((tmp_path / "out/.clips").rglob("000000006_alpha.mkv")).write_bytes(b"damaged")
    bright(Bright())
    result = synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    assert "clip: goes on behind frame 6" in result.notes
    assert len(read_clip(tmp_path / "out/clip_alpha.mkv", "gray")[0]) == 20


@pytest.mark.usefixtures("bright")
def test_vp9_holds_alpha_and_its_sound_becomes_opus(clip, tmp_path):
    out = tmp_path / "out"
    result = synthmat.predict("net", clip, out, cutout_as="vp9", options=QUIET)
    assert "clip_cutout.webm: its sound is Opus, since aac has no place in it" in result.notes
    with av.open(str(out / "clip_cutout.webm")) as file:
        assert file.streams.audio[0].codec_context.name in ("opus", "libopus")
        seconds = [float(frame.pts * frame.time_base) for frame in file.decode(audio=0)]
    assert 0.6 < seconds[-1] < 0.9
    assert bytes.fromhex("53c08101") in (out / "clip_cutout.webm").read_bytes()[:2000]  # AlphaMode, for browsers
    alpha = read_alpha_of_vp9(out / "clip_cutout.webm")
    assert np.abs(alpha[9].astype(int) - read_clip(out / "clip_alpha.mkv", "gray")[0][9]).mean() < 3


def test_a_network_sees_frames_in_batches(bright, clip, tmp_path):
    predictor = bright(Bright())
    synthmat.predict("net", clip, tmp_path / "out", batch=8, foreground=False, options=QUIET)
    assert predictor.sizes == [8, 8, 4]
    assert not (tmp_path / "out/clip_cutout.mov").exists()


@pytest.mark.parametrize("kind", ["torch", "onnx"])
def test_a_network_gives_each_frame_what_it_gives_the_picture(tmp_path, kind):
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
    checkpoint = write_checkpoint(tmp_path / "best.pt") if kind == "torch" else "shipped"
    clip = write_clip(tmp_path / "a.mp4", disc_frames(5)[0])
    synthmat.predict(checkpoint, clip, tmp_path / "out", foreground=False, options=QUIET)
    mattes, _ = read_clip(tmp_path / "out/a_alpha.mkv", "gray")
    predictor = open_predictor(str(checkpoint))
    for image, matte in zip(read_clip(clip)[0], mattes, strict=True):
        assert np.abs(np.rint(255 * predictor({"image": image}).alpha) - matte).max() <= 2


def test_pictures_clips_and_broken_ones_in_one_folder(tmp_path):
    folder = tmp_path / "shots"
    (folder / "more").mkdir(parents=True)
    write_clip(folder / "more/a.mp4", disc_frames(3)[0])
    (folder / "broken.mov").write_bytes(b"no video")
    Image.fromarray(disc_frames(1)[0][0]).save(folder / "photo.png")
    out = folder / "out"
    result = synthmat.predict("baseline:centre", folder, out, options=QUIET)
    assert (result.made, result.failed) == (2, 1)
    assert "broken.mov: cannot be read as a video" in result.failures[0]["error"]
    assert {path.name for path in result.paths} >= {"photo_alpha.png", "a_alpha.mkv", "a_cutout.mov"}
    again = synthmat.predict("baseline:centre", folder, out, options=QUIET)
    assert (again.made, again.kept, again.failed) == (0, 2, 1)


def test_clips_are_told_from_pictures_and_namesakes_apart(tmp_path):
    for name in ("a.mp4", "a.mov", "b.png", ".hidden.mp4", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    clips, pictures = divided([tmp_path, tmp_path / "c.mkv", tmp_path / "b.png"], tmp_path / "out")
    assert [(each.name, each.path.name) for each in clips] == [("a", "a.mov"), ("a_mp4", "a.mp4"), ("c", "c.mkv")]
    assert pictures == [tmp_path, tmp_path / "b.png"]


@pytest.mark.usefixtures("bright")
def test_a_trimap_that_a_clip_does_not_take_is_not_passed_over_silently(clip, tmp_path):
    result = synthmat.predict("net", clip, tmp_path / "out", trimap=clip, options=QUIET)
    assert "--trimap is of pictures; no frame of a clip was given one" in result.notes


def test_what_a_clip_cannot_give_is_said_first(bright, clip, tmp_path):
    predictor = bright(Bright())
    predictor.inputs = ("trimap",)
    with pytest.raises(AssetError, match="needs a trimap for every picture"):
        synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    predictor.inputs = ("captured_bg",)
    with pytest.raises(AssetError, match="--captured-seconds 0-2"):
        synthmat.predict("net", clip, tmp_path / "out", options=QUIET)
    predictor.inputs = ()
    with pytest.raises(AssetError, match=r"beach\.jpg: no such file"):
        synthmat.predict("net", clip, tmp_path / "out", background=tmp_path / "beach.jpg", options=QUIET)
