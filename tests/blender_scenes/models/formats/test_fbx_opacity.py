"""FBX: opacity counts whoever made the file; pictures of opacity are no glass."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from support.small_models import paint, paint_halves

from synthmat.blender_scenes.models.formats.fbx_materials import fbx_materials

SQUARE = """; FBX 7.4.0 project file
FBXHeaderExtension:  {
    FBXHeaderVersion: 1003
    FBXVersion: 7400
}
GlobalSettings:  {
    Version: 1000
    Properties70:  {
        P: "UpAxis", "int", "Integer", "",1
        P: "UpAxisSign", "int", "Integer", "",1
        P: "FrontAxis", "int", "Integer", "",2
        P: "FrontAxisSign", "int", "Integer", "",1
        P: "CoordAxis", "int", "Integer", "",0
        P: "CoordAxisSign", "int", "Integer", "",1
    }
}
Objects:  {
    Geometry: 1001, "Geometry::q", "Mesh" {
        Vertices: *12 {
            a: -1,0,0,1,0,0,1,2,0,-1,2,0
        }
        PolygonVertexIndex: *4 {
            a: 0,1,2,-4
        }
        LayerElementUV: 0 {
            Version: 101
            Name: "map1"
            MappingInformationType: "ByPolygonVertex"
            ReferenceInformationType: "Direct"
            UV: *8 {
                a: 0,0,1,0,1,1,0,1
            }
        }
%s        LayerElementMaterial: 0 {
            Version: 101
            MappingInformationType: "AllSame"
            ReferenceInformationType: "IndexToDirect"
            Materials: *1 {
                a: 0
            }
        }
        Layer: 0 {
            Version: 100
            LayerElement:  {
                Type: "LayerElementUV"
                TypedIndex: 0
            }
            LayerElement:  {
                Type: "LayerElementColor"
                TypedIndex: 0
            }
            LayerElement:  {
                Type: "LayerElementMaterial"
                TypedIndex: 0
            }
        }
    }
    Model: 1, "Model::q", "Mesh" {
        Version: 232
    }
    Texture: 60, "Texture::t", "" {
        Type: "TextureVideoClip"
        FileName: "C:\\art\\t.png"
        RelativeFilename: "t.png"
    }
    Material: 50, "Material::skin", "" {
        Version: 102
        ShadingModel: "phong"
        Properties70:  {
            P: "DiffuseColor", "Color", "", "A",1,0,0
%s
        }
    }
}
Connections:  {
    C: "OO",1,0
    C: "OO",1001,1
    C: "OO",50,1
%s
}
"""


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


def write_fbx(path: Path, *, linked: str = "", colored: bool = False, **values: Any) -> Path:
    lines = []
    for name, value in values.items():
        numbers = value if isinstance(value, tuple) else (value,)
        lines.append(f'            P: "{name}", "Number", "", "A",{",".join(map(str, numbers))}')
    link = f'    C: "OP",60,50,"{linked}"' if linked else ""
    path.write_text(SQUARE % (COLORS if colored else "", "\n".join(lines), link))
    return path


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
    rows, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", **values))
    assert rows[0]["warnings"] == []
    assert pixels[32, 32, 3] == pytest.approx(255 * alpha, abs=3)


def test_opacity_counts_beside_a_picture(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "textures" / "t.png", 20, 200, 20)
    _, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", linked="DiffuseColor", Opacity=0.4))
    assert pixels[32, 32, 3] == pytest.approx(102, abs=3)
    assert pixels[32, 32, 1] > 4 * pixels[32, 32, 0]


@pytest.mark.parametrize("linked", ["TransparentColor", "TransparencyFactor"])
@pytest.mark.parametrize("halves", [((51, 51, 51), (255, 255, 255)), ((200, 20, 20, 51), (20, 200, 20, 255))])
@pytest.mark.parametrize("folder", ["", "textures"])
def test_a_picture_of_opacity_is_alpha_and_no_glass(
    studio: Any, tmp_path: Path, linked: str, halves: Any, folder: str
) -> None:
    paint_halves(tmp_path / folder / "t.png", *halves)
    rows, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", linked=linked))
    assert rows[0]["warnings"] == []
    assert pixels[32, 18, 3] == pytest.approx(51, abs=3)
    assert pixels[32, 46, 3] == 255


def test_what_cannot_be_known_is_a_warning_that_names_the_material(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "t.png", 128)
    rows, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", linked="Opacity"))
    assert "material skin: Blender does not read the texture of its Opacity" in rows[0]["warnings"][0]
    rows, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", Opacity=0.0))
    assert "material skin has opacity 0" in rows[0]["warnings"][0]
    assert pixels[32, 32, 3] == 255


def record(name: str, values: list[tuple[str, Any]], inner: list[Any], at: int, *, wide: bool) -> bytes:
    """Return a record of a binary FBX file that begins at an offset; ``inner`` are arguments for those inside it."""
    body = b""
    for kind, value in values:
        body += kind.encode()
        if kind == "S":
            body += struct.pack("<I", len(value)) + value.encode()
        elif kind == "d":
            body += struct.pack("<III", len(value), 0, 8 * len(value)) + struct.pack(f"<{len(value)}d", *value)
        else:
            body += struct.pack({"L": "<q", "D": "<d", "I": "<i"}[kind], value)
    head = "<QQQB" if wide else "<IIIB"
    start = at + struct.calcsize(head) + len(name)
    properties, content = len(body), body
    for each in inner:
        content += record(*each, start + len(content), wide=wide)
    if inner:
        content += bytes(struct.calcsize(head))
    return struct.pack(head, start + len(content), len(values), properties, len(name)) + name.encode() + content


def test_vertex_colors_are_shown_where_there_is_no_texture(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "t.png", 200, 20, 20)
    rows, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", colored=True, DiffuseColor=(1, 1, 1)))
    assert rows[0]["warnings"] == ["material skin has no texture: vertex colors are shown"]
    assert pixels[44, 32, 1] > 1.5 * pixels[44, 32, 2]
    assert pixels[20, 32, 2] > 1.5 * pixels[20, 32, 1]
    _, (pixels,) = studio.render(write_fbx(tmp_path / "q.fbx", colored=True, linked="DiffuseColor"))
    assert pixels[32, 32, 0] > 4 * pixels[32, 32, 1]


@pytest.mark.parametrize("version", [7400, 7500])
def test_binary_files_are_read_too(tmp_path: Path, version: int) -> None:
    number = [("S", ""), ("S", "A")]
    properties = [
        ("P", [("S", "TransparencyFactor"), ("S", "Number"), *number, ("D", 0.6)], []),
        ("P", [("S", "TransparentColor"), ("S", "Color"), *number, ("D", 1.0), ("D", 1.0), ("D", 1.0)], []),
    ]
    objects = [
        ("Geometry", [("L", 7), ("S", "q\0\1Geometry"), ("S", "Mesh")], [("Vertices", [("d", [1.0, 2.0])], [])]),
        ("Material", [("L", 50), ("S", "skin\0\1Material"), ("S", "")], [("Properties70", [], properties)]),
    ]
    links = [("C", [("S", "OP"), ("L", 60), ("L", 50), ("S", "3dsMax|Parameters|cutout_map")], [])]
    data = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", version)
    for top in (("Objects", [], objects), ("Connections", [], links)):
        data += record(*top, len(data), wide=version >= 7500)
    (tmp_path / "q.fbx").write_bytes(data + bytes(25))
    (material,) = fbx_materials(tmp_path / "q.fbx")
    assert (material.name, material.texture) == ("skin", "3dsMax|Parameters|cutout_map")
    assert material.opacity == pytest.approx(0.4)
    (tmp_path / "q.fbx").write_bytes(data[:300])
    assert len(fbx_materials(tmp_path / "q.fbx")) <= 1
