"""`synthmat views`: files that serve as backgrounds, those of one panorama in one split."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

import synthmat
from synthmat.photos import list_photos
from synthmat.recipe.sources import PhotoFolder


@pytest.fixture
def panoramas(tmp_path):
    """Give a folder of three panoramas."""
    rng = np.random.default_rng(2)
    (tmp_path / "hdris").mkdir()
    for name in ("hall", "park", "quay"):
        small = rng.uniform(0.1, 2, (8, 16, 3)).astype(np.float32)
        cv2.imwrite(str(tmp_path / f"hdris/{name}.hdr"), cv2.resize(small, (128, 64)))
    return tmp_path / "hdris"


def test_the_command_writes_a_folder_of_jpegs_for_each_panorama(tmp_path, panoramas):
    command = [sys.executable, "-m", "synthmat", "views", str(panoramas), "--out", "photos", "--count", "3"]
    done = subprocess.run([*command, "--size", "48"], cwd=tmp_path, capture_output=True, text=True, check=True)
    files = sorted((tmp_path / "photos").rglob("*.jpg"))
    assert [file.relative_to(tmp_path / "photos").as_posix() for file in files] == [
        f"{name}/{name}_{number:02d}.jpg" for name in ("hall", "park", "quay") for number in range(3)
    ]
    with Image.open(files[0]) as photo:
        assert photo.size == (48, 48)
        assert photo.getexif()[0x010E].startswith("view of hall: pan ")
    assert "wrote 9 views" in done.stdout
    assert "scenes: folder" in done.stdout


def test_the_same_call_gives_the_same_bytes_and_another_seed_others(tmp_path, panoramas):
    first, again, other = (
        [path.read_bytes() for path in synthmat.views(str(panoramas), tmp_path / name, count=2, size=32, seed=seed)]
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == again
    assert not set(first) & set(other)


def test_two_panoramas_of_one_name_are_refused_before_anything_is_written(tmp_path, panoramas):
    (panoramas / "more").mkdir()
    (panoramas / "more/hall.hdr").write_bytes((panoramas / "park.hdr").read_bytes())
    with pytest.raises(synthmat.AssetError, match="would write to one folder"):
        synthmat.views(str(panoramas), tmp_path / "photos")
    assert not (tmp_path / "photos").exists()


def test_views_of_one_panorama_are_one_scene_where_the_recipe_says_so(tmp_path, panoramas):
    synthmat.views(str(panoramas), tmp_path / "photos", count=2, size=32)
    together, _ = list_photos([PhotoFolder(photos="photos", scenes="folder")], tmp_path)
    apart, _ = list_photos([PhotoFolder(photos="photos")], tmp_path)
    assert len({photo.scene for photo in together}) == 3
    assert {photo.scene for photo in apart} == {""}


def test_the_places_that_come_with_synthmat_are_licensed_photographs_of_eight_scenes(tmp_path):
    photos, notes = list_photos("builtin_places", tmp_path)
    assert len(photos) == 63
    assert len({photo.scene for photo in photos}) == 8
    assert {photo.license for photo in photos} == {"CC0-1.0"}
    assert all("Greg Zaal" in photo.source for photo in photos)
    assert not notes
