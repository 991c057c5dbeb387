"""OBJ: alpha is what map_d says, and every material library is read or named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.small_models import paint, paint_halves, write_obj

from synthmat.errors import AssetError
from synthmat.generator.fingerprint import fingerprint, referenced_files

GREEN = "Kd 0 1 0"


def is_green(pixels: Any) -> bool:
    return bool(pixels[32, 32, 1] > 4 * pixels[32, 32, 0] and pixels[32, 32, 3] == 255)


@pytest.mark.parametrize("option", ["", "-imfchan l "])
def test_a_gray_picture_in_map_d_is_alpha(studio: Any, tmp_path: Path, option: str) -> None:
    paint_halves(tmp_path / "d.png", 51, 255)
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", f"Kd 1 1 1\nmap_d {option}d.png"))
    assert pixels[32, 16, 3] == pytest.approx(51, abs=3)
    assert pixels[32, 48, 3] == 255


def test_a_leaf_cut_out_by_gray_has_its_shape(studio: Any, tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :64]
    leaf = np.hypot(x - 31.5, y - 31.5) < 24
    Image.fromarray((leaf * 255).astype(np.uint8)).save(tmp_path / "d.png")
    paint(tmp_path / "t.png", 20, 200, 20)
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "map_Kd t.png\nmap_d d.png"), margin=0.0)
    alpha = pixels[:, :, 3].astype(float) / 255
    square = alpha.shape[0] * alpha.shape[1] * 0.5  # of the circle round the square, which the frame shows
    assert alpha.sum() / square == pytest.approx(leaf.mean(), abs=0.05)
    assert alpha[32, 32] == 1


def test_the_alpha_of_a_picture_in_map_d_is_alpha(studio: Any, tmp_path: Path) -> None:
    paint_halves(tmp_path / "t.png", (200, 20, 20, 51), (20, 200, 20, 255))
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "map_Kd t.png\nmap_d t.png"))
    assert pixels[32, 16, 3] == pytest.approx(51, abs=3)
    assert pixels[32, 48, 3] == 255
    assert pixels[32, 16, 0] > 100  # not the darker for its alpha


def test_a_picture_that_is_color_and_gray_opacity_is_both(studio: Any, tmp_path: Path) -> None:
    paint_halves(tmp_path / "t.png", (128, 128, 128), (255, 255, 255))
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "map_Kd t.png\nmap_d t.png"))
    assert pixels[32, 16, 3] == pytest.approx(128, abs=3)
    assert pixels[32, 16, 0] < 0.7 * pixels[32, 48, 0]


def test_unused_alpha_leaves_the_colors(studio: Any, tmp_path: Path) -> None:
    paint_halves(tmp_path / "t.png", (20, 200, 20, 0), (20, 200, 20, 255))
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "Kd 1 1 1\nmap_Kd t.png"))
    left, right = pixels[32, 20].astype(int), pixels[32, 44].astype(int)
    assert left[3] == right[3] == 255
    assert abs(left - right).max() < 15


def test_transparency_without_d_is_read(studio: Any, tmp_path: Path) -> None:
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "Kd 1 0 0\nTr 0.7"))
    assert pixels[32, 32, 3] == pytest.approx(0.3 * 255, abs=3)
    rows, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", "Kd 1 0 0\nTr 1"))
    assert pixels[32, 32, 3] == 255
    assert "material a has Tr 1" in rows[0]["warnings"][0]


@pytest.mark.parametrize(
    ("head", "file"),
    [
        ("mtllib SQUARE.MTL\n", "square.mtl"),
        ("mtllib other.mtl square.mtl\n", "square.mtl"),
        ("mtllib other.mtl\nmtllib square.mtl\n", "square.mtl"),
        ("mtllib\tmy square.mtl\n", "my square.mtl"),
        ("mtllib C:\\art\\square.mtl\n", "square.mtl"),
        ('mtllib "square.mtl"\n', "square.mtl"),
        ("\ufeffmtllib square.mtl\n", "square.mtl"),
        ("", "a.mtl"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_libraries_are_read_however_they_are_written(
    studio: Any, tmp_path: Path, head: str, file: str, mark: str
) -> None:
    (tmp_path / "other.mtl").write_text("newmtl b\nKd 1 0 0\n")
    (tmp_path / file).write_text(f"{mark}newmtl a\n{GREEN}\n", encoding="utf-8")
    model = write_obj(tmp_path / "a.obj", head=head)
    rows, (pixels,) = studio.render(model)
    assert rows[0]["warnings"] == []
    assert is_green(pixels)
    assert tmp_path / file in referenced_files(model)


def test_textures_count_from_their_library_and_in_any_case(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "lib" / "my skin.png", 20, 200, 20)
    (tmp_path / "lib" / "square.mtl").write_text("newmtl a\nmap_Kd -s 1 1 1 My Skin.PNG\n")
    model = write_obj(tmp_path / "a.obj", head="mtllib lib/square.mtl\n")
    _, (pixels,) = studio.render(model)
    assert is_green(pixels)
    before = fingerprint(model)
    paint(tmp_path / "lib" / "my skin.png", 200, 20, 20)
    assert fingerprint(model) != before


@pytest.mark.parametrize(
    ("head", "material", "named"),
    [
        ("mtllib gone.mtl\n", None, r"missing material library gone\.mtl"),
        ("mtllib gone.mtl square.mtl\n", GREEN, r"missing material library gone\.mtl"),
        ("mtllib other.mtl\n", None, "material a is in none of its material libraries"),
        ("", None, "material a is in no material library"),
    ],
)
def test_a_library_or_material_that_is_not_there_is_named(
    studio: Any, tmp_path: Path, head: str, material: str | None, named: str
) -> None:
    (tmp_path / "other.mtl").write_text("newmtl b\nKd 1 0 0\n")
    model = write_obj(tmp_path / "a.obj", material, head=head)
    with pytest.raises(AssetError, match=named):
        studio.render(model)
    rows, _ = studio.render(model, missing_textures="grey")
    (warning,) = rows[0]["warnings"]
    assert warning.endswith(": painted gray")


def test_a_library_that_comes_later_is_another_model(tmp_path: Path) -> None:
    model = write_obj(tmp_path / "a.obj", head="mtllib gone.mtl\n")
    before = fingerprint(model)
    (tmp_path / "gone.mtl").write_text(f"newmtl a\n{GREEN}\n")
    assert fingerprint(model) != before
