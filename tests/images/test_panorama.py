"""Views of panoramas: the right direction in every pixel, exposed like a photograph, and clear words for bad files."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from synthmat.errors import AssetError
from synthmat.images.panorama import View, develop, draw_views, perspective_view, read_panorama

ROWS, COLUMNS = 256, 512


@pytest.fixture(scope="module")
def directions() -> np.ndarray:
    """Return a panorama whose color is the direction: x to the right, y up, z ahead in the middle of the picture."""
    longitude = ((np.arange(COLUMNS) + 0.5) / COLUMNS - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(ROWS) + 0.5) / ROWS) * np.pi
    x, y = np.meshgrid(np.sin(longitude), np.sin(latitude))
    z = np.broadcast_to(np.cos(longitude), x.shape)
    across = np.sqrt(1 - y**2)
    return np.stack([x * across, y, z * across], axis=-1).astype(np.float32)


@pytest.mark.parametrize("pan", [0.0, 90.0, 179.9, 270.0])
@pytest.mark.parametrize("tilt", [-20.0, 0.0, 35.0])
def test_every_pixel_looks_where_a_pinhole_camera_would(directions, pan, tilt):
    height, width = 60, 80
    seen = perspective_view(directions, View(pan, tilt, 70), (height, width))
    focal = (width / 2) / np.tan(np.radians(35))
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, height / 2 - 0.5 - np.arange(height))
    p, t = np.radians(pan), np.radians(tilt)
    right = np.array([np.cos(p), 0, -np.sin(p)])
    ahead = np.array([np.sin(p) * np.cos(t), np.sin(t), np.cos(p) * np.cos(t)])
    up = np.cross(ahead, right)
    expected = x[..., None] * right + y[..., None] * up + focal * ahead
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    assert np.abs(seen - expected).max() < 0.01


def test_a_small_view_of_a_large_panorama_is_averaged_and_not_skipped():
    stripes = np.zeros((1024, 2048, 3), np.float32)
    stripes[:, ::2] = 1
    seen = perspective_view(stripes, View(0, 0, 70), (32, 32))
    assert seen.mean() == pytest.approx(0.5, abs=0.02)
    assert seen.std() < 0.1


def test_photographs_of_dark_and_bright_places_are_equally_bright_and_the_sun_bleaches_none():
    rng = np.random.default_rng(0)
    place = rng.uniform(0.05, 0.3, (64, 64, 3)).astype(np.float32)
    sunny = place.copy()
    sunny[:3, :3] = 30_000
    levels = [develop(view).mean() for view in (place, place / 500, place * 80)]
    assert np.ptp(levels) < 1
    assert 90 < levels[0] < 150
    assert abs(develop(sunny)[8:].mean() - levels[0]) < 12


def test_views_lie_all_around_and_depend_on_seed_and_name_alone():
    views = list(draw_views(3, "city", 12))
    assert [int(view.pan // 30) for view in views] == list(range(12))
    assert views == list(draw_views(3, "city", 12))
    assert views != list(draw_views(4, "city", 12))
    assert views != list(draw_views(3, "forest", 12))


def test_hdr_and_exr_files_are_read_as_linear_rgb(tmp_path):
    openexr = pytest.importorskip("OpenEXR")
    pixels = np.random.default_rng(1).uniform(0, 4, (16, 32, 3)).astype(np.float32)
    cv2.imwrite(str(tmp_path / "place.hdr"), pixels[..., ::-1])
    header = {"compression": openexr.ZIP_COMPRESSION, "type": openexr.scanlineimage}
    openexr.File(header, {"RGB": pixels}).write(str(tmp_path / "place.exr"))
    assert np.abs(read_panorama(tmp_path / "place.hdr") - pixels).max() < 0.02
    assert np.array_equal(read_panorama(tmp_path / "place.exr"), pixels)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.hdr", None, "cannot be read: No such file"),
        ("photo.hdr", b"\xff\xd8\xff\xe0 a JPEG file", "no .hdr or .exr panorama, whatever its name says"),
        ("torn.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n\x02\x02", "the panorama is broken"),
        ("torn.exr", b"\x76\x2f\x31\x01 torn", "the panorama is broken"),
        ("pointer.exr", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs pull"),
    ],
)
def test_a_file_that_is_no_panorama_is_named(tmp_path, name, content, words):
    if name.endswith(".exr"):
        pytest.importorskip("OpenEXR")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AssetError, match=words) as caught:
        read_panorama(tmp_path / name)
    assert name in str(caught.value)


def test_a_picture_that_is_not_twice_as_wide_as_high_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "square.hdr"), np.ones((16, 16, 3), np.float32))
    with pytest.raises(AssetError, match="16 x 16 pixels are no panorama"):
        read_panorama(tmp_path / "square.hdr")
