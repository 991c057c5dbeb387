"""Mattes are read for what they are, however they were stored."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.stored_dataset import HEIGHT, WIDTH, place, soft_alpha

from synthmat.errors import AssetError
from synthmat.layouts import Item, read_alpha, read_image, read_pair

LEVELS = soft_alpha(np.random.default_rng(1))
WIDE = soft_alpha(np.random.default_rng(1), 16)
COLOR = np.random.default_rng(2).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
OPAQUE = np.full_like(LEVELS, 255)


def palette(levels: np.ndarray) -> Image.Image:
    """Return a picture whose palette holds the gray levels in reverse order."""
    picture = Image.fromarray(255 - levels, "P")
    picture.putpalette([value for level in range(256) for value in [255 - level] * 3])
    return picture


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("gray.png", Image.fromarray(LEVELS)),
        ("GRAY.PNG", Image.fromarray(LEVELS)),
        ("gray.bmp", Image.fromarray(LEVELS)),
        ("gray.tif", Image.fromarray(LEVELS)),
        ("rgb.png", Image.fromarray(np.dstack([LEVELS] * 3))),
        ("rgba_opaque.png", Image.fromarray(np.dstack([LEVELS, LEVELS, LEVELS, OPAQUE]))),
        ("rgba_same.png", Image.fromarray(np.dstack([LEVELS] * 4))),
        ("rgba_white.png", Image.fromarray(np.dstack([OPAQUE, OPAQUE, OPAQUE, LEVELS]))),
        ("palette.png", palette(LEVELS)),
        ("gray_alpha.png", Image.fromarray(np.dstack([LEVELS, OPAQUE]), "LA")),
    ],
)
def test_a_matte_of_any_encoding_gives_its_levels(tmp_path, name, picture):
    picture.save(tmp_path / name)
    alpha = read_alpha(tmp_path / name)
    assert alpha.dtype == np.float32
    assert np.rint(alpha * 255).astype(np.uint8).tolist() == LEVELS.tolist()


def test_16_bits_are_kept(tmp_path):
    path = place(tmp_path, "wide.png", WIDE)
    assert np.rint(read_alpha(path).astype(np.float64) * 65535).tolist() == WIDE.tolist()


def test_one_bit_masks_are_0_and_1(tmp_path):
    Image.fromarray(LEVELS > 127).save(tmp_path / "mask.png")
    assert read_alpha(tmp_path / "mask.png").tolist() == (LEVELS > 127).astype(float).tolist()


def test_a_matte_as_color_jpeg_is_gray_within_its_artifacts(tmp_path):
    path = place(tmp_path, "matte.jpg", np.dstack([LEVELS] * 3), quality=85)
    assert np.abs(read_alpha(path) * 255 - LEVELS).max() < 20


def test_a_cut_out_gives_its_alpha_channel(tmp_path):
    path = place(tmp_path, "cut.png", np.dstack([COLOR, LEVELS]))
    assert np.rint(read_alpha(path, "alpha_channel") * 255).tolist() == LEVELS.tolist()
    assert read_image(path).tolist() == COLOR.tolist()


def test_a_gray_rgb_file_is_never_taken_for_a_cut_out(tmp_path):
    path = place(tmp_path, "rgb.png", np.dstack([LEVELS] * 3))
    with pytest.raises(AssetError, match=r"rgb\.png: has no alpha channel"):
        read_alpha(path, "alpha_channel")


@pytest.mark.parametrize("channels", [3, 4])
def test_a_photo_is_no_matte(tmp_path, channels):
    path = place(tmp_path, "photo.png", np.dstack([COLOR, OPAQUE])[..., :channels])
    with pytest.raises(AssetError, match=r"photo\.png: a colored picture and no matte"):
        read_alpha(path)


@pytest.mark.parametrize("content", [None, b"", b"no picture", "cut off"])
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "a.png"
    if content == "cut off":
        buffer = io.BytesIO()
        Image.fromarray(COLOR).save(buffer, "PNG")
        content = buffer.getvalue()[:30]
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AssetError, match=r"a\.png: "):
        read_alpha(path)


def test_image_and_matte_of_different_size_are_both_named(tmp_path):
    item = Item("a", image=place(tmp_path, "a.png", COLOR[:, 2:]), alpha=place(tmp_path, "matte.png", LEVELS))
    with pytest.raises(AssetError, match=r"matte\.png: 40x24, but .*a\.png is 38x24"):
        read_pair(item)


@pytest.mark.parametrize("turned_matte", [True, False])
def test_a_photo_with_a_turn_in_its_exif_data_is_turned_if_its_matte_is(tmp_path, turned_matte):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    smooth = cv2.resize(COLOR[:4, :4], (WIDTH, HEIGHT))
    image = place(tmp_path, "a.jpg", smooth, exif=exif, quality=98, subsampling=0)
    matte = np.rot90(LEVELS, -1) if turned_matte else LEVELS
    pixels, alpha = read_pair(Item("a", image=image, alpha=place(tmp_path, "a.png", np.ascontiguousarray(matte))))
    expected = np.rot90(smooth, -1) if turned_matte else smooth
    assert pixels.shape[:2] == alpha.shape == matte.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 4


def test_pillow_and_opencv_agree_on_what_is_tested(tmp_path):
    path: Path = place(tmp_path, "wide.png", WIDE)
    assert (np.asarray(Image.open(path)) == cv2.imread(str(path), cv2.IMREAD_UNCHANGED)).all()
