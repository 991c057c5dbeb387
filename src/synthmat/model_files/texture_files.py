"""Where the texture files of a model are: at the place that it states, or else by their name beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from synthmat.model_files.boundary import may_read
from synthmat.storage.atomic import sha256_file

FOLDERS = ("textures", "texture", "tex", "maps", "images")
"""Sub-folders beside a model in which its textures are looked for, in lower case."""

NAMED_IN_THE_OPEN = (".gltf", ".glb", ".vrm", ".obj", ".ply")
"""Formats that name their other files where they can be read without Blender."""


def files_at(path: Path) -> list[Path]:
    """Return the file at ``path``, or the tiles where its name holds ``<UDIM>`` or ``<UVTILE>``; none for no path.

    Nor for files that the model has no business with: see `synthmat.model_files.boundary`.
    """
    try:
        if path.is_file():
            return [path] if may_read(path) else []
        return [tile for tile in sorted(path.parent.glob(_tile_pattern(path.name))) if may_read(tile)]
    except (OSError, ValueError):
        return []


def place_of(stated: str, model: Path) -> Path:
    """Return where the file is that ``model`` states, by a path from its folder: there, or else beside the model.

    The path may have the backslashes of another system.
    """
    path = model.parent / stated
    for place in (path, model.parent / stated.replace("\\", "/")):
        if files_at(place):
            return place
    return find_texture(stated, model) or path


def state_of(path: Path) -> str:
    """Return a hash of the file or the tiles at ``path``; ``missing`` or ``unreadable`` where there is none."""
    try:
        files = files_at(path)
        hashes = "".join(sha256_file(file) for file in files)
    except OSError:
        return "unreadable"
    return hashlib.sha256(hashes.encode()).hexdigest() if files else "missing"


def find_texture(stated: str, model: Path) -> Path | None:
    """Return the path whose name is that of ``stated``, in upper or lower case, beside the model or in a sub-folder.

    ``stated`` may be a path of another system. None if there is no such file; see `files_at` for textures in tiles.
    """
    name = re.split(r"[\\/]", stated)[-1]
    tiles = _tile_pattern(name.lower())
    places = [place for place in sorted(model.parent.iterdir()) if place.is_dir() and place.name.lower() in FOLDERS]
    for folder in (model.parent, *places):
        for file in sorted(folder.iterdir()):
            if file.name.lower() == name.lower() and file.is_file():
                return file
        if tiles != _literal(name.lower()) and any(folder.glob(tiles)):
            return folder / name
    return None


def _tile_pattern(name: str) -> str:
    return re.sub(r"<udim>|<uvtile>", "*", _literal(name), flags=re.IGNORECASE)


def _literal(name: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", name)
