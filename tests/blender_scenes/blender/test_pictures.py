"""Frames as files: bytes that depend on pixels only, straight sRGB in PNG, everything in EXR."""

from __future__ import annotations

import cv2
import numpy as np
import OpenEXR
import pytest

from synthmat.blender_scenes.blender.pictures import exr_bytes, png_bytes, srgb


@pytest.mark.parametrize(("depth", "dtype"), [(8, np.uint8), (16, np.uint16)])
def test_a_png_holds_straight_srgb_and_linear_alpha(depth: int, dtype: type) -> None:
    color = np.array([[[0.0, 0.214041, 1.7]]], np.float32)
    data = png_bytes(color, np.array([[0.25]], np.float32), bit_depth=depth)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    most = 2**depth - 1
    assert pixels.dtype == dtype
    assert pixels[0, 0, [2, 1, 0, 3]] == pytest.approx([0, 0.5 * most, most, 0.25 * most], abs=1)


def test_what_is_not_there_has_no_color() -> None:
    data = png_bytes(np.ones((2, 2, 3), np.float32), np.array([[0, 0.001], [0.3, 1]], np.float32), bit_depth=8)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels[..., 3].tolist() == [[0, 0], [76, 255]]
    assert pixels[0].sum() == 0


def test_equal_pixels_give_equal_bytes() -> None:
    color, alpha = np.random.default_rng(1).uniform(0, 1, (9, 7, 3)).astype(np.float32), np.ones((9, 7), np.float32)
    assert png_bytes(color, alpha, bit_depth=16) == png_bytes(color.copy(), alpha.copy(), bit_depth=16)
    assert exr_bytes({"RGBA": np.dstack([color, alpha])}) == exr_bytes({"RGBA": np.dstack([color, alpha])})


def test_an_exr_keeps_every_channel_as_it_is(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(2)
    rgba, depth = rng.normal(0, 9, (5, 6, 4)).astype(np.float32), np.full((5, 6), np.inf, np.float32)
    file = tmp_path / "a.exr"
    file.write_bytes(exr_bytes({"RGBA": rgba, "depth.Z": depth, "normal.XYZ": rgba[..., :3]}))
    with OpenEXR.File(str(file), separate_channels=True) as opened:
        channels = {name: channel.pixels for name, channel in opened.channels().items()}
    assert set(channels) == {"R", "G", "B", "A", "depth.Z", "normal.X", "normal.Y", "normal.Z"}
    assert np.array_equal(np.stack([channels[c] for c in "RGBA"], -1), rgba)
    assert np.isinf(channels["depth.Z"]).all()
    assert np.array_equal(channels["normal.Z"], rgba[..., 2])


def test_srgb_follows_the_standard() -> None:
    assert srgb(np.array([0, 0.0031308, 0.18, 1, 5], np.float32)) == pytest.approx(
        [0, 0.04045, 0.46136, 1, 1], abs=1e-4
    )
