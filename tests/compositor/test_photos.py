"""Which photos a recipe means."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import features
from support.composite_project import noise_photo

from synthmat.compositor.imaging.photo_decoding import load_photo
from synthmat.errors import AssetError, MissingDependencyError, RecipeError
from synthmat.images import picture_formats
from synthmat.photos import list_photos

# Which files are photos is decided by names and decoders, the same with both Pythons.
pytestmark = pytest.mark.once


def test_the_builtin_photos_are_on_disk_licensed_and_different(tmp_path):
    photos, notes = list_photos("builtin", tmp_path)
    assert len(photos) >= 10
    assert notes == []
    assert all(photo.license and photo.source for photo in photos)
    tiny = [load_photo(Path(photo.path), 64, 10)[:, :64].astype(int) for photo in photos]
    for one in range(len(tiny)):
        for other in range(one):
            assert np.abs(tiny[one] - tiny[other]).mean() > 15, (photos[one].name, photos[other].name)


def test_builtin_says_what_to_install_when_neither_package_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingDependencyError, match="pip install"):
        list_photos("builtin", tmp_path)


def test_folders_patterns_lists_and_odd_names_are_found(project):
    odd = ["a b.png", "100%d.png", "-rf.png", "fünf.png", "[x].png", "quote'\".png", "UPPER.PNG", "sub/deep.jpg"]
    (project.base / "photos" / "sub").mkdir(parents=True)
    for number, name in enumerate(odd):
        project.photo(name, np.full((20, 20, 3), number, np.uint8))
    (project.base / "photos" / "notes.txt").write_text("no photo")
    photos, _ = list_photos("photos", project.base)
    assert {photo.name for photo in photos} == {f"photos/{name}" for name in odd}
    photos, _ = list_photos(["photos/*%*", "photos/sub"], project.base)
    assert [photo.name for photo in photos] == ["photos/100%d.png", "photos/sub/deep.jpg"]
    assert list_photos("photos/[x].png", project.base)[0][0].name == "photos/[x].png"


def test_a_folder_that_is_closed_to_us_is_named(project, monkeypatch):
    project.photos(1)
    closed = project.base / "photos" / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path) == closed:  # what root, as whom tests may run, never meets
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(AssetError, match=r"photos/closed: the folder cannot be read: Permission denied"):
        list_photos("photos", project.base)


def test_a_pattern_without_photos_and_a_file_of_another_kind_are_recipe_errors(project):
    project.photos(1)
    with pytest.raises(RecipeError, match=r"no photo .* at .*nothing"):
        list_photos("nothing", project.base)
    (project.base / "a.gif").write_text("x")
    with pytest.raises(RecipeError, match=r"a\.gif: unsupported extension"):
        list_photos("a.gif", project.base)


def test_a_photo_that_stands_there_twice_counts_once(project):
    first = project.photo("a.png")
    shutil.copy(first, first.with_name("b.png"))
    for name in ("empty1.png", "empty2.png"):
        first.with_name(name).touch()
    photos, notes = list_photos("photos", project.base)
    assert [photo.name for photo in photos] == ["photos/a.png", "photos/empty1.png", "photos/empty2.png"]
    assert notes == ["photos/b.png is the same photo as photos/a.png and is left out"]


def test_max_backgrounds_keeps_the_first(project):
    project.photos(5)
    assert [photo.name for photo in list_photos("photos", project.base, 2)[0]] == [
        "photos/photo0.png",
        "photos/photo1.png",
    ]


def test_photos_outside_of_the_recipes_folder_are_named_without_its_path(project, tmp_path):
    project.photos(1)
    elsewhere = tmp_path / "recipe"
    elsewhere.mkdir()
    photos, _ = list_photos(str(tmp_path / "photos"), elsewhere)
    assert photos[0].name == "photos/photo0.png"


def test_a_shot_that_is_there_as_heic_and_as_jpeg_counts_once(project, monkeypatch):
    formats = picture_formats.picture_suffixes()
    for module in ("photos", "images.picture_formats"):
        monkeypatch.setattr(f"synthmat.{module}.picture_suffixes", lambda: (*formats, ".heic"))
    project.photo("one.jpg")
    for name in ("one.heic", "two.heic"):
        (project.base / "photos" / name).write_bytes(name.encode())
    photos, notes = list_photos("photos", project.base)
    assert [photo.name for photo in photos] == ["photos/one.jpg", "photos/two.heic"]
    assert "1 AVIF or HEIC pictures are left out, since another picture beside them has the same name" in notes[0]


def test_a_folder_of_nothing_but_heic_says_what_to_install(project, monkeypatch):
    monkeypatch.setattr(picture_formats, "picture_suffixes", lambda: picture_formats.PLAIN_SUFFIXES)
    monkeypatch.setattr("synthmat.photos.picture_suffixes", lambda: picture_formats.PLAIN_SUFFIXES)
    (project.base / "photos").mkdir()
    (project.base / "photos" / "a.HEIC").write_bytes(b"x")
    told = r"no photo .*1 pictures are passed over.*: 1 \.heic; pip install 'synthmat\[heif\]' reads HEIC"
    with pytest.raises(RecipeError, match=told):
        list_photos("photos", project.base)
    with pytest.raises(RecipeError, match=r"a\.HEIC: unsupported .*; pip install 'synthmat\[heif\]' reads HEIC"):
        list_photos("photos/a.HEIC", project.base)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_photos_are_backgrounds(project):
    project.photo("a.avif", quality=100, subsampling="4:4:4")
    photos, notes = list_photos("photos", project.base)
    assert (len(photos), notes) == (1, [])
    pixels = load_photo(Path(photos[0].path), 60, 1)
    assert pixels.shape == (60, 80, 3)
    assert np.abs(pixels.astype(int) - noise_photo(0)).mean() < 8
