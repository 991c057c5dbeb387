"""Writes small glTF files whose every number is chosen: winding, normals, sides, scenes, extensions."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

YELLOW, BLACK, BLUE, RED = ([1.0, 0.8, 0.1, 1.0], [0.0, 0.0, 0.0, 1.0], [0.1, 0.2, 1.0, 1.0], [1.0, 0.05, 0.05, 1.0])
FRONT = [[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]
"""Corners of a square that faces the camera at azimuth 0, counter-clockwise."""

Primitive = dict[str, Any]


def material(color: list[float], *, double_sided: bool = False, **more: Any) -> dict[str, Any]:
    """Return a matt material."""
    plain = {"baseColorFactor": color, "metallicFactor": 0.0, "roughnessFactor": 1.0}
    return {"pbrMetallicRoughness": plain, "doubleSided": double_sided, **more}


def quads(corners: Any, normals: Any, paint: dict[str, Any], *, reverse: bool = False) -> Primitive:
    """Return quads, ``corners`` (N, 4, 3) counter-clockwise unless ``reverse``, each with one of ``normals`` (N, 3)."""
    points = np.array(corners, np.float32).reshape(-1, 3)
    triangles = np.array([[0, 1, 2], [0, 2, 3]]) + 4 * np.arange(len(points) // 4)[:, None, None]
    triangles = triangles.reshape(-1, 3)[:, ::-1] if reverse else triangles.reshape(-1, 3)
    return {
        "points": points,
        "normals": np.repeat(np.array(normals, np.float32), 4, 0),
        "faces": triangles,
        "paint": paint,
    }


def square(paint: dict[str, Any], *, size: float = 1.0, z: float = 0.0, reverse: bool = False) -> Primitive:
    """Return a square that faces the front, or the back."""
    corners = [[x * size, y * size, z] for x, y, _ in FRONT]
    return quads([corners], [[0, 0, -1 if reverse else 1]], paint, reverse=reverse)


def cube(
    paint: dict[str, Any], *, size: float = 1.0, x: float = 0.0, inwards: bool = False, normals_inwards: bool = False
) -> Primitive:
    """Return a cube whose winding, and whose normals, show outwards or inwards."""
    corners, normals = [], []
    for axis in range(3):
        for sign in (1.0, -1.0):
            face = np.zeros((4, 3))
            face[:, axis] = sign
            face[:, (axis + 1) % 3] = [-1, 1, 1, -1] if sign > 0 else [1, -1, -1, 1]
            face[:, (axis + 2) % 3] = [-1, -1, 1, 1]
            corners.append(face * size / 2 + [x, 0, 0])
            normal = np.zeros(3)
            normal[axis] = -sign if normals_inwards else sign
            normals.append(normal)
    return quads(corners, normals, paint, reverse=inwards)


def write_gltf(
    path: Path, meshes: list[list[Primitive]], nodes: list[dict[str, Any]] | None = None, **more: Any
) -> Path:
    """Write a glTF file of meshes, and of ``nodes``, one for each mesh by default; all are in the only scene.

    ``more`` replaces or adds to the file's other entries; None takes one away.
    """
    data = b""
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    materials: list[dict[str, Any]] = []

    def accessor(values: Any, kind: str, **bounds: Any) -> int:
        nonlocal data
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": values.nbytes})
        data += values.tobytes()
        component = 5125 if kind == "SCALAR" else 5126
        accessors.append(
            {"bufferView": len(views) - 1, "componentType": component, "count": len(values), "type": kind, **bounds}
        )
        return len(accessors) - 1

    written = []
    for mesh in meshes:
        primitives = []
        for part in mesh:
            points = part["points"]
            bounds = {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
            attributes = {"POSITION": accessor(points, "VEC3", **bounds)}
            if part["normals"] is not None:
                attributes["NORMAL"] = accessor(part["normals"], "VEC3")
            if part["paint"] not in materials:
                materials.append(part["paint"])
            indices = accessor(part["faces"].astype(np.uint32).reshape(-1), "SCALAR")
            primitives.append(
                {"attributes": attributes, "indices": indices, "material": materials.index(part["paint"])}
            )
        written.append({"primitives": primitives})
    nodes = [{"mesh": i} for i in range(len(meshes))] if nodes is None else nodes
    uri = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    content = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": written,
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(data), "uri": uri}],
    }
    path.write_text(json.dumps({key: value for key, value in (content | more).items() if value is not None}))
    return path
