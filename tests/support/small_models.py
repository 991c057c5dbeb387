"""Small models that tests write as text: one square that faces the front, in several formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

USD_SQUARE = """
def Mesh "c" (prepend apiSchemas = ["MaterialBindingAPI"]) {
  int[] faceVertexCounts = [4]
  int[] faceVertexIndices = [0,1,2,3]
  point3f[] points = [(-1,0,-1),(1,0,-1),(1,0,1),(-1,0,1)]
  uniform token subdivisionScheme = "none"
  texCoord2f[] primvars:st = [(0,0),(1,0),(1,1),(0,1)] (interpolation = "vertex")
  %s
}
"""


def paint(path: Path, *color: int) -> Path:
    """Write a picture of one color: gray, RGB or RGBA."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[len(color)]
    Image.new(mode, (8, 8), color[0] if mode == "L" else color).save(path)
    return path


def paint_halves(path: Path, left: Any, right: Any) -> Path:
    """Write a picture of two colors side by side; numbers give a gray picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.empty((8, 8, *np.shape(left)), np.uint8)
    pixels[:, :4], pixels[:, 4:] = left, right
    Image.fromarray(pixels).save(path)
    return path


def write_usda(path: Path, more: str = "", *, square: str = "") -> Path:
    """Write a square in USD with ``square`` among its attributes, and ``more`` beside it."""
    head = '#usda 1.0\n(\n defaultPrim = "W"\n upAxis = "Z"\n)\ndef Xform "W" {\n'
    path.write_text(f"{head}{USD_SQUARE % square}\n{more}\n}}\n")
    return path


def usd_material(**textures: str | float) -> str:
    """Return a material ``M`` whose inputs (``diffuseColor``, ``opacity``, ...) are numbers or texture files."""
    links, shaders = "", ""
    for name, file in textures.items():
        if isinstance(file, float):
            links += f"  float inputs:{name} = {file}\n"
            continue
        color = name.endswith("Color")
        output, kind = ("rgb", "color3f") if color else ("r", "float")
        links += f"  {kind} inputs:{name}.connect = </W/M/{name}.outputs:{output}>\n"
        shaders += (
            f' def Shader "{name}" {{\n  uniform token info:id = "UsdUVTexture"\n  asset inputs:file = @{file}@\n'
            f"  float3 outputs:rgb\n  float outputs:r\n }}\n"
        )
    return (
        'def Material "M" {\n token outputs:surface.connect = </W/M/pbr.outputs:surface>\n def Shader "pbr" {\n'
        f'  uniform token info:id = "UsdPreviewSurface"\n{links}  token outputs:surface\n }}\n{shaders}}}\n'
    )


BOUND = "rel material:binding = </W/M>"


def write_gltf(path: Path, material: dict[str, Any], images: list[dict[str, Any]], **more: Any) -> Path:
    """Write a square in glTF; texture i shows image i, unless ``textures`` says otherwise."""
    points = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], np.float32)
    coordinates = np.array([(0, 1), (1, 1), (1, 0), (0, 0)], np.float32)
    corners = np.array([0, 1, 2, 0, 2, 3], np.uint16)
    colors = np.array(more.pop("colors", np.ones((4, 4))), np.float32)
    arrays = {"points": points, "uv": coordinates, "corners": corners, "colors": colors}
    path.with_suffix(".bin").write_bytes(b"".join(array.tobytes() for array in arrays.values()))
    views, start = [], 0
    for array in arrays.values():
        views.append({"buffer": 0, "byteOffset": start, "byteLength": array.nbytes})
        start += array.nbytes
    kinds = [(5126, 4, "VEC3"), (5126, 4, "VEC2"), (5123, 6, "SCALAR"), (5126, 4, "VEC4")]
    accessors: list[dict[str, Any]] = [
        {"bufferView": i, "componentType": kind, "count": count, "type": shape}
        for i, (kind, count, shape) in enumerate(kinds)
    ]
    accessors[0] |= {"min": [-1, -1, 0], "max": [1, 1, 0]}
    attributes = {"POSITION": 0, "TEXCOORD_0": 1, **({"COLOR_0": 3} if more.pop("colored", False) else {})}
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 2, "material": 0}]}],
        "materials": [material],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"uri": path.with_suffix(".bin").name, "byteLength": start}],
        **({"images": images, "textures": [{"source": i} for i in range(len(images))]} if images else {}),
    }
    path.write_text(json.dumps(document | more))
    return path


OBJ_SQUARE = "v -1 0 0\nv 1 0 0\nv 1 2 0\nv -1 2 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nusemtl a\nf 1/1 2/2 3/3 4/4\n"


def write_obj(path: Path, material: str | None = None, *, head: str | None = None) -> Path:
    """Write a square of the material ``a`` in OBJ, and the library ``square.mtl`` with its ``material``."""
    if material is not None:
        (path.parent / "square.mtl").write_text(f"newmtl a\n{material}\n", encoding="utf-8")
    path.write_text(("mtllib square.mtl\n" if head is None else head) + OBJ_SQUARE, encoding="utf-8")
    return path
