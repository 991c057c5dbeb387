"""Which panoramas the recipe names."""

from __future__ import annotations

from pathlib import Path

from synthmat.errors import RecipeError
from synthmat.recipe.lights import Hdri
from synthmat.stage import resolve_pattern
from synthmat.storage import git_lfs
from synthmat.storage.atomic import sha256_file

BLENDER_HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
_STARTS = {b"#?": ".hdr", b"\x76\x2f\x31\x01": ".exr"}


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
            files = resolve_pattern(base, entry, (".hdr", ".exr"))
            if not files:
                names = ", ".join(BLENDER_HDRIS)
                raise RecipeError(f"render.lights: no panorama at {base / entry}; Blender's own are {names}")
            for file in files:
                _check_start(file)
            found += [(str(file), sha256_file(file)) for file in files]
    if not found:
        raise RecipeError("render.lights: hdri.files is an empty list; leave it out for Blender's own panoramas")
    return found


def _check_start(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(4)
    except OSError as error:
        raise RecipeError(f"render.lights: the panorama {file} cannot be read: {error.strerror}") from None
    if git_lfs.is_pointer_file(file):
        raise RecipeError(f"render.lights: {file}: {git_lfs.REMEDY}")
    if not any(start.startswith(known) for known in _STARTS):
        raise RecipeError(
            f"render.lights: {file} is no {' or '.join(_STARTS.values())} panorama, whatever its name says; "
            "other pictures have their bright spots cut off and cannot light a scene"
        )
