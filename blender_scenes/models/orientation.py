"""Stands a model up that lies down: another axis of its file upwards, and any turn after that."""

from __future__ import annotations

import math
import re
from pathlib import Path

import bpy
import mathutils

from synthmat.blender_scenes.models.normalization import collect

_UP = {".glb": "y", ".gltf": "y", ".obj": "y", ".stl": "z", ".ply": "z", ".blend": "z"}
_AXES = "xyz"
_ASCII_UP = re.compile(rb'P: "UpAxis", "int", "[^"]*", "[^"]*", *(\d)')
_BINARY_UP = re.compile(rb"S\x06\0\0\0UpAxisS\x03\0\0\0intS.\0\0\0[^\0]{0,15}?S.\0\0\0[^\0]{0,15}?I(.)", re.DOTALL)


def rotate_model(path: Path, up: str, rotate: tuple[float, float, float]) -> None:
    """Turn all that the scene holds, the model of a file, as a whole; see `records.Asset`."""
    rotation = mathutils.Euler([math.radians(angle) for angle in rotate], "XYZ").to_matrix()
    own = up_axis(path)
    if up != "auto" and up != own:
        # About the axis to the right, about which Blender's importers convert between Y up and Z up.
        rotation = rotation @ mathutils.Matrix.Rotation(math.radians(90 if up == "y" else -90), 3, "X")
    place = collect(bpy.context.scene, "synthmat turned")
    place.rotation_euler = rotation.to_euler("XYZ")


def up_axis(path: Path) -> str:
    """Return which axis of a file points upwards by its format, or by what it says: ``x``, ``y`` or ``z``.

    USD files, which are not read here, count as if they had Z.
    """
    if path.suffix.lower() != ".fbx":
        return _UP.get(path.suffix.lower(), "z")
    data = path.read_bytes()
    found = _ASCII_UP.search(data)
    number = int(found[1]) if found else 1
    if data.startswith(b"Kaydara FBX Binary"):
        found = _BINARY_UP.search(data)
        number = found[1][0] if found else 1
    return _AXES[number] if number < len(_AXES) else "y"
