"""Cut-outs and mattes as their files mean them: straight color, the right way up, in sRGB, whatever the format."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, features
from support.tiff_file import write_tiff

from synthmat.compositor.imaging.foreground_image import load_foreground
from synthmat.compositor.imaging.photo_decoding import load_photo
from synthmat.errors import AssetError
from synthmat.images.photo_file import read_photo
from synthmat.images.picture_file import read_picture
from synthmat.images.picture_formats import picture_suffixes
from synthmat.layouts import Item, read_alpha, read_image, read_pair
from synthmat.sample_job import Foreground
from synthmat.storage.digests import digests_of

HEIGHT, WIDTH = 12, 20
COLOR = np.array([200, 60, 20])


def soft_cut_out() -> np.ndarray:
    """Return straight RGBA of one color, uint8, whose alpha rises from 0 to 255 from left to right."""
    rgba = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    rgba[..., :3] = COLOR
    rgba[..., 3] = np.linspace(0, 255, WIDTH).round()
    return rgba


def premultiplied(rgba: np.ndarray) -> np.ndarray:
    top = np.iinfo(rgba.dtype).max
    color = np.rint(rgba[..., :3].astype(float) * rgba[..., 3:] / top)
    return np.dstack([color.astype(rgba.dtype), rgba[..., 3]])


def marked() -> np.ndarray:
    """Return RGBA that is different in every turn."""
    rgba = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    rgba[2:5, 3:9] = (200, 60, 20, 255)
    rgba[5:9, 3:5] = (10, 220, 90, 128)
    return rgba


def exif(orientation: int) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def display_p3() -> bytes:
    """Return a profile of matrix and gamma with the primaries of Display P3, made from littleCMS's own of sRGB."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for number in range(int.from_bytes(data[128:132], "big")):
        entry = 132 + 12 * number
        if (name := bytes(data[entry : entry + 4])) in primaries:
            place = int.from_bytes(data[entry + 4 : entry + 8], "big") + 8
            values = b"".join(round(value * 65536).to_bytes(4, "big", signed=True) for value in primaries[name])
            data[place : place + 12] = values
        if bytes(data[entry : entry + 4]) == b"desc":
            place = int.from_bytes(data[entry + 4 : entry + 8], "big")
            size = int.from_bytes(data[entry + 8 : entry + 12], "big")
            data[place : place + size] = bytes(data[place : place + size]).replace(b"\0s\0R\0G\0B", b"\0W\0i\0d\0e")
    return bytes(data)


def cut(path: Path) -> np.ndarray:
    """Return what compositing sees of an RGBA file, premultiplied, uint16, on its whole frame."""
    sums = digests_of([path])
    foreground = Foreground("a", "a", "0", str(path), sums[path])
    return load_foreground(foreground, 64, path.parent / "kept").untrimmed().premultiplied


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("extra", "associated"), [(2, False), (0, False), (1, True)])
def test_a_tiff_gives_straight_color_by_its_tag(tmp_path, dtype, extra, associated):
    straight = soft_cut_out().astype(dtype) * (257 if dtype == np.uint16 else 1)
    stored = premultiplied(straight) if associated else straight
    path = write_tiff(tmp_path / "a.tif", stored, extra=extra)
    found = read_picture(path)
    assert found.dtype == dtype
    assert (found[..., 3] == straight[..., 3]).all()
    seen = straight[..., 3] > straight.max() // 8
    assert np.abs(found[seen].astype(int) - straight[seen]).max() <= (6 if associated and dtype == np.uint8 else 1) * (
        1 if dtype == np.uint8 else 8
    )
    expected = premultiplied(soft_cut_out().astype(np.uint16) * 257)
    assert np.abs(cut(path).astype(int) - expected).max() <= 257


def test_gray_tiffs_with_alpha_and_those_that_count_from_white(tmp_path):
    rgba = soft_cut_out()
    gray = write_tiff(tmp_path / "gray.tif", np.ascontiguousarray(rgba[..., [0, 3]]), extra=2)
    assert (read_picture(gray) == np.dstack([rgba[..., 0]] * 3 + [rgba[..., 3]])).all()
    deep = write_tiff(tmp_path / "deep.tif", rgba[..., [0, 3]].astype(np.uint16) * 257, extra=2)
    with pytest.raises(AssetError, match=r"deep\.tif: gray with an alpha channel, 16 bits"):
        read_picture(deep)
    levels = (255 - rgba[..., 3]).astype(np.uint16) * 257
    white = write_tiff(tmp_path / "white.tif", levels, white_is_zero=True)
    assert (np.rint(read_alpha(white) * 255) == rgba[..., 3]).all()


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "late.png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_cut_out_is_turned_as_its_file_says(tmp_path, suffix, orientation):
    path = tmp_path / f"a.{suffix}"
    picture = Image.fromarray(marked())
    if suffix == "tif":
        write_tiff(path, marked(), extra=2, orientation=orientation)
    else:
        picture.save(path, lossless=True, exact=True, exif=exif(orientation))
    if suffix == "late.png":
        _move_exif_behind_the_pixels(path)
    picture.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture))
    assert (read_picture(path) == expected).all()
    assert (read_picture(path, turned=False) == marked()).all()
    assert (cut(path)[..., 3] == expected[..., 3].astype(np.uint16) * 257).all()
    pixels, alpha = read_pair(Item("a", fg=path, alpha=path, alpha_from="alpha_channel"))
    assert (np.rint(alpha * 255) == expected[..., 3]).all()
    assert (pixels == expected[..., :3]).all()


def _move_exif_behind_the_pixels(path: Path) -> None:
    data = path.read_bytes()
    at = data.find(b"eXIf")
    if at >= 0:
        chunk = data[at - 4 : at + 8 + int.from_bytes(data[at - 4 : at], "big")]
        path.write_bytes(data.replace(chunk, b"", 1)[:-12] + chunk + data[-12:])


@pytest.mark.parametrize(("of_image", "of_matte"), [(6, 6), (6, 1), (1, 6), (3, 3), (8, 8)])
def test_image_and_matte_stay_together_however_they_are_turned(tmp_path, of_image, of_matte):
    image, matte = tmp_path / "image.png", tmp_path / "matte.png"
    Image.fromarray(marked()[..., :3]).save(image, exif=exif(of_image))
    Image.fromarray(marked()[..., 3]).save(matte, exif=exif(of_matte))
    pixels, alpha = read_pair(Item("a", image=image, alpha=matte))
    assert pixels.shape[:2] == alpha.shape
    assert (alpha[pixels[..., 0] == 200] == 1).all()
    assert (pixels[alpha == 0] == 0).all()
    turned = of_image == of_matte
    assert (alpha.shape == (WIDTH, HEIGHT)) == (turned and of_image > 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_color_profile_of_a_cut_out_is_heeded_and_alpha_stays(tmp_path, dtype):
    path, wide = tmp_path / "p3.png", display_p3()
    rgba = soft_cut_out()
    Image.fromarray(rgba).save(path, icc_profile=wide)
    if dtype == np.uint16:
        _deepened(path)
    photo = tmp_path / "photo.png"
    Image.fromarray(rgba[..., :3]).save(photo, icc_profile=wide)
    expected = load_photo(photo, HEIGHT, 1)[0, 0].astype(int)
    assert np.abs(expected - COLOR).max() > 10
    found = read_picture(path)
    assert found.dtype == dtype
    scale = 257 if dtype == np.uint16 else 1
    assert np.abs(found[..., :3] / scale - expected).max() <= 1
    assert (found[..., 3] == rgba[..., 3].astype(int) * scale).all()
    assert np.abs(read_image(path).astype(int) - expected).max() <= 1
    assert np.abs(cut(path)[0, -1, :3] / 257 - expected).max() <= 1


def _deepened(path: Path) -> None:
    """Write an 8-bit RGBA file again in 16 bits, with its profile."""
    data = path.read_bytes()
    at = data.find(b"iCCP") - 4
    chunk = data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.uint16) * 257
    deep = cv2.imencode(".png", pixels)[1].tobytes()
    path.write_bytes(deep[:33] + chunk + deep[33:])


def test_the_profile_of_a_matte_changes_no_alpha(tmp_path):
    path = tmp_path / "matte.png"
    levels = soft_cut_out()[..., 3]
    Image.fromarray(np.dstack([levels] * 3)).save(path, icc_profile=display_p3())
    assert (np.rint(read_alpha(path) * 255) == levels).all()


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_an_avif_cut_out_is_read_with_its_turn(tmp_path):
    path = tmp_path / "a.avif"
    Image.fromarray(marked()).save(path, quality=100, subsampling="4:4:4", exif=exif(6))
    expected = np.rot90(marked(), -1)
    found = read_picture(path)
    assert found.shape == expected.shape
    assert (found[..., 3] == expected[..., 3]).all()
    assert np.abs(found[expected[..., 3] > 0].astype(int) - expected[expected[..., 3] > 0]).max() < 60


def test_a_turned_tiff_photo_keeps_its_lines(tmp_path):
    path = write_tiff(tmp_path / "a.tif", np.ascontiguousarray(marked()[..., :3]), orientation=6)
    assert (read_photo(path).pixels == np.rot90(marked()[..., :3], -1)).all()


def test_a_git_lfs_pointer_is_called_one(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    for read in (read_picture, read_photo, lambda path: load_photo(path, 64, 1)):
        with pytest.raises(AssetError, match=r"a\.png: a Git LFS pointer, .* run `git lfs pull`"):
            read(path)


def test_floating_point_tiffs_are_turned_and_divided_too(tmp_path):
    rgba = (marked() / np.float32(255)).astype(np.float32)
    stored = np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3]])
    found = read_picture(write_tiff(tmp_path / "a.tif", stored, extra=1, orientation=6))
    assert found == pytest.approx(np.rot90(rgba, -1), abs=1e-6)


def test_heic_is_read_where_its_package_is(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    path = tmp_path / "a.heic"
    Image.fromarray(marked()).save(path, quality=-1, chroma=444)
    assert ".heic" in picture_suffixes()
    found = read_picture(path)
    assert (found[..., 3] == marked()[..., 3]).all()
    assert np.abs(found[..., :3].astype(int) - marked()[..., :3]).max() < 8
    assert read_photo(path).pixels.shape == (HEIGHT, WIDTH, 3)


def test_broken_exif_data_cost_no_pixel_and_no_warning(tmp_path, recwarn):
    pixels = np.full((4, 6, 3), 90, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_photo(tmp_path / "a.jpg").pixels.shape == pixels.shape
    assert not recwarn.list
