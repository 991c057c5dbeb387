"""Photos of every make, and files that are none."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from support.composite_project import noise_photo

from synthmat.compositor.imaging.photo_decoding import load_photo
from synthmat.errors import AssetError
from synthmat.images.photo_file import srgb_profile


def _quarters(width: int = 80, height: int = 60) -> np.ndarray:
    """Return red, green, blue and white quarters."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = 255
    return pixels


def _near(pixel: np.ndarray, color: tuple[int, int, int], within: int = 12) -> bool:
    return bool(np.abs(pixel.astype(int) - color).max() <= within)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_the_shorter_side_gets_the_wanted_length(tmp_path, suffix):
    Image.fromarray(_quarters(90, 60)).save(tmp_path / f"a.{suffix}", quality=95)
    photo = load_photo(tmp_path / f"a.{suffix}", 40, 10)
    assert photo.shape == (40, 60, 3)
    assert photo.dtype == np.uint8
    assert _near(photo[8, 8], (255, 0, 0))
    assert _near(photo[-8, 8], (0, 0, 255))


@pytest.mark.parametrize(("orientation", "corner"), [(3, (255, 255, 255)), (6, (0, 0, 255)), (8, (0, 255, 0))])
def test_exif_orientation_is_applied(tmp_path, orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(_quarters(80, 60)).save(tmp_path / "a.jpg", exif=exif, quality=95)
    photo = load_photo(tmp_path / "a.jpg", 60, 10)
    assert photo.shape == ((60, 80, 3) if orientation == 3 else (80, 60, 3))
    assert _near(photo[10, 10], corner)


def test_a_large_jpeg_looks_the_same_decoded_at_a_fraction(tmp_path):
    smooth = cv2.resize(noise_photo(1, 6, 8), (1600, 1200), interpolation=cv2.INTER_CUBIC)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    photo = load_photo(tmp_path / "a.jpg", 100, 10)
    assert np.abs(photo.astype(int) - cv2.resize(smooth, (133, 100), interpolation=cv2.INTER_AREA)).mean() < 3


def test_palette_gray_one_bit_and_cmyk_photos_become_rgb(tmp_path):
    picture = Image.fromarray(_quarters())
    picture.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "palette.png")
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    picture.convert("L").save(tmp_path / "gray.png")
    picture.convert("1").save(tmp_path / "bits.tif")
    assert _near(load_photo(tmp_path / "palette.png", 60, 10)[5, 5], (255, 0, 0))
    assert _near(load_photo(tmp_path / "cmyk.jpg", 60, 10)[-5, 5], (0, 0, 255))
    assert _near(load_photo(tmp_path / "gray.png", 60, 10)[5, 5], (76, 76, 76))
    assert load_photo(tmp_path / "bits.tif", 60, 10).shape == (60, 80, 3)


def test_16_bit_photos_keep_their_brightness(tmp_path):
    gray = np.full((60, 80), 30_000, np.uint16)
    Image.fromarray(gray).save(tmp_path / "gray.png")
    assert cv2.imwrite(str(tmp_path / "rgb.png"), np.dstack([gray, gray, gray]))
    for name in ("gray.png", "rgb.png"):
        assert _near(load_photo(tmp_path / name, 60, 10)[5, 5], (117, 117, 117), within=1), name


def test_transparency_is_put_on_white(tmp_path):
    layer = np.dstack([_quarters(), np.zeros((60, 80), np.uint8)])
    layer[:30, :40, 3] = 255
    Image.fromarray(layer).save(tmp_path / "a.png")
    photo = load_photo(tmp_path / "a.png", 60, 10)
    assert _near(photo[5, 5], (255, 0, 0))
    assert _near(photo[5, -5], (255, 255, 255))


def test_a_color_profile_is_converted_and_a_broken_one_ignored(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    pixels = np.full((60, 60, 3), (200, 80, 40), np.uint8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, profile in (("plain", None), ("srgb", srgb), ("broken", b"no profile"), ("other", lab)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png", **({"icc_profile": profile} if profile else {}))
        assert _near(load_photo(tmp_path / f"{name}.png", 60, 10)[0, 0], (200, 80, 40), 2) or name == "other", name


def test_our_own_profile_is_srgb_and_the_same_bytes_at_any_time():
    profile = srgb_profile()
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert struct.unpack(">6H", profile[24:36]) == (2000, 1, 1, 0, 0, 0)


@pytest.mark.data
def test_adobe_rgb_and_display_p3_photos_become_more_colorful_in_srgb_numbers(free_data):
    wide = []
    for path in sorted((free_data / "backgrounds").glob("*")):
        with Image.open(path) as photo:
            profile = photo.info.get("icc_profile")
            if not profile:
                continue
            name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
            if "Adobe RGB" not in name and "P3" not in name:
                continue
            raw = np.asarray(photo.convert("RGB").resize((128, 128), Image.Resampling.BOX)).astype(float)
        loaded = load_photo(path, 128, 100)
        converted = np.asarray(Image.fromarray(loaded).resize((128, 128), Image.Resampling.BOX)).astype(float)
        saturation = [np.ptp(pixels, axis=2).mean() for pixels in (raw, converted)]
        assert saturation[1] > saturation[0] * 1.03, path.name
        assert np.abs(raw.mean() - converted.mean()) < 12, path.name
        wide.append(path.name)
    assert len(wide) == 2


def _png_header(width: int, height: int) -> bytes:
    """Return a PNG that announces a size and carries next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [4_000, 12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded_and_without_warnings(tmp_path, side):
    (tmp_path / "bomb.png").write_bytes(_png_header(side, side))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(
            AssetError, match=r"bomb\.png: the photo has [\d.e+]+ megapixels, more than composite\.max_photo_megapixels"
        ):
            load_photo(tmp_path / "bomb.png", 64, 10)


def test_the_limit_can_be_raised_beyond_pillows_own(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    Image.fromarray(_quarters()).save(tmp_path / "a.png")
    assert load_photo(tmp_path / "a.png", 60, 1).shape == (60, 80, 3)
    assert Image.MAX_IMAGE_PIXELS == 1000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"this is a text", "not a JPEG, PNG, WebP or TIFF picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG, PNG, WebP or TIFF picture"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "not a JPEG, PNG, WebP or TIFF picture"),
        (_png_header(50, 50), "the photo is broken"),
    ],
)
def test_what_is_no_photo_is_named(tmp_path, content, message):
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(AssetError, match=f"photo.jpg: {message}"):
        load_photo(tmp_path / "photo.jpg", 64, 10)


def test_truncated_missing_and_narrow_photos_are_named(tmp_path):
    Image.fromarray(noise_photo(1, 200, 200)).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:5000])
    with pytest.raises(AssetError, match=r"cut\.jpg: the photo is broken: .*truncated"):
        load_photo(tmp_path / "cut.jpg", 64, 10)
    with pytest.raises(AssetError, match=r"gone\.jpg: the photo is not there"):
        load_photo(tmp_path / "gone.jpg", 64, 10)
    Image.fromarray(noise_photo(1, 2, 200)).save(tmp_path / "strip.png")
    with pytest.raises(AssetError, match=r"strip\.png: 200 x 2 pixels are too narrow"):
        load_photo(tmp_path / "strip.png", 64, 10)
