"""Colors and far coordinates of PLY files as Blender's importer does not read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.models.formats.far_coordinates import bounds, is_far
from synthmat.blender_scenes.models.formats.ply_data import read_ply_data
from synthmat.model_files.ply_header import PlyElement, PlyHeader, read_ply_header

_NAMES = (("red", "green", "blue"), ("diffuse_red", "diffuse_green", "diffuse_blue"), ("r", "g", "b"))
_READ = {"uchar", "uint8", "ushort", "uint16", "float", "float32"}
_FULL = {"ushort": 65535.0, "uint16": 65535.0}
_FLOATS = {"float", "float32", "double", "float64"}
_LAYER = "Col"


def complete_ply(path: Path, mesh: bpy.types.Mesh) -> list[str]:
    """Give a mesh that was read from ``path`` the colors and the precision that Blender leaves out; return warnings.

    Colors are those of vertices by other names or types than Blender knows, or those of faces. Coordinates that are
    exact in the file and far from the origin for the mesh's size are read again, with their middle at the origin.
    """
    try:
        header = read_ply_header(path)
        vertices, faces = header.element("vertex"), header.element("face")
        warnings = []
        if vertices is not None and vertices.has("x", "y", "z") and mesh.vertices and is_far(bounds(mesh)):
            _read_exactly(path, header, vertices, mesh)
        found = _unread_colors(vertices, faces)
        if found is not None:
            _color(path, header, mesh, *found)
        elif header.element("material") is not None and not header.textures:
            warnings = ["the colors of its element material are not shown: export it with colors of vertices or faces"]
        return warnings
    except ValueError as error:
        return [f"what Blender does not read of it is not shown: {error}"]


def _unread_colors(vertices: PlyElement | None, faces: PlyElement | None) -> tuple[str, tuple[str, ...]] | None:
    """Return the element and the names of the colors that Blender does not read; None if there are none."""
    for element in (vertices, faces):
        for names in _NAMES:
            if element is not None and element.has(*names):
                kinds = {kind for name, kind, _ in element.properties if name in names}
                if element is vertices and names == _NAMES[0] and kinds <= _READ:
                    return None
                return element.name, names
    return None


def _color(path: Path, header: PlyHeader, mesh: bpy.types.Mesh, name: str, names: tuple[str, ...]) -> None:
    element = header.element(name)
    kinds = {each: kind for each, kind, _ in element.properties} if element is not None else {}
    data = read_ply_data(path, header)[name]
    colors = np.stack([np.asarray(data[each], np.float64) for each in names], axis=-1)
    full = _FULL.get(kinds[names[0]], 255.0)
    if kinds[names[0]] in _FLOATS:
        full = 255.0 if len(colors) and colors.max() > 1.5 else 1.0
    if len(colors) != len(mesh.vertices if name == "vertex" else mesh.polygons):
        raise ValueError("it has colors of other vertices or faces than Blender reads")
    rgba = np.ones((len(colors), 4), np.float32)
    rgba[:, :3] = _linear(np.clip(colors / full, 0, 1))
    while mesh.color_attributes:
        mesh.color_attributes.remove(mesh.color_attributes[0])
    if name == "face":
        rgba = np.repeat(rgba, [len(face.vertices) for face in mesh.polygons], axis=0)
    layer = mesh.color_attributes.new(_LAYER, "FLOAT_COLOR", "POINT" if name == "vertex" else "CORNER")
    layer.data.foreach_set("color", rgba.reshape(-1))


def _read_exactly(path: Path, header: PlyHeader, vertices: PlyElement, mesh: bpy.types.Mesh) -> None:
    kinds = {kind for name, kind, _ in vertices.properties if name in ("x", "y", "z")}
    if header.format != "ascii" and not kinds <= {"double", "float64"}:
        return
    data = read_ply_data(path, header)["vertex"]
    points = np.stack([np.asarray(data[name], np.float64) for name in ("x", "y", "z")], axis=-1)
    if len(points) != len(mesh.vertices):
        return
    points -= (points.min(axis=0) + points.max(axis=0)) / 2
    mesh.vertices.foreach_set("co", points.astype(np.float32).reshape(-1))
    mesh.update()


def _linear(colors: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
