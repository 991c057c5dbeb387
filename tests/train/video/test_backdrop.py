"""What clips are put over, and the empty scene."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.made_clip import disc_frames, write_clip

from synthmat.errors import AssetError
from synthmat.train.video.backdrop import EmptyScene, median_of, open_backdrop
from synthmat.train.video.clip_file import open_clip


def test_a_color_and_a_picture_stay_as_they_are(tmp_path):
    assert open_backdrop(Path("#102030")).at(3, 2, 4).tolist() == [[[16, 32, 48]] * 4] * 2
    Image.new("RGB", (30, 10), (9, 8, 7)).save(tmp_path / "a.png")
    picture = open_backdrop(tmp_path / "a.png").at(0, 20, 20)
    assert picture.shape == (20, 20, 3)
    assert picture[10, 10].tolist() == [9, 8, 7]


def test_a_clip_shows_the_frame_of_the_time_and_starts_anew(tmp_path):
    grays = [np.full((32, 32, 3), level, np.uint8) for level in (40, 120, 200)]
    film = open_backdrop(write_clip(tmp_path / "a.mp4", grays, rate=10))
    shown = [round(float(film.at(seconds, 32, 32).mean()) / 40) for seconds in (0, 0.05, 0.1, 0.25, 0.3, 0.45, 0.5)]
    assert shown == [1, 1, 3, 5, 1, 3, 5]


def test_the_median_leaves_out_what_moves_through(tmp_path):
    images, _ = disc_frames(30, width=128)
    clip = open_clip(write_clip(tmp_path / "a.mp4", images))
    empty = np.stack(np.broadcast_arrays(*(20 + np.arange(128)[None], 60 + np.arange(48)[:, None], 40)), 2)
    assert np.abs(median_of(clip).astype(int) - empty).mean() < 4
    only_first = median_of(clip, 0, 0.05)
    assert np.abs(only_first[20:28, 30:34].astype(int) - [230, 200, 60]).mean() < 12
    with pytest.raises(AssetError, match=r"a\.mp4: has no frame between second 5 and 6"):
        median_of(clip, 5, 6)


def test_the_empty_scene_is_of_the_clips_size(tmp_path):
    clip = open_clip(write_clip(tmp_path / "a.mp4", disc_frames(3)[0]))
    Image.new("RGB", (128, 96), (50, 60, 70)).save(tmp_path / "large.png")
    Image.new("RGB", (128, 128)).save(tmp_path / "square.png")
    assert EmptyScene(clip, tmp_path / "large.png", None).pixels.shape == (48, 64, 3)
    with pytest.raises(AssetError, match=r"square\.png: 128x128, but the clip is 64x48"):
        _ = EmptyScene(clip, tmp_path / "square.png", None).pixels
