"""Where the texture files of a model are: at the place that it states, or else by their name beside it."""

from __future__ import annotations

import re
from pathlib import Path

FOLDERS = ("textures", "texture", "tex", "maps", "images")
"""Sub-folders beside a model in which its textures are looked for, in lower case."""


def files_at(path: Path) -> list[Path]:
    """Return the file at ``path``, or the tiles where its name holds ``<UDIM>`` or ``<UVTILE>``; none for no path."""
    try:
        return [path] if path.is_file() else sorted(path.parent.glob(_tile_pattern(path.name)))
    except (OSError, ValueError):
        return []


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
