"""Contact sheets: size, place, labels and the limit on bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synthmat.report.contact_sheet import RED, Tile, evenly, grid, save_sheet

GREEN = Image.new("RGB", (32, 32), (0, 200, 0))


def colors(picture: Image.Image) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()}


def test_pictures_keep_their_pixels_and_their_places() -> None:
    blue = Image.new("RGB", (32, 32), (0, 0, 200))
    sheet = np.asarray(grid([[GREEN, None, blue], [blue]], cell=(32, 32)))
    greens, blues = ((sheet == color).all(2) for color in ((0, 200, 0), (0, 0, 200)))
    assert greens.sum() == 32 * 32
    assert blues.sum() == 2 * 32 * 32
    assert np.argwhere(greens)[:, 1].max() < np.argwhere(blues[:40])[:, 1].min()


def test_large_pictures_are_fitted_and_alpha_shows_the_paper() -> None:
    wide = Image.new("RGBA", (400, 100), (0, 200, 0, 0))
    sheet = grid([[wide]], cell=(64, 64), paper=(10, 20, 30), ink=(255, 255, 255))
    assert colors(sheet) == {(10, 20, 30)}
    opaque = np.asarray(grid([[Image.new("RGB", (400, 100), (0, 200, 0))]], cell=(64, 64)))
    assert (opaque == (0, 200, 0)).all(2).sum() == 64 * 16


def test_a_fault_and_a_missing_picture_are_red() -> None:
    assert RED in colors(grid([[Tile(GREEN, fault="empty matte")]]))
    assert RED in colors(grid([[Tile(None, "0001", "file missing")]]))
    assert RED not in colors(grid([[Tile(GREEN, "0001")]]))


@pytest.mark.parametrize("label", ["fox", "x" * 500, "キツネ", "two\nlines", ""])
def test_labels_of_any_length_leave_the_grid_in_shape(label: str) -> None:
    sheet = grid([[GREEN]], [label], [label], (96, 96), title=label, note=label)
    assert sheet.width < 1700
    assert sheet.height < 300
    assert (0, 200, 0) in colors(sheet)


def test_an_empty_grid_is_a_picture() -> None:
    assert min(grid([]).size) > 0


def test_a_sheet_stays_under_its_limit_in_bytes(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), np.uint8)
    save_sheet(Image.fromarray(noise), tmp_path / "noise.png", largest=100_000)
    assert (tmp_path / "noise.png").stat().st_size <= 100_000
    with Image.open(tmp_path / "noise.png") as file:
        assert file.width > 100


def test_few_colors_survive_the_limit_unshrunk(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 256, (200, 3), np.uint8)
    sheet = Image.fromarray(palette[rng.integers(0, 200, (300, 300))])
    save_sheet(sheet, tmp_path / "sheet.png", largest=120_000)
    with Image.open(tmp_path / "sheet.png") as file:
        assert file.mode == "P"
        assert file.size == (300, 300)


def test_a_small_sheet_is_stored_exactly(tmp_path: Path) -> None:
    sheet = grid([[GREEN]], title="fox")
    save_sheet(sheet, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as file:
        assert np.array_equal(np.asarray(file.convert("RGB")), np.asarray(sheet))


def test_what_is_chosen_evenly_has_both_ends() -> None:
    assert evenly(3, 12) == [0, 1, 2]
    assert evenly(100, 5) == [0, 25, 50, 74, 99]
    assert len(set(evenly(41, 40))) == 40
