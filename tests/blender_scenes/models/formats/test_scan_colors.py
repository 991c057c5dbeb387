"""PLY and STL: colors that Blender's importers leave out, and coordinates that they lose."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

POINTS = np.array([(-1, 0, 0), (1, 0, 0), (1, 0, 2), (-1, 0, 2)], float)
RED, BLUE = (255, 0, 0), (0, 0, 255)
TRIANGLES = [(0, 1, 2), (0, 2, 3)]


def write_ply(path: Path, rows: list[str], vertex: str, faces: list[str], face: str = "", more: str = "") -> Path:
    """Write text: further properties of vertices and faces as ``kind name ...``, a line for each element."""

    def properties(text: str) -> str:
        kind, *names = text.split() or [""]
        return "".join(f"property {kind} {name}\n" for name in names)

    head = f"ply\nformat ascii 1.0\nelement vertex {len(rows)}\n{properties('float x y z')}{properties(vertex)}"
    head += f"element face {len(faces)}\nproperty list uchar int vertex_indices\n{properties(face)}{more}end_header\n"
    path.write_text(head + "\n".join([*rows, *faces]) + "\n")
    return path


def at(points: Any) -> list[str]:
    return [" ".join(f"{value:.3f}" for value in point) for point in points]


def assert_red_right_below_and_blue_left_above(pixels: Any) -> None:
    assert pixels[44, 44, 0] > 2 * pixels[44, 44, 2]
    assert pixels[20, 20, 2] > 2 * pixels[20, 20, 0]


@pytest.mark.parametrize(
    ("vertex", "full"),
    [
        ("uchar diffuse_red diffuse_green diffuse_blue", 255),
        ("uchar r g b", 255),
        ("int red green blue", 255),
        ("double red green blue", 1),
        ("double red green blue", 255),
        ("ushort r g b", 65535),
    ],
)
def test_colors_of_vertices_are_read_by_every_name_and_type(
    studio: Any, tmp_path: Path, vertex: str, full: float
) -> None:
    def colored(names: str, whole: float) -> list[str]:
        number = "d" if "double" not in names else "g"
        colors = [(0.8, 0.2, 0.0), (0.0, 0.2, 0.8), (0.0, 0.2, 0.8), (0.8, 0.2, 0.0)]
        values = [[format(round(c * whole) if number == "d" else c * whole, number) for c in each] for each in colors]
        return [f"{point} {' '.join(each)}" for point, each in zip(at(POINTS), values, strict=True)]

    known = "uchar red green blue"
    _, (wanted,) = studio.render(write_ply(tmp_path / "a.ply", colored(known, 255), known, ["4 0 1 2 3"]))
    rows, (found,) = studio.render(write_ply(tmp_path / "b.ply", colored(vertex, full), vertex, ["4 0 1 2 3"]))
    assert wanted[32, 16, 0] > 2 * wanted[32, 48, 0]
    assert np.abs(found.astype(int) - wanted).max() <= 2
    assert rows[0]["warnings"] == []


def test_colors_of_faces_are_shown(studio: Any, tmp_path: Path) -> None:
    faces = ["3 0 1 2 255 0 0", "3 0 2 3 0 0 255"]
    _, (pixels,) = studio.render(write_ply(tmp_path / "a.ply", at(POINTS), "", faces, "uchar red green blue"))
    assert_red_right_below_and_blue_left_above(pixels)


def test_colors_of_materials_are_named(studio: Any, tmp_path: Path) -> None:
    more = "element material 1\nproperty uchar diffuse_red\n"
    model = write_ply(tmp_path / "a.ply", at(POINTS), "", ["4 0 1 2 3", "255"], "", more)
    model.write_text(model.read_text().replace("element face 2", "element face 1"))
    rows, _ = studio.render(model)
    assert "element material" in rows[0]["warnings"][0]


@pytest.mark.parametrize("kind", ["ascii", "binary_little_endian"])
def test_a_scan_far_from_the_origin_keeps_its_shape(studio: Any, tmp_path: Path, kind: str) -> None:
    _, (near,) = studio.render(write_ply(tmp_path / "near.ply", at(POINTS * 0.3), "", ["4 0 1 2 3"]))
    points = POINTS * 0.3 + [500_000, 4_000_000, 100]
    model = write_ply(tmp_path / "far.ply", at(points), "", ["4 0 1 2 3"])
    if kind != "ascii":
        head = model.read_text().partition("end_header\n")[0].replace("ascii", kind).replace("float", "double")
        body = struct.pack("<12d", *points.round(3).reshape(-1)) + struct.pack("<B4i", 4, 0, 1, 2, 3)
        model.write_bytes(f"{head}end_header\n".encode() + body)
    rows, (far,) = studio.render(model)
    assert near[..., 3].mean() > 90
    assert np.abs(far.astype(int) - near).max() <= 2
    assert rows[0]["warnings"] == []


def test_what_single_precision_has_ruined_is_named(studio: Any, tmp_path: Path) -> None:
    rows, _ = studio.render(write_stl(tmp_path / "a.stl", points=POINTS + [500_000, 4_000_000, 0]))
    assert "far from the origin" in rows[0]["warnings"][0]


def write_stl(path: Path, head: bytes = b"", spare: tuple[int, int] = (0, 0), points: Any = POINTS) -> Path:
    """Write a square of two triangles in bytes; ``spare`` are the two bytes after each."""
    data = head.ljust(80, b"\0") + struct.pack("<I", 2)
    for triangle, bits in zip(TRIANGLES, spare, strict=True):
        data += struct.pack("<12fH", 0, -1, 0, *points[list(triangle)].reshape(-1), bits)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("head", "spare"),
    [(b"", (0x8000 | 31 << 10, 0x8000 | 31)), (b"COLOR=\x00\xff\x00\xff,MATERIAL=", (31, 31 << 10))],
)
def test_colors_of_triangles_are_shown(studio: Any, tmp_path: Path, head: bytes, spare: tuple[int, int]) -> None:
    _, (pixels,) = studio.render(write_stl(tmp_path / "a.stl", head, spare))
    assert_red_right_below_and_blue_left_above(pixels)


def test_the_color_of_the_header_is_that_of_triangles_without_one(studio: Any, tmp_path: Path) -> None:
    _, (pixels,) = studio.render(write_stl(tmp_path / "a.stl", b"COLOR=\x00\xff\x00\xff", (0x8000, 0x8000)))
    assert pixels[32, 32, 1] > 2 * pixels[32, 32, 0]
    _, (gray,) = studio.render(write_stl(tmp_path / "b.stl"))
    assert abs(int(gray[32, 32, 0]) - int(gray[32, 32, 1])) <= 2
