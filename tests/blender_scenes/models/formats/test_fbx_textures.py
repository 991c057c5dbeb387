"""FBX: textures of shaders that Blender's importer does not know, in layers, and by another set of coordinates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.fbx_square import binary_fbx, linked_as, write_square
from support.small_models import paint_halves

from synthmat.blender_scenes.models.formats.fbx_textures import FbxTexture, fbx_textures

SECOND_SET = """LayerElementUV: 1 {
 Name: "second"
 MappingInformationType: "ByPolygonVertex"
 ReferenceInformationType: "Direct"
 UV: *8 {
  a: 1,0,0,0,0,1,1,1
 }
}
Layer: 1 {
 LayerElement: {
  Type: "LayerElementUV"
  TypedIndex: 1
 }
}"""
LAYERED = 'LayeredTexture: 500, "LayeredTexture::l", "" {\n LayeredTexture: 100\n}'


def write_fbx(folder: Path, links: str, **more: str) -> Path:
    paint_halves(folder / "skin.png", (200, 20, 20), (20, 20, 200))
    return write_square(folder / "a.fbx", links, **more)


def is_red_left_and_blue_right(pixels: Any) -> bool:
    left, right = pixels[32, 20].astype(int), pixels[32, 44].astype(int)
    return bool(left[0] > 2 * left[2] and right[2] > 2 * right[0])


@pytest.mark.parametrize(
    "purpose", ["DiffuseColor", "Maya|TEX_color_map", "3dsMax|main|base_color_map", "Maya|baseColor", "UE|BaseColor"]
)
def test_the_texture_of_color_is_shown_whatever_the_shader(studio: Any, tmp_path: Path, purpose: str) -> None:
    rows, (pixels,) = studio.render(write_fbx(tmp_path, linked_as(purpose)))
    assert is_red_left_and_blue_right(pixels)
    assert rows[0]["warnings"] == []


def test_the_lowest_of_layered_textures_is_shown(studio: Any, tmp_path: Path) -> None:
    links = 'C: "OO",400,500\n C: "OP",500,300, "DiffuseColor"'
    _, (pixels,) = studio.render(write_fbx(tmp_path, links, more=LAYERED))
    assert is_red_left_and_blue_right(pixels)


def test_a_texture_that_blender_does_not_read_is_named(studio: Any, tmp_path: Path) -> None:
    rows, _ = studio.render(write_fbx(tmp_path, linked_as("Maya|someMask")))
    assert rows[0]["warnings"] == ["material paint: Blender does not read the texture of its Maya|someMask: skin.png"]


def test_a_texture_takes_the_set_of_coordinates_that_it_names(studio: Any, tmp_path: Path) -> None:
    model = write_fbx(tmp_path, linked_as("DiffuseColor"), layers=SECOND_SET, uv_set="second")
    _, (pixels,) = studio.render(model)
    assert is_red_left_and_blue_right(pixels[:, ::-1])
    model = write_fbx(tmp_path, linked_as("DiffuseColor"), layers=SECOND_SET, uv_set="first")
    _, (pixels,) = studio.render(model)
    assert is_red_left_and_blue_right(pixels)


def test_a_file_that_does_not_say_what_is_up_is_named(studio: Any, tmp_path: Path) -> None:
    model = write_fbx(tmp_path, linked_as("DiffuseColor"))
    kept = (line for line in model.read_text().splitlines() if "Axis" not in line)
    model.write_text("\n".join(kept))
    rows, _ = studio.render(model, elevation=60.0)
    (warning,) = rows[0]["warnings"]
    assert "up: y" in warning


@pytest.mark.once
def test_textures_are_read_from_bytes_too(tmp_path: Path) -> None:
    name = ("RelativeFilename", ["maps\\skin.png"])
    objects = (
        ("Material", [300, "paint\0\1Material", ""]),
        ("Texture", [400, "t\0\1Texture", ""], name),
        ("Video", [600, "v\0\1Video", "Clip"], name, ("Content", ["bytes"])),
    )
    link = ("C", ["OP", 400, 300, "Maya|TEX_color_map"])
    data = binary_fbx(7400, ("Objects", [], *objects), ("Connections", [], link))
    (tmp_path / "a.fbx").write_bytes(data)
    found, inside = fbx_textures(tmp_path / "a.fbx")
    assert found == {"paint": [FbxTexture("Maya|TEX_color_map", "maps\\skin.png")]}
    assert inside == {"skin.png"}
