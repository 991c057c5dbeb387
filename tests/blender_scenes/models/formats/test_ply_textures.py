"""PLY: the pictures that its comments name, by coordinates of vertices or of faces, in text and in bytes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from support.small_models import paint_halves

from synthmat.errors import AssetError
from synthmat.generator.fingerprint import fingerprint

POINTS = [(-1, 0, 0), (1, 0, 0), (1, 0, 2), (-1, 0, 2)]
COORDINATES = [(0, 0), (1, 0), (1, 1), (0, 1)]
FACES = [(0, 1, 2), (0, 2, 3)]


def write_ply(path: Path, names: tuple[str, str], kind: str, *, textures: tuple[str, ...] = ("skin.png",)) -> Path:
    """Write a square of two triangles; ``names`` are the properties of its vertices, or of none: texcoord of faces."""
    vertex = "".join(f"property float {name}\n" for name in ("x", "y", "z", *names))
    face = "" if names else "property list uchar float texcoord\n"
    number = "property int texnumber\n" if len(textures) > 1 else ""
    head = f"ply\nformat {kind} 1.0\n" + "".join(f"comment TextureFile {name}\n" for name in textures)
    head += (
        f"element vertex 4\n{vertex}element face 2\nproperty list uchar int vertex_indices\n{face}{number}end_header\n"
    )
    rows: list[tuple[str, tuple[float, ...]]] = []
    for point, uv in zip(POINTS, COORDINATES, strict=True):
        rows.append(("f" * (5 if names else 3), (*point, *(uv if names else ()))))
    for i, corners in enumerate(FACES):
        uvs = [x for corner in corners for x in COORDINATES[corner]]
        format_, values = "Biii", (3, *corners)
        if not names:
            format_, values = format_ + "B6f", (*values, 6, *uvs)  # type: ignore[assignment]
        rows.append((format_ + ("i" if number else ""), (*values, *((i,) if number else ()))))
    if kind == "ascii":
        body = "".join(" ".join(map(str, values)) + "\n" for _, values in rows).encode()
    else:
        order = "<" if kind == "binary_little_endian" else ">"
        body = b"".join(struct.pack(order + format_, *values) for format_, values in rows)
    path.write_bytes(head.encode() + body)
    return path


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        *(
            (names, kind)
            for names in (("s", "t"), ())
            for kind in ("ascii", "binary_little_endian", "binary_big_endian")
        ),
        (("u", "v"), "ascii"),
        (("texture_u", "texture_v"), "ascii"),
    ],
)
def test_the_texture_is_shown_the_right_way_round(studio: Any, tmp_path: Path, names: Any, kind: str) -> None:
    model = write_ply(tmp_path / "scan.ply", names, kind)
    before = fingerprint(model)
    paint_halves(tmp_path / "textures" / "Skin.png", (200, 20, 20), (20, 200, 20))
    assert fingerprint(model) != before
    rows, (pixels,) = studio.render(model)
    assert rows[0]["warnings"] == []
    assert pixels[32, 18, 0] > 2 * pixels[32, 18, 1]
    assert pixels[32, 46, 1] > 2 * pixels[32, 46, 0]


@pytest.mark.parametrize("names", [("s", "t"), ()])
def test_faces_choose_among_several_textures(studio: Any, tmp_path: Path, names: Any) -> None:
    paint_halves(tmp_path / "red.png", (200, 20, 20), (200, 20, 20))
    paint_halves(tmp_path / "green.png", (20, 200, 20), (20, 200, 20))
    model = write_ply(tmp_path / "scan.ply", names, "binary_little_endian", textures=("red.png", "green.png"))
    _, (pixels,) = studio.render(model)
    assert pixels[44, 44, 0] > 2 * pixels[44, 44, 1]
    assert pixels[20, 20, 1] > 2 * pixels[20, 20, 0]


def test_a_missing_texture_and_missing_coordinates_are_told(studio: Any, tmp_path: Path) -> None:
    model = write_ply(tmp_path / "scan.ply", ("s", "t"), "ascii")
    with pytest.raises(AssetError, match=r"missing texture skin\.png"):
        studio.render(model)
    model = write_ply(tmp_path / "odd.ply", ("a", "b"), "ascii")
    rows, _ = studio.render(model)
    assert "its texture skin.png is not shown" in rows[0]["warnings"][0]


def test_a_header_that_is_too_long_to_be_read_costs_the_textures_and_says_so(studio: Any, tmp_path: Path) -> None:
    model = write_ply(tmp_path / "scan.ply", ("s", "t"), "ascii")
    remarks = b"comment made by a scanner that tells everything\n" * 25_000
    model.write_bytes(model.read_bytes().replace(b"element vertex", remarks + b"element vertex", 1))
    rows, _ = studio.render(model)
    assert any("its textures are not shown" in warning for warning in rows[0]["warnings"])
