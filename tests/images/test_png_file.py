"""Our own PNG writer against a reader that is not ours."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from synthmat.images import png_file
from synthmat.images.photo_file import srgb_profile
from synthmat.images.png_file import encode_png


@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3), (7, 5, 4), (1, 1), (1, 300, 4)])
def test_what_is_written_is_read(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels))) as opened:
        np.testing.assert_array_equal(np.asarray(opened), pixels)


def test_sixteen_bit():
    levels = np.random.default_rng(0).integers(0, 65536, (7, 5)).astype(np.uint16)
    with Image.open(io.BytesIO(encode_png(levels))) as opened:
        np.testing.assert_array_equal(np.asarray(opened).astype(np.uint16), levels)


def test_profile_and_exif_go_into_the_file():
    exif = Image.Exif()
    exif[0x010E] = "a description"
    data = encode_png(np.zeros((4, 4, 3), np.uint8), srgb_profile(), exif.tobytes())
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["icc_profile"] == srgb_profile()
        assert opened.getexif()[0x010E] == "a description"


def test_a_picture_too_large_for_one_chunk_has_several(monkeypatch):
    monkeypatch.setattr(png_file, "_LONGEST", 100)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    data = encode_png(pixels)
    assert data.count(b"IDAT") > 10
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(np.asarray(opened), pixels)
