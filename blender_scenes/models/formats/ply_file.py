"""Textures of PLY files, as MeshLab and photogrammetry write them; Blender's importer leaves them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.models.formats.ply_data import Column, read_ply_data
from synthmat.model_files.ply_header import PlyHeader, read_ply_header
from synthmat.model_files.texture_files import place_of

_PAIRS = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"), ("texture_s", "texture_t"))
_CORNERS = ("vertex_indices", "vertex_index")
_UV_MAP = "UVMap"


def add_ply_textures(path: Path, mesh: bpy.types.Mesh) -> list[str]:
    """Give a mesh that was read from ``path`` the textures that the file names, and return warnings.

    Coordinates are those of the vertices or of the corners of faces; ``texnumber`` chooses among several textures.
    """
    try:
        header = read_ply_header(path)
    except ValueError as error:
        return [f"its textures are not shown, if it has any: {error}"]
    try:
        if not header.textures:
            return []
        uv = _coordinates(path, header, mesh)
        numbers = _texture_numbers(path, header, mesh)
    except ValueError as error:
        return [f"its texture {', '.join(header.textures)} is not shown: {error}"]
    layer = mesh.uv_layers.get(_UV_MAP) or mesh.uv_layers.new(name=_UV_MAP)
    layer.uv.foreach_set("vector", uv.astype(np.float32).reshape(-1))
    mesh.materials.clear()
    for name in header.textures:
        mesh.materials.append(_material(place_of(name, path), Path(name).name))
    mesh.polygons.foreach_set("material_index", np.clip(numbers, 0, len(header.textures) - 1).astype(np.int32))
    mesh.update()
    return []


def _coordinates(path: Path, header: PlyHeader, mesh: bpy.types.Mesh) -> npt.NDArray[Any]:
    """Return the texture coordinates of all corners of a mesh, (N, 2).

    Raises:
        ValueError: The file has none, or not those of this mesh.
    """
    faces, vertices = header.element("face"), header.element("vertex")
    if faces is not None and faces.has("texcoord"):
        data = read_ply_data(path, header)["face"]
        uv = _joined(data["texcoord"]).reshape(-1, 2)
        corners = next((_joined(data[name]) for name in _CORNERS if name in data), np.empty(0))
        if len(uv) != len(mesh.loops) or not np.array_equal(corners, _corners_of(mesh)):
            raise ValueError("it has coordinates for other faces than Blender reads")
        return uv
    for pair in _PAIRS:
        if vertices is not None and vertices.has(*pair):
            data = read_ply_data(path, header)["vertex"]
            of_vertices = np.stack([np.asarray(data[name], np.float64) for name in pair], axis=-1)
            if len(of_vertices) != len(mesh.vertices):
                raise ValueError("it has coordinates for other vertices than Blender reads")
            return np.asarray(of_vertices[_corners_of(mesh)])
    raise ValueError("it has no texture coordinates (s t, u v, texture_u texture_v, or texcoord of faces)")


def _texture_numbers(path: Path, header: PlyHeader, mesh: bpy.types.Mesh) -> npt.NDArray[Any]:
    faces = header.element("face")
    if len(header.textures) == 1 or faces is None or not faces.has("texnumber"):
        return np.zeros(len(mesh.polygons), np.int32)
    return np.asarray(read_ply_data(path, header)["face"]["texnumber"])


def _joined(column: Column) -> npt.NDArray[Any]:
    return column.reshape(-1) if isinstance(column, np.ndarray) else np.concatenate(column)


def _corners_of(mesh: bpy.types.Mesh) -> npt.NDArray[np.int32]:
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    return corners


def _material(picture: Path, name: str) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    tree = node_tree(material)
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    shader.inputs["Roughness"].default_value = 0.5
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.new(name, 1, 1)
    node.image.source = "FILE"
    node.image.filepath = str(picture.absolute())
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    return material
