"""Clips as upright frames with their times."""

from fractions import Fraction

import numpy as np
import pytest
from support.made_clip import disc_frames, write_clip

from synthmat.errors import AssetError
from synthmat.train.video.clip_file import open_clip, read_frames


def _difference(found, image) -> float:
    return float(np.abs(found.astype(int) - image).mean())


def test_frames_come_as_they_were_written(tmp_path):
    images, _ = disc_frames(8)
    clip = open_clip(write_clip(tmp_path / "a.mp4", images))
    assert (clip.width, clip.height, clip.rate, clip.frames, clip.sound) == (64, 48, 25, 8, "")
    found = list(read_frames(clip))
    assert [frame.number for frame in found] == list(range(8))
    assert [float(frame.pts * clip.time_base) for frame in found] == pytest.approx([n / 25 for n in range(8)])
    assert max(_difference(frame.image, image) for frame, image in zip(found, images, strict=True)) < 4


def test_uneven_times_are_kept(tmp_path):
    images, _ = disc_frames(6)
    times = [0, 20, 45, 120, 130, 600]
    clip = open_clip(write_clip(tmp_path / "a.mp4", images, times=times))
    found = [frame.pts * clip.time_base for frame in read_frames(clip)]
    assert found == [Fraction(time, 600) for time in times]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_frames_of_a_turned_camera_are_upright(tmp_path, turn):
    images, _ = disc_frames(2)
    stored = [np.rot90(image, turn // 90) for image in images]
    clip = open_clip(write_clip(tmp_path / "a.mp4", stored, turn=turn, shape=Fraction(4, 3)))
    assert (clip.width, clip.height) == (64, 48)
    assert clip.aspect == (Fraction(3, 4) if turn % 180 else Fraction(4, 3))
    assert _difference(next(read_frames(clip)).image, images[0]) < 4


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_reading_from_a_frame_on_gives_the_same_frames(tmp_path, name):
    images, _ = disc_frames(20)
    clip = open_clip(write_clip(tmp_path / name, images))
    all_frames = list(read_frames(clip))
    assert len(all_frames) == 20
    for first in (1, 9, 19):
        rest = list(read_frames(clip, first, (first - 1, all_frames[first - 1].pts)))
        assert [(frame.number, frame.pts) for frame in rest] == [(f.number, f.pts) for f in all_frames[first:]]
        np.testing.assert_array_equal(rest[0].image, all_frames[first].image)


@pytest.mark.parametrize("make", ["text", "cut", "sound", "absent"])
def test_what_is_no_clip_is_named(tmp_path, make):
    path = tmp_path / "a.mp4"
    if make == "text":
        path.write_text("no video" * 100)
    elif make == "cut":
        data = write_clip(tmp_path / "b.mp4", disc_frames(4)[0]).read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif make == "sound":
        path = tmp_path / "a.mkv"
        _only_sound(path)
    with pytest.raises(AssetError, match=path.name):
        list(read_frames(open_clip(path)))


def test_a_clip_whose_frames_change_their_size_is_named(tmp_path):
    small, large = disc_frames(5)[0], disc_frames(5, 64, 80)[0]
    one, other = (write_clip(tmp_path / f"{n}.ts", each) for n, each in enumerate([small, large]))
    path = tmp_path / "both.ts"
    path.write_bytes(one.read_bytes() + other.read_bytes())
    with pytest.raises(AssetError, match=r"both\.ts: frame 5 is 80x64 and the ones before 64x48"):
        list(read_frames(open_clip(path)))


def _only_sound(path) -> None:
    import av

    with av.open(str(path), "w") as file:
        track = file.add_stream("aac", rate=48000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate, sound.pts = 48000, 0
        file.mux(track.encode(sound))
        file.mux(track.encode(None))
