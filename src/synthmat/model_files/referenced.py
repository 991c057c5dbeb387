"""Which files a model refers to, as far as that can be read without Blender."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from synthmat.model_files.gltf_json import GLTF_SUFFIXES, read_gltf_json
from synthmat.model_files.obj_libraries import library_lines, obj_materials, texture_of
from synthmat.model_files.ply_header import read_ply_header
from synthmat.model_files.texture_files import files_at, find_texture, place_of
from synthmat.model_files.usd_layers import usd_files


def referenced_files(model: Path) -> set[Path]:
    """Return the files that a glTF, GLB, OBJ, PLY or USD model refers to, whether they exist or not.

    Where one is not at its place but found by its name, as Blender's workers find it, that file is meant.
    """
    suffix = model.suffix.lower()
    if suffix.startswith(".usd"):
        return {path if files_at(path) else find_texture(path.name, model) or path for path in usd_files(model)}
    if suffix == ".obj":
        return _obj_files(model)
    names: set[str] = set()
    if suffix == ".ply":
        names = _ply_textures(model)
    elif suffix in GLTF_SUFFIXES:
        names = _gltf_uris(model)
    return {place_of(name, model) for name in names}


def _gltf_uris(model: Path) -> set[str]:
    try:
        document = read_gltf_json(model)
        entries = [*document.get("buffers", []), *document.get("images", [])]
        uris = [entry["uri"] for entry in entries if isinstance(entry.get("uri"), str)]
    except (AttributeError, TypeError):
        return set()  # not readable as glTF: the import will say so
    return {unquote(uri) for uri in uris if not uri.startswith(("data:", "http:", "https:"))}


def _ply_textures(model: Path) -> set[str]:
    try:
        return set(read_ply_header(model).textures)
    except ValueError:
        return set()


def _obj_files(model: Path) -> set[Path]:
    """Return the material libraries of an OBJ file and their textures."""
    libraries = [path for _, path in obj_materials(model).libraries]
    textures = [
        texture_of(line, model, library)
        for library in libraries
        if files_at(library)
        for line in library_lines(library)
    ]
    return {*libraries, *(texture[2] for texture in textures if texture is not None)}
