"""The render's shadow darkens the photo where the object stands, and shows no border of its frame."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthmat.compositor.realism.contact_shadow import load_shadow, place_shadow
from synthmat.compositor.realism.warping import warp
from synthmat.errors import AssetError, MissingDependencyError
from synthmat.images.alpha import apply_shadow
from synthmat.storage.atomic import sha256_file


def _write(path: Path, **channels: np.ndarray) -> str:
    openexr = pytest.importorskip("OpenEXR")
    header = {"compression": openexr.ZIP_COMPRESSION, "type": openexr.scanlineimage}
    openexr.File(header, {name.replace("_", "."): pixels for name, pixels in channels.items()}).write(str(path))
    return sha256_file(path)


def _blob(size: int = 100, radius: int = 15, level: float = 0.8) -> np.ndarray:
    rows, columns = np.mgrid[0:size, 0:size]
    return (np.hypot(rows - 60, columns - 50) < radius).astype(np.float32) * np.float32(level)


def test_the_pass_is_read_and_most_of_its_noise_removed(tmp_path):
    noisy = np.clip(_blob() + np.random.default_rng(1).normal(0, 0.04, (100, 100)), 0, 1).astype(np.float32)
    sha256 = _write(tmp_path / "a.exr", shadow_Y=noisy, R=noisy)
    shadow = load_shadow(tmp_path / "a.exr", sha256)
    assert shadow.dtype == np.float32
    assert shadow[60, 50] == pytest.approx(0.8, abs=0.02)
    assert shadow[60, 30] < 0.1
    assert shadow[:30].std() < 0.4 * noisy[:30].std()


def test_files_that_cannot_serve_are_named(tmp_path, monkeypatch):
    path = tmp_path / "a.exr"
    with pytest.raises(AssetError, match=r"a\.exr: the render's passes are not there"):
        load_shadow(path, "")
    sha256 = _write(path, R=np.zeros((8, 8), np.float32))
    with pytest.raises(AssetError, match=r"a\.exr: the render has no shadow pass; .* passes: \[shadow\]"):
        load_shadow(path, sha256)
    with pytest.raises(AssetError, match="changed since they were rendered"):
        load_shadow(path, "0" * 64)
    path.write_bytes(b"no EXR")
    with pytest.raises(AssetError, match=r"a\.exr: .*broken"):
        load_shadow(path, sha256_file(path))
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(MissingDependencyError, match="pip install"):
        load_shadow(path, sha256)


def test_the_shadow_moves_with_the_object():
    placed = place_shadow(_blob(), np.array([[0.5, 0, 40], [0, 0.5, 20]]), 128)
    rows, columns = np.nonzero(placed > 0.3)
    assert (rows.mean(), columns.mean()) == pytest.approx((50, 65), abs=0.6)
    assert np.ptp(columns) == pytest.approx(15, abs=2)
    mirrored = place_shadow(_blob(), np.array([[-0.5, 0, 90], [0, 0.5, 20]]), 128)
    assert np.nonzero(mirrored > 0.3)[1].mean() == pytest.approx(65, abs=0.6)
    assert place_shadow(_blob(), np.array([[1, 0, 500.0], [0, 1, 500]]), 128).max() == 0


def test_strength_and_softness():
    matrix = np.eye(2, 3)
    full, half = place_shadow(_blob(), matrix, 100), place_shadow(_blob(), matrix, 100, strength=0.5)
    assert full[60, 50] > half[60, 50] > 0.2
    assert place_shadow(_blob(), matrix, 100, strength=0).max() == 0
    assert place_shadow(_blob(), matrix, 100, softness=0.05)[60, 70] > full[60, 70]
    assert 0 <= full.min() <= full.max() <= 1


def test_the_border_of_the_frame_does_not_show():
    """A shadow that runs out of the frame has no step, neither where the frame ends nor where it has faded."""
    for matrix in (np.array([[1, 0, 100.0], [0, 1, 100]]), np.array([[0.8, -0.3, 130], [0.3, 0.8, 90]])):
        placed = place_shadow(np.full((120, 120), 0.6, np.float32), matrix, 320)
        steps = max(np.abs(np.diff(placed, axis=0)).max(), np.abs(np.diff(placed, axis=1)).max())
        assert placed.max() > 0.4
        assert placed[[0, -1]].max() == placed[:, [0, -1]].max() == 0
        assert steps < 0.04


def test_a_shadow_that_shrinks_does_not_alias():
    stripes = np.zeros((400, 400), np.float32)
    stripes[:, ::2] = 1
    placed = place_shadow(stripes, np.diag([0.13, 0.13]) @ np.eye(2, 3), 40)
    assert placed[5:35, 5:35].std() < 0.04  # 0.4 if pixels were picked


@pytest.mark.parametrize("scale", [0.11, 0.4, 0.7, 0.95, 1.6])
def test_warping_keeps_places_whatever_the_scale(scale):
    rows, columns = np.mgrid[0:120, 0:160].astype(np.float32)
    matrix = np.array([[scale, 0, 3.3], [0, scale, -2.1]])
    warped = warp(np.dstack([columns, rows]), matrix, 10)
    y, x = np.mgrid[0:10, 0:10]
    wanted = np.dstack([(x - 3.3) / scale, (y + 2.1) / scale])
    # Around pixels that lie well within the picture.
    assert warped[4:8, 5:9] == pytest.approx(wanted[4:8, 5:9], abs=0.3 / scale)


@given(st.integers(0, 255), st.integers(0, 255))
def test_the_photo_is_multiplied_and_rounded(level, shadow):
    picture = np.full((3, 5, 3), level, np.uint8)
    shaded = apply_shadow(picture, np.full((3, 5), shadow, np.uint8))
    assert (shaded == (2 * level * (255 - shadow) + 255) // 510).all()
