"""Frames as they are read, and where their pixels end up."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest
from composite_project import soft_disc

from synthmat.compositor.foreground import RenderCache, load_render, place
from synthmat.errors import AssetError


def _sha(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_render_is_cut_to_its_visible_box_at_full_depth(project, dtype):
    rgba = soft_disc(64, dtype=dtype)
    path = project.render("a", 0, rgba)
    box = load_render(path, _sha(path))
    rows, columns = np.nonzero(rgba[..., 3])
    assert box.dtype == dtype
    assert np.array_equal(box, rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def test_renders_that_cannot_be_used_are_named(project, tmp_path):
    empty = project.render("empty", 0, np.zeros((8, 8, 4), np.uint8))
    with pytest.raises(AssetError, match=r"empty.*the matte is empty"):
        load_render(empty, _sha(empty))
    with pytest.raises(AssetError, match="has changed since it was made; run `synthmat render`"):
        load_render(empty, "0" * 64)
    with pytest.raises(AssetError, match="cannot be read: No such file"):
        load_render(tmp_path / "gone.png", "")
    opaque = tmp_path / "opaque.png"
    cv2.imwrite(str(opaque), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(AssetError, match="no RGBA picture"):
        load_render(opaque, _sha(opaque))


def test_the_cache_holds_to_its_limit_and_reads_again_what_it_dropped(project):
    paths = [project.render("a", view, soft_disc(64, seed=view)) for view in range(3)]
    cache = RenderCache(most_bytes=2 * load_render(paths[0], _sha(paths[0])).nbytes + 2000)
    digests = [_sha(path) for path in paths]
    frames = [cache.load(str(path), digest) for path, digest in zip(paths, digests, strict=True)]
    paths[1].unlink()
    assert cache.load(str(paths[1]), digests[1]) is frames[1]
    paths[0].unlink()
    with pytest.raises(AssetError):
        cache.load(str(paths[0]), digests[0])


@pytest.mark.parametrize("scale", [0.3, 0.8, 1.0])
def test_the_longer_side_and_the_centre_are_as_asked(scale):
    placed = place(np.full((30, 50, 4), 255, np.uint8), 200, scale, 0.5, 0.4, flip=False)
    assert placed.alpha.shape == (round(0.6 * scale * 200), round(scale * 200))
    assert placed.left + placed.alpha.shape[1] / 2 == pytest.approx(100, abs=0.51)
    assert placed.top + placed.alpha.shape[0] / 2 == pytest.approx(80, abs=0.51)
    assert placed.zoom == pytest.approx(scale * 4)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.5), (1.0, 0.5), (0.5, -0.2), (0.9, 1.1)])
@pytest.mark.parametrize("scale", [0.4, 0.9, 3.0])
def test_what_leaves_the_frame_is_cut_off_and_the_rest_stays_in_place(x, y, scale):
    render = soft_disc(96, seed=3)
    size = 64
    placed = place(render, size, scale, x, y, flip=False)
    if placed is None:
        assert not (x + scale / 2 > 0 and y + scale / 2 > 0 and x - scale / 2 < 1 and y - scale / 2 < 1)
        return
    wide = place(render, 5 * size, scale / 5, (x + 2) / 5, (y + 2) / 5, flip=False)
    canvas = np.zeros((5 * size, 5 * size), np.float32)
    height, width = wide.alpha.shape
    canvas[wide.top : wide.top + height, wide.left : wide.left + width] = wide.alpha
    expected = canvas[2 * size : 3 * size, 2 * size : 3 * size]
    got = np.zeros((size, size), np.float32)
    height, width = placed.alpha.shape
    assert placed.left >= 0
    assert placed.top >= 0
    got[placed.top : placed.top + height, placed.left : placed.left + width] = placed.alpha
    assert np.abs(got - expected).mean() < 0.01


def test_an_object_outside_of_the_frame_is_none():
    assert place(soft_disc(32), 64, 0.2, 1.5, 0.5, flip=False) is None


def test_a_huge_scale_costs_no_more_memory_than_the_sample(monkeypatch):
    asked = []
    resize = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda data, size, **more: asked.append(size) or resize(data, size, **more))
    placed = place(soft_disc(400), 64, 20.0, 0.5, 0.5, flip=False)
    assert placed.alpha.shape == (64, 64)
    assert max(max(size) for size in asked) < 3 * 64


@pytest.mark.parametrize("scale", [0.37, 0.9])
def test_flipping_mirrors(scale):
    render = soft_disc(63, seed=4)
    placed = place(render, 100, scale, 0.5, 0.5, flip=False)
    mirrored = place(render, 100, scale, 0.5, 0.5, flip=True)
    assert np.allclose(mirrored.alpha, placed.alpha[:, ::-1], atol=1e-5)
    assert np.allclose(mirrored.rgb, placed.rgb[:, ::-1], atol=1e-4)


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("scale", [0.2, 0.55, 1.0, 1.6])
def test_colour_under_alpha_0_leaves_no_fringe(hidden, scale):
    rgba = soft_disc(96, hidden=hidden)
    rgba[rgba[..., 3] > 0, :3] = (230, 120, 60)
    placed = place(rgba, 96, scale, 0.5, 0.5, flip=False)
    seen = placed.alpha > 1e-3
    assert np.abs(placed.rgb[seen] * 255 - (230, 120, 60)).max() < 1
    assert ((placed.alpha > 0.02) & (placed.alpha < 0.98)).sum() > 20
