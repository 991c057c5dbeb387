"""A square of one material with a texture as an FBX file of text, and FBX files of bytes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

_SQUARE = """; FBX 7.4.0 project file
FBXHeaderExtension: {
 FBXHeaderVersion: 1003
 FBXVersion: 7400
}
GlobalSettings: {
 Version: 1000
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
   Version: 101
   Name: "first"
   MappingInformationType: "ByPolygonVertex"
   ReferenceInformationType: "Direct"
   UV: *8 {
    a: 0,0,1,0,1,1,0,1
   }
  }
  LayerElementMaterial: 0 {
   Version: 101
   MappingInformationType: "AllSame"
   ReferenceInformationType: "IndexToDirect"
   Materials: *1 {
    a: 0
   }
  }
  Layer: 0 {
   Version: 100
   LayerElement: {
    Type: "LayerElementUV"
    TypedIndex: 0
   }
   LayerElement: {
    Type: "LayerElementColor"
    TypedIndex: 0
   }
   LayerElement: {
    Type: "LayerElementMaterial"
    TypedIndex: 0
   }
  }
  %(layers)s
 }
 Model: 200, "Model::m", "Mesh" {
  Version: 232
 }
 Material: 300, "Material::paint", "" {
  Version: 102
  ShadingModel: "phong"
  Properties70: {
   P: "DiffuseColor", "Color", "", "A",1,1,1
   %(properties)s
  }
 }
 Texture: 400, "Texture::t", "" {
  Type: "TextureVideoClip"
  FileName: "C:\\\\art\\\\skin.png"
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


def linked_as(purpose: str) -> str:
    """Return the connection of the texture with a property of the material."""
    return f'C: "OP",400,300, "{purpose}"'


def write_square(
    path: Path, links: str = "", *, layers: str = "", uv_set: str = "default", more: str = "", **values: Any
) -> Path:
    """Write a white square 2 by 2 of the material ``paint``, whose texture 400 is ``skin.png``.

    Args:
        path: The file.
        links: Further connections, see `linked_as`.
        layers: Further elements of its geometry 100, such as colors and coordinates.
        uv_set: Name of the coordinates that the texture takes.
        more: Further objects.
        values: Numbers of the material by name.
    """
    properties = [
        f'P: "{name}", "Number", "", "A",{",".join(map(str, value if isinstance(value, tuple) else (value,)))}'
        for name, value in values.items()
    ]
    parts = {"links": links, "layers": layers, "uv_set": uv_set, "more": more, "properties": "\n   ".join(properties)}
    path.write_text(_SQUARE % parts)
    return path


def binary_fbx(version: int, *records: tuple[Any, ...]) -> bytes:
    """Return a file of bytes; a record is its name, its values, and the records inside it.

    Values are texts, whole numbers (ids of 64 bits), numbers and lists of numbers.
    """
    data = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", version)
    for each in records:
        data += _record(each, len(data), wide=version >= 7500)
    return data + bytes(25)


def _record(record: tuple[Any, ...], at: int, *, wide: bool) -> bytes:
    name, values, *inner = record
    head = "<QQQB" if wide else "<IIIB"
    packed = b"".join(map(_value, values))
    start = at + struct.calcsize(head) + len(name)
    content = packed
    for each in inner:
        content += _record(each, start + len(content), wide=wide)
    if inner:
        content += bytes(struct.calcsize(head))
    return struct.pack(head, start + len(content), len(values), len(packed), len(name)) + name.encode() + content


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return b"S" + struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(value, list):
        return b"d" + struct.pack(f"<III{len(value)}d", len(value), 0, 8 * len(value), *value)
    return b"L" + struct.pack("<q", value) if isinstance(value, int) else b"D" + struct.pack("<d", value)
