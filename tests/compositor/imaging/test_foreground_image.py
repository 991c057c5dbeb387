"""Foregrounds as they are read."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.composite_project import soft_disc

from synthmat.compositor.imaging.foreground_image import ForegroundImageCache, load_foreground
from synthmat.compositor.imaging.placement import straight_levels
from synthmat.errors import AssetError
from synthmat.sample_job import Foreground


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _foreground(path: Path, alpha: Path | None = None, color: str = "straight") -> Foreground:
    matte = (str(alpha), _sha(alpha)) if alpha else ("", "")
    return Foreground("a", "a", path.stem, str(path), _sha(path), *matte, color=color)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_render_is_cut_to_its_visible_box_and_keeps_its_levels(project, tmp_path, dtype):
    rgba = soft_disc(64, dtype=dtype)
    cut = load_foreground(_foreground(project.render("a", 0, rgba)), 64, tmp_path)
    rows, columns = np.nonzero(rgba[..., 3])
    box = rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (cut.left, cut.top, cut.width, cut.height) == (columns.min(), rows.min(), 64, 64)
    bits = 8 * box.dtype.itemsize
    color, alpha = straight_levels(cut.premultiplied, bits)
    assert np.array_equal(alpha, box[..., 3])
    expected = np.rint(box[..., :3] / (257 if bits == 16 else 1))
    assert np.abs(color - expected)[alpha > 0].max() <= 1


def test_color_and_matte_of_two_files_are_joined(tmp_path):
    rgba = soft_disc(48)
    color, matte = tmp_path / "fg.png", tmp_path / "pha.png"
    cv2.imwrite(str(color), rgba[..., 2::-1])
    cv2.imwrite(str(matte), rgba[..., 3])
    cut = load_foreground(_foreground(color, matte), 64, tmp_path)
    levels, alpha = straight_levels(cut.premultiplied, 8)
    rows, columns = np.nonzero(rgba[..., 3])
    box = rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.array_equal(alpha, box[..., 3])
    assert np.abs(levels.astype(int) - box[..., :3])[alpha > 0].max() <= 1
    cv2.imwrite(str(matte), rgba[:40, :, 3])
    with pytest.raises(AssetError, match=r"pha.png: the matte has 48 x 40 pixels, .*fg.png 48 x 48"):
        load_foreground(_foreground(color, matte), 64, tmp_path)


def test_a_missing_foreground_color_is_estimated_once_and_kept(tmp_path):
    pytest.importorskip("pymatting")
    rgba = soft_disc(64)
    rgba[..., :3] = (220, 60, 40)
    alpha = rgba[..., 3:] / 255
    image = np.rint(rgba[..., :3] * alpha + (1 - alpha) * (10, 200, 30)).astype(np.uint8)
    photo, matte = tmp_path / "photo.png", tmp_path / "matte.png"
    cv2.imwrite(str(photo), image[..., ::-1])
    cv2.imwrite(str(matte), rgba[..., 3])
    foreground = _foreground(photo, matte, color="image")
    cut = load_foreground(foreground, 64, tmp_path / "kept")
    color, levels = straight_levels(cut.premultiplied, 8)
    soft = (levels > 60) & (levels < 250)
    assert np.abs(color[soft].astype(int) - (220, 60, 40)).mean() < 12, "the green behind it is gone"
    kept = list((tmp_path / "kept").iterdir())
    assert len(kept) == 1
    stamp = kept[0].stat().st_mtime_ns
    again = load_foreground(foreground, 64, tmp_path / "kept")
    assert np.array_equal(again.premultiplied, cut.premultiplied)
    assert kept[0].stat().st_mtime_ns == stamp


def test_huge_foregrounds_are_shrunk_when_they_are_read(project, tmp_path):
    cut = load_foreground(_foreground(project.render("a", 0, soft_disc(900))), 32, tmp_path)
    assert max(cut.width, cut.height) == 113
    assert cut.shrunk == 1 / 8


def test_foregrounds_that_cannot_be_used_are_named(project, tmp_path):
    empty = _foreground(project.render("empty", 0, np.zeros((8, 8, 4), np.uint8)))
    with pytest.raises(AssetError, match=r"empty.*the matte is empty"):
        load_foreground(empty, 64, tmp_path)
    with pytest.raises(AssetError, match="has changed since it was planned; run `synthmat render`"):
        load_foreground(dataclasses.replace(empty, sha256="0" * 64), 64, tmp_path)
    with pytest.raises(AssetError, match="cannot be read: No such file"):
        load_foreground(dataclasses.replace(empty, path=str(tmp_path / "gone.png")), 64, tmp_path)
    opaque = tmp_path / "opaque.png"
    cv2.imwrite(str(opaque), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(AssetError, match="no RGBA picture"):
        load_foreground(_foreground(opaque), 64, tmp_path)
    opaque.write_bytes(b"")
    with pytest.raises(AssetError, match="not a readable picture"):
        load_foreground(_foreground(opaque), 64, tmp_path)


def test_the_cache_holds_to_its_limit_and_reads_again_what_it_dropped(project, tmp_path):
    paths = [project.render("a", view, soft_disc(64, seed=view)) for view in range(3)]
    foregrounds = [_foreground(path) for path in paths]
    cache = ForegroundImageCache(
        max_bytes=2 * load_foreground(foregrounds[0], 64, tmp_path).premultiplied.nbytes + 2000
    )
    cuts = [cache.load(foreground, 64, tmp_path) for foreground in foregrounds]
    paths[1].unlink()
    assert cache.load(foregrounds[1], 64, tmp_path) is cuts[1]
    paths[0].unlink()
    with pytest.raises(AssetError):
        cache.load(foregrounds[0], 64, tmp_path)
