"""Writes a glTF file with three parts, each of which moves in a clip of its own."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

FLOAT, UNSIGNED_SHORT, UNSIGNED_BYTE = 5126, 5123, 5121
SECONDS = 1.0

_CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)], np.float32)
_FACES = [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]


class _Buffer:
    """Accessors on one buffer that lies in the file itself."""

    def __init__(self) -> None:
        self.data = b""
        self.accessors: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []

    def add(self, values: Any, kind: str, component: int) -> int:
        array = np.asarray(values, {FLOAT: np.float32, UNSIGNED_SHORT: np.uint16, UNSIGNED_BYTE: np.uint8}[component])
        rows = array.reshape(len(array), -1)
        self.data += b"\0" * (-len(self.data) % 4)
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": array.nbytes})
        self.data += array.tobytes()
        bounds = {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()} if component == FLOAT else {}
        self.accessors.append(
            {"bufferView": len(self.views) - 1, "componentType": component, "count": len(array), "type": kind, **bounds}
        )
        return len(self.accessors) - 1


def write_animated_gltf(path: Path, *, vanish: bool = False) -> Path:
    """Write three unit cubes, at x = -2, 0 and 2 and a second of movement for each.

    Clip ``slide`` lifts the left one (object) by 3, ``grow`` makes the middle one (shape key) three times as tall,
    ``bend`` turns the right one (armature) by 90 degrees, about an axis along the line of sight through its foot. With
    ``vanish``, all of them shrink to nothing in the one clip there is.
    """
    buffer = _Buffer()
    cube = {
        "attributes": {"POSITION": buffer.add(_CORNERS, "VEC3", FLOAT)},
        "indices": buffer.add(_FACES, "SCALAR", UNSIGNED_SHORT),
    }
    grown = np.where(_CORNERS[:, 1:2] > 0, [[0.0, 2.0, 0.0]], 0.0)
    skinned = {
        "JOINTS_0": buffer.add(np.zeros((8, 4)), "VEC4", UNSIGNED_BYTE),
        "WEIGHTS_0": buffer.add(np.tile([1.0, 0.0, 0.0, 0.0], (8, 1)), "VEC4", FLOAT),
    }
    inverse_bind = np.eye(4)
    inverse_bind[3, :3] = (-2.0, 0.5, 0.0)  # column-major: the joint stands at the foot of its cube
    lifted = _CORNERS + [2.0, 0.0, 0.0]
    content: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0, 1, 2, 3]}],
        "nodes": [
            {"name": "left", "mesh": 0, "translation": [-2, 0, 0]},
            {"name": "middle", "mesh": 1},
            {"name": "right", "mesh": 2, "skin": 0},
            {"name": "joint", "translation": [2, -0.5, 0]},
        ],
        "meshes": [
            {"name": "left", "primitives": [cube]},
            {
                "name": "middle",
                "primitives": [{**cube, "targets": [{"POSITION": buffer.add(grown, "VEC3", FLOAT)}]}],
                "weights": [0.0],
            },
            {
                "name": "right",
                "primitives": [
                    {
                        **cube,
                        "attributes": {"POSITION": buffer.add(lifted, "VEC3", FLOAT), **skinned},
                    }
                ],
            },
        ],
        "skins": [{"joints": [3], "inverseBindMatrices": buffer.add([inverse_bind.ravel()], "MAT4", FLOAT)}],
    }
    times = buffer.add([0.0, SECONDS], "SCALAR", FLOAT)

    def clip(name: str, *moves: tuple[int, str, Any, str]) -> dict[str, Any]:
        return {
            "name": name,
            "channels": [
                {"sampler": i, "target": {"node": node, "path": path}} for i, (node, path, _, _) in enumerate(moves)
            ],
            "samplers": [
                {"input": times, "output": buffer.add(values, kind, FLOAT), "interpolation": "LINEAR"}
                for _, _, values, kind in moves
            ],
        }

    half = np.sqrt(0.5)
    if vanish:
        shrink = [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
        content["animations"] = [clip("vanish", *((node, "scale", shrink, "VEC3") for node in (0, 1, 3)))]
    else:
        content["animations"] = [
            clip("slide", (0, "translation", [[-2, 0, 0], [-2, 3, 0]], "VEC3")),
            clip("grow", (1, "weights", [0.0, 1.0], "SCALAR")),
            clip("bend", (3, "rotation", [[0, 0, 0, 1], [0, 0, -half, half]], "VEC4")),
        ]
    content["accessors"], content["bufferViews"] = buffer.accessors, buffer.views
    uri = "data:application/octet-stream;base64," + base64.b64encode(buffer.data).decode()
    content["buffers"] = [{"byteLength": len(buffer.data), "uri": uri}]
    path.write_text(json.dumps(content))
    return path
