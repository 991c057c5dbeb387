"""FBX: opacity counts whoever made the file; pictures of opacity are no glass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.fbx_square import binary_fbx, linked_as, write_square
from support.small_models import paint, paint_halves

from synthmat.blender_scenes.models.formats.fbx_materials import fbx_materials

GRAYS, ALPHAS = ((51, 51, 51), (255, 255, 255)), ((200, 20, 20, 51), (20, 200, 20, 255))
COLORS = """        LayerElementColor: 0 {
            Version: 101
            Name: "painted"
            MappingInformationType: "ByPolygonVertex"
            ReferenceInformationType: "Direct"
            Colors: *16 {
                a: 0,1,0,1,0,1,0,1,0,0,1,1,0,0,1,1
            }
        }
"""


@pytest.mark.parametrize(
    ("values", "alpha"),
    [
        ({"Opacity": 0.4}, 0.4),
        ({"Opacity": 1.0, "TransparencyFactor": 1.0, "TransparentColor": (0, 0, 0)}, 1.0),
        ({"TransparencyFactor": 0.6, "TransparentColor": (1, 1, 1)}, 0.4),
        ({"TransparencyFactor": 1.0, "TransparentColor": (0.6, 0.6, 0.6)}, 0.4),
        ({"TransparencyFactor": 1.0, "TransparentColor": (0, 0, 0)}, 1.0),
        ({}, 1.0),
    ],
)
def test_opacity_is_what_the_file_says(studio: Any, tmp_path: Path, values: Any, alpha: float) -> None:
    rows, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", **values))
    assert rows[0]["warnings"] == []
    assert pixels[32, 32, 3] == pytest.approx(255 * alpha, abs=3)


def test_opacity_counts_beside_a_picture(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "textures" / "skin.png", 20, 200, 20)
    _, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", linked_as("DiffuseColor"), Opacity=0.4))
    assert pixels[32, 32, 3] == pytest.approx(102, abs=3)
    assert pixels[32, 32, 1] > 4 * pixels[32, 32, 0]


@pytest.mark.parametrize(
    ("linked", "halves", "folder"),
    [
        ("TransparentColor", GRAYS, ""),
        ("TransparentColor", ALPHAS, "textures"),
        ("TransparencyFactor", GRAYS, "textures"),
        ("TransparencyFactor", ALPHAS, ""),
    ],
)
def test_a_picture_of_opacity_is_alpha_and_no_glass(
    studio: Any, tmp_path: Path, linked: str, halves: Any, folder: str
) -> None:
    paint_halves(tmp_path / folder / "skin.png", *halves)
    rows, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", linked_as(linked)))
    assert rows[0]["warnings"] == []
    assert pixels[32, 18, 3] == pytest.approx(51, abs=3)
    assert pixels[32, 46, 3] == 255


def test_what_cannot_be_known_is_a_warning_that_names_the_material(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "skin.png", 128)
    rows, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", linked_as("Opacity")))
    assert "material paint: Blender does not read the texture of its Opacity" in rows[0]["warnings"][0]
    rows, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", Opacity=0.0))
    assert "material paint has opacity 0" in rows[0]["warnings"][0]
    assert pixels[32, 32, 3] == 255


def test_vertex_colors_are_shown_where_there_is_no_texture(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "skin.png", 200, 20, 20)
    rows, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", layers=COLORS))
    assert rows[0]["warnings"] == ["material paint has no texture: vertex colors are shown"]
    assert pixels[44, 32, 1] > 1.5 * pixels[44, 32, 2]
    assert pixels[20, 32, 2] > 1.5 * pixels[20, 32, 1]
    _, (pixels,) = studio.render(write_square(tmp_path / "q.fbx", linked_as("DiffuseColor"), layers=COLORS))
    assert pixels[32, 32, 0] > 4 * pixels[32, 32, 1]


@pytest.mark.parametrize("version", [7400, 7500])
def test_binary_files_are_read_too(tmp_path: Path, version: int) -> None:
    properties = [
        ("P", ["TransparencyFactor", "Number", "", "A", 0.6]),
        ("P", ["TransparentColor", "Color", "", "A", 1.0, 1.0, 1.0]),
    ]
    geometry = ("Geometry", [7, "q\0\1Geometry", "Mesh"], ("Vertices", [[1.0, 2.0]]))
    material = ("Material", [50, "skin\0\1Material", ""], ("Properties70", [], *properties))
    link = ("C", ["OP", 60, 50, "3dsMax|Parameters|cutout_map"])
    data = binary_fbx(version, ("Objects", [], geometry, material), ("Connections", [], link))
    (tmp_path / "q.fbx").write_bytes(data)
    (found,) = fbx_materials(tmp_path / "q.fbx")
    assert (found.name, found.texture) == ("skin", "3dsMax|Parameters|cutout_map")
    assert found.opacity == pytest.approx(0.4)
    (tmp_path / "q.fbx").write_bytes(data[:300])
    assert len(fbx_materials(tmp_path / "q.fbx")) <= 1
