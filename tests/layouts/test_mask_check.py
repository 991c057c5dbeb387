"""Masks of 0 and 1, labels and odd depths are named before they make objects vanish; faint mattes are left alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.tiff_file import write_tiff

from synthmat.errors import AssetError
from synthmat.layouts import Item, read_alpha, read_layout
from synthmat.layouts.item import MaskLevels
from synthmat.layouts.mask_check import check_mattes

EDGE = 48
ROWS, COLUMNS = np.mgrid[:EDGE, :EDGE] - (EDGE - 1) / 2
DISTANCE = np.hypot(ROWS, COLUMNS)


def disc(number: int = 0) -> np.ndarray:
    return 14 + number % 3 > DISTANCE


def soft(most: float, number: int = 0) -> np.ndarray:
    """Return a disc whose alpha falls from ``most`` in the middle to 0 at the edge."""
    return np.rint(most * np.clip(1 - DISTANCE / (20 + number % 3), 0, 1))


def ringed(number: int) -> np.ndarray:
    """Return labels: 1 inside, 255 on a band around it."""
    return np.where(disc(number), 1, np.where(DISTANCE < 17, 255, 0)).astype(np.uint8)


def classes(number: int) -> np.ndarray:
    """Return labels of several things, as in sets with twenty of them."""
    labels = np.zeros((EDGE, EDGE), np.uint8)
    labels[disc(number)] = 15
    labels[: EDGE // 4] = 7
    return labels


def folder(root: Path, levels: list[np.ndarray], suffix: str = ".png") -> list[Item]:
    """Write pairs of a photo and what passes for its matte, and return them as read."""
    for number, each in enumerate(levels):
        image = root / "images" / f"{number}.jpg"
        path = root / "masks" / f"{number}{suffix}"
        for file in (image, path):
            file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*each.shape[:2], 3), 90, np.uint8)).save(image)
        if suffix == ".tif":
            write_tiff(path, each)
        else:
            assert cv2.imwrite(str(path), each)
    return read_layout(root, "pairs")


BAD = {
    "0 and 1": (lambda n: disc(n).astype(np.uint8), r"levels are 0 and 1, .*a mask .* multiply", "opaque: 1}"),
    "0 and 1 in 16 bits": (lambda n: disc(n).astype(np.uint16), r"levels are 0 and 1, ", "opaque: 1}"),
    "labels 0, 1, 2": (lambda n: disc(n) + (DISTANCE < 8).astype(np.uint8), r"0, 1, 2, .* labels", "opaque: 1}"),
    "label and 255": (ringed, r"0, 1 and 255, .* labels", "opaque: 1, ignore: 255}"),
    "many labels": (classes, r"0, 7, 15, .* labels", "opaque: 1}"),
    "8 of 16 bits": (lambda n: soft(255, n).clip(0, 255).astype(np.uint16), r"end at 2\d\d, .* 8 bits", "opaque: 255}"),
    "10 of 16 bits": (lambda n: (disc(n) * 1023).astype(np.uint16), r"end at 1023, .* 10 bits", "opaque: 1023}"),
    "12 of 16 bits": (lambda n: (disc(n) * 4095).astype(np.uint16), r"end at 4095, .* 12 bits", "opaque: 4095}"),
}


@pytest.mark.parametrize(("make", "words", "option"), BAD.values(), ids=BAD)
def test_a_folder_of_masks_is_named_with_its_remedy(tmp_path, make, words, option):
    items = folder(tmp_path, [np.asarray(make(n)) for n in range(4)])
    with pytest.raises(AssetError, match=rf"masks/0\.png: .*{words}.*mask: {{{option}"):
        check_mattes(items)
    with pytest.raises(AssetError) as told:
        check_mattes(items, in_recipe=False)
    assert "recipe" not in str(told.value)


def test_floating_point_mattes_of_0_to_255_are_named_and_those_of_0_to_1_are_not(tmp_path):
    wide = folder(tmp_path / "wide", [soft(255, n).astype(np.float32) for n in range(2)], ".tif")
    with pytest.raises(AssetError, match=r"masks/0\.tif: floating-point numbers up to 24\d.* `mask: {opaque: 255}`"):
        check_mattes(wide)
    with pytest.raises(AssetError, match=r"0\.tif: floating-point numbers up to"):
        read_alpha(wide[0].alpha)
    matte = soft(255).astype(np.float32)
    assert read_alpha(wide[0].alpha, mask=MaskLevels(255)) == pytest.approx(matte / 255, abs=1e-6)
    fine = folder(tmp_path / "fine", [matte / np.float32(240)] * 3, ".tif")
    assert check_mattes(fine) == []
    assert read_alpha(fine[0].alpha).max() == 1
    broken = write_tiff(tmp_path / "nan.tif", np.where(disc(), np.nan, 0).astype(np.float32))
    with pytest.raises(AssetError, match=r"nan\.tif: holds numbers that are not finite"):
        read_alpha(broken)


@pytest.mark.parametrize("most", [20, 40, 100])
@pytest.mark.parametrize("count", [1, 4])
def test_dark_soft_mattes_are_mattes(tmp_path, most, count):
    notes = check_mattes(folder(tmp_path, [soft(most, n).astype(np.uint8) for n in range(count)]))
    assert all("alpha is at most" in note for note in notes)
    assert bool(notes) == (count > 1)


def test_a_dark_matte_of_16_bits_is_a_matte(tmp_path):
    assert check_mattes(folder(tmp_path, [soft(5000).astype(np.uint16)])) == []


def test_ordinary_mattes_pass_without_a_word(tmp_path):
    hard = [(disc(n) * 255).astype(np.uint8) for n in range(3)]
    one_bit = tmp_path / "one_bit"
    items = folder(one_bit, hard)
    for number, each in enumerate(hard):
        Image.fromarray(each > 0).save(one_bit / "masks" / f"{number}.png")
    for each in (items, folder(tmp_path / "hard", hard), folder(tmp_path / "soft", [soft(255).astype(np.uint8)] * 3)):
        assert check_mattes(each) == []
    deep = [(soft(255, n) * 257).astype(np.uint16) for n in range(3)]
    assert check_mattes(folder(tmp_path / "deep", deep)) == []


def test_frames_of_a_clip_that_show_next_to_nothing_are_a_warning(tmp_path):
    frames = [soft(level).astype(np.uint8) for level in (0, 1, 3, 120, 255)]
    (note,) = check_mattes(folder(tmp_path, frames))
    assert "1.png: its levels are 0 and 1" in note
    assert "(2 of the 4 mattes looked at are such); if so," in note


def test_the_alpha_of_cut_outs_is_looked_at_too(tmp_path):
    for number in range(3):
        rgba = np.dstack([np.full((EDGE, EDGE, 3), 120, np.uint8), disc(number).astype(np.uint8)])
        Image.fromarray(rgba).save(tmp_path / f"{number}.png")
    with pytest.raises(AssetError, match=r"0\.png: its levels are 0 and 1"):
        check_mattes(read_layout(tmp_path, "rgba"))


def test_what_is_said_of_the_levels_is_done(tmp_path):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), ringed(0))
    alpha = read_alpha(path, mask=MaskLevels(1, 255))
    assert (alpha == disc()).all()
    assert (read_alpha(path, mask=MaskLevels(1)) == (ringed(0) > 0)).all()
    cv2.imwrite(str(path), soft(255).astype(np.uint16))
    assert read_alpha(path, mask=MaskLevels(255)) == pytest.approx(soft(255) / 255)


def test_a_palette_gives_its_colors_and_its_indices_where_the_recipe_says_so(tmp_path):
    path = tmp_path / "a.png"
    picture = Image.fromarray(disc().astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 128, 0, 0])
    picture.save(path)
    with pytest.raises(AssetError, match=r"a\.png: a colored picture and no matte.* palette.*`mask: {opaque: 1}`"):
        read_alpha(path)
    assert (read_alpha(path, mask=MaskLevels(1)) == disc()).all()
    picture.putpalette([0, 0, 0, 255, 255, 255])
    picture.save(path)
    assert (read_alpha(path) == disc()).all()
