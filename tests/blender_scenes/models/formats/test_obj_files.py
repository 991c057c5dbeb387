"""OBJ as surveyors, scanners and old exporters write it: far coordinates, colors in bytes, other spellings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.small_models import paint, paint_halves, write_obj

from synthmat.generator.fingerprint import referenced_files
from synthmat.model_files.obj_coordinates import far_offset

SQUARE = np.array([(-1, 0, 0), (1, 0, 0), (1, 2, 0), (-1, 2, 0)], float)


def write_square(path: Path, points: Any, colors: Any = None) -> Path:
    """Write a square's corners (4, 3) with three decimals, and their colors (4, 3)."""
    rows = points if colors is None else np.hstack([points, colors])
    lines = ["v " + " ".join(f"{value:.3f}" for value in row) + "\n" for row in rows]
    path.write_text("".join(lines) + "f 1 2 3 4\n")
    return path


def test_a_scan_far_from_the_origin_keeps_its_shape(studio: Any, tmp_path: Path) -> None:
    _, (near,) = studio.render(write_square(tmp_path / "near.obj", SQUARE * 0.3))
    model = write_square(tmp_path / "far.obj", SQUARE * 0.3 + [500_000, 4_000_000, 100])
    rows, (far,) = studio.render(model)
    assert near[..., 3].mean() > 90
    assert np.abs(far.astype(int) - near).max() <= 2
    assert rows[0]["warnings"] == []


@pytest.mark.once
def test_only_what_is_far_for_its_size_is_moved(tmp_path: Path) -> None:
    assert far_offset(write_square(tmp_path / "large.obj", SQUARE * 10_000)) is None
    assert far_offset(write_square(tmp_path / "near.obj", SQUARE)) is None
    offset = far_offset(write_square(tmp_path / "far.obj", SQUARE * 0.3 + [500_000, 4_000_000, 0]))
    assert offset is not None
    assert offset.tolist() == [500_000, 4_000_000, 0]


def test_colors_from_0_to_255_are_those_from_0_to_1(studio: Any, tmp_path: Path) -> None:
    colors = np.array([(0.8, 0.2, 0.0)] * 4)
    _, (one,) = studio.render(write_square(tmp_path / "one.obj", SQUARE, colors))
    _, (many,) = studio.render(write_square(tmp_path / "many.obj", SQUARE, colors * 255))
    assert one[32, 32, 0] > 2 * one[32, 32, 1] > 60
    assert np.abs(many.astype(int) - one).max() <= 1


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (b"map_kd skin.png", "skin.png"),
        (b"MAP_KD skin.png", "skin.png"),
        (b"map_Kd maps of it\\skin.png", "maps of it/skin.png"),
        (b"map_Kd h\xe4user.png", "h\u00e4user.png"),
    ],
)
def test_textures_are_found_however_they_are_spelled(studio: Any, tmp_path: Path, line: bytes, file: str) -> None:
    paint_halves(tmp_path / file, (200, 20, 20), (20, 20, 200))
    (tmp_path / "square.mtl").write_bytes(b"NewMtl a\n" + line + b"\n")
    model = write_obj(tmp_path / "a.obj")
    rows, (pixels,) = studio.render(model)
    assert rows[0]["warnings"] == []
    assert pixels[32, 20, 0] > 2 * pixels[32, 20, 2]
    assert pixels[32, 44, 2] > 2 * pixels[32, 44, 0]
    assert tmp_path / file in referenced_files(model)


def test_a_library_with_backslashes_is_read(studio: Any, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "m.mtl").write_text("newmtl a\nKd 0 1 0\n")
    _, (pixels,) = studio.render(write_obj(tmp_path / "a.obj", head="mtllib lib\\m.mtl\n"))
    assert pixels[32, 32, 1] > 4 * pixels[32, 32, 0]


def test_a_part_that_is_not_shown_for_d_0_is_named(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "t.png", 20, 200, 20)
    model = write_obj(tmp_path / "a.obj", "Kd 0 1 0\nnewmtl glass\nd 0")
    model.write_text(model.read_text() + "usemtl glass\nf 1 2 3\n")
    rows, _ = studio.render(model)
    assert rows[0]["warnings"] == ["material glass has d 0: its surfaces are not shown"]
