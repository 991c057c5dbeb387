"""Which panoramas the recipe names."""

from __future__ import annotations

from pathlib import Path

from synthmat.errors import AssetError, RecipeError
from synthmat.images.panorama_kind import SUFFIXES, panorama_kind
from synthmat.recipe.lights import Hdri
from synthmat.stage import resolve_pattern
from synthmat.storage.atomic import sha256_file

BLENDER_HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


def list_panoramas(hdri: Hdri, base: Path) -> list[tuple[str, str]]:
    """Return the file or name, and the fingerprint, of each panorama that may be drawn.

    Raises:
        RecipeError: An entry names no panorama, or a file that is none, whatever its name says.
    """
    found: list[tuple[str, str]] = []
    for entry in [hdri.files] if isinstance(hdri.files, str) else hdri.files:
        if entry == "all":
            found += [(name, name) for name in BLENDER_HDRIS]
        elif entry in BLENDER_HDRIS:
            found.append((entry, entry))
        else:
            files = resolve_pattern(base, entry, SUFFIXES)
            if not files:
                names = ", ".join(BLENDER_HDRIS)
                raise RecipeError(f"render.lights: no panorama at {base / entry}; Blender's own are {names}")
            for file in files:
                try:
                    panorama_kind(file)
                except AssetError as error:
                    raise RecipeError(f"render.lights: {error}") from None
            found += [(str(file), sha256_file(file)) for file in files]
    if not found:
        raise RecipeError("render.lights: hdri.files is an empty list; leave it out for Blender's own panoramas")
    return found
