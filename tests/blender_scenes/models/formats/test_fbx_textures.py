"""FBX: textures of shaders that Blender's importer does not know, in layers, and by another set of coordinates."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
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
SQUARE = """; FBX 7.4.0 project file
FBXHeaderExtension: {
 FBXVersion: 7400
}
GlobalSettings: {
 Properties70: {
  P: "UpAxis", "int", "Integer", "",1
  P: "UpAxisSign", "int", "Integer", "",1
  P: "FrontAxis", "int", "Integer", "",2
  P: "FrontAxisSign", "int", "Integer", "",1
  P: "CoordAxis", "int", "Integer", "",0
  P: "CoordAxisSign", "int", "Integer", "",1
 }
}
Objects: {
 Geometry: 100, "Geometry::g", "Mesh" {
  Vertices: *12 {
   a: -1,0,0,1,0,0,1,2,0,-1,2,0
  }
  PolygonVertexIndex: *4 {
   a: 0,1,2,-4
  }
  LayerElementUV: 0 {
   Name: "first"
   MappingInformationType: "ByPolygonVertex"
   ReferenceInformationType: "Direct"
   UV: *8 {
    a: 0,0,1,0,1,1,0,1
   }
  }
  Layer: 0 {
   LayerElement: {
    Type: "LayerElementUV"
    TypedIndex: 0
   }
  }
  %(sets)s
 }
 Model: 200, "Model::m", "Mesh" {
 }
 Material: 300, "Material::paint", "" {
  Properties70: {
   P: "DiffuseColor", "Color", "", "A",1,1,1
  }
 }
 Texture: 400, "Texture::t", "" {
  FileName: "C:\\art\\skin.png"
  RelativeFilename: "skin.png"
  Properties70: {
   P: "UVSet", "KString", "", "", "%(uv_set)s"
  }
 }
 %(more)s
}
Connections: {
 C: "OO",200,0
 C: "OO",100,200
 C: "OO",300,200
 %(links)s
}
"""


def write_fbx(folder: Path, links: str, *, sets: str = "", uv_set: str = "default", more: str = "") -> Path:
    paint_halves(folder / "skin.png", (200, 20, 20), (20, 20, 200))
    path = folder / "a.fbx"
    path.write_text(SQUARE % {"links": links, "sets": sets, "uv_set": uv_set, "more": more})
    return path


def linked_as(purpose: str) -> str:
    return f'C: "OP",400,300, "{purpose}"'


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
    model = write_fbx(tmp_path, linked_as("DiffuseColor"), sets=SECOND_SET, uv_set="second")
    _, (pixels,) = studio.render(model)
    assert is_red_left_and_blue_right(pixels[:, ::-1])
    model = write_fbx(tmp_path, linked_as("DiffuseColor"), sets=SECOND_SET, uv_set="first")
    _, (pixels,) = studio.render(model)
    assert is_red_left_and_blue_right(pixels)


def test_a_file_that_does_not_say_what_is_up_is_named(studio: Any, tmp_path: Path) -> None:
    model = write_fbx(tmp_path, linked_as("DiffuseColor"))
    kept = (line for line in model.read_text().splitlines() if "Axis" not in line)
    model.write_text("\n".join(kept))
    rows, _ = studio.render(model, elevation=60.0)
    (warning,) = rows[0]["warnings"]
    assert "up: y" in warning


def record(name: bytes, values: list[Any], *inside: bytes, start: int = 0) -> bytes:
    """Return a record of a binary file of version 7400 that begins at byte ``start`` of it; strings and ids only."""
    packed = b""
    for value in values:
        text = value.encode() if isinstance(value, str) else b""
        packed += (
            struct.pack("<cq", b"L", value) if isinstance(value, int) else struct.pack("<cI", b"S", len(text)) + text
        )
    head = 13 + len(name) + len(packed)
    body = b"".join(inside) + (b"\0" * 13 if inside else b"")
    return struct.pack("<IIIB", start + head + len(body), len(values), len(packed), len(name)) + name + packed + body


@pytest.mark.once
def test_textures_are_read_from_bytes_too(tmp_path: Path) -> None:
    def at(start: int, name: bytes, values: list[Any], *parts: Any) -> bytes:
        """Lay out a record and what is in it, each ``(name, values, *parts)``, where they come to lie."""
        empty = record(name, values, start=start)
        inside: list[bytes] = []
        place = start + len(empty)
        for part in parts:
            inside.append(at(place, *part))
            place += len(inside[-1])
        return record(name, values, *inside, start=start)

    data = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 7400)
    texture = (b"RelativeFilename", ["maps\\skin.png"])
    data += at(
        len(data),
        b"Objects",
        [],
        (b"Material", [300, "paint\0\1Material", ""]),
        (b"Texture", [400, "t\0\1Texture", ""], texture),
        (b"Video", [600, "v\0\1Video", "Clip"], (b"RelativeFilename", ["maps\\skin.png"]), (b"Content", ["bytes"])),
    )
    data += at(len(data), b"Connections", [], (b"C", ["OP", 400, 300, "Maya|TEX_color_map"]))
    (tmp_path / "a.fbx").write_bytes(data + b"\0" * 13)
    found, inside = fbx_textures(tmp_path / "a.fbx")
    assert found == {"paint": [FbxTexture("Maya|TEX_color_map", "maps\\skin.png")]}
    assert inside == {"skin.png"}
