"""From the recipe's ``objects`` to a list of assets with unique, safe names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from synthmat.errors import RecipeError
from synthmat.generator.fingerprint import fingerprint
from synthmat.random_streams import stream
from synthmat.recipe import Recipe
from synthmat.recipe.objects import Builtin, ModelFile
from synthmat.records import Asset
from synthmat.stage import resolve_pattern

MODEL_SUFFIXES = (".glb", ".gltf", ".obj", ".fbx", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz", ".blend")
_SAY_NOTHING = {"scene", "model", "source", "untitled", "object", "mesh", "asset"}
_LONGEST_NAME = 80


class _About(NamedTuple):
    license: str | None
    source: str | None
    split: str | None


def plan_assets(recipe: Recipe, base: Path) -> list[Asset]:
    """Return every object of the recipe, in the recipe's order; a file that is named twice counts once.

    Raises:
        RecipeError: A file is missing, a pattern matches nothing, or a file has no known format.
    """
    assets: list[Asset] = []
    files: dict[Path, tuple[str | None, _About]] = {}
    for position, entry in enumerate(recipe.objects):
        about = _About(entry.license, entry.source, entry.split)
        if isinstance(entry, Builtin):
            assets += [_builtin(recipe.seed, entry, variant, about) for variant in range(entry.count)]
            continue
        given = entry.name if isinstance(entry, ModelFile) else None
        patterns = entry.model if isinstance(entry, ModelFile) else entry.models
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            found = resolve_pattern(base, pattern, MODEL_SUFFIXES)
            if not found:
                raise RecipeError(f"objects.{position}: no model at {base / pattern}")
            for path in found:
                if path.suffix.lower() not in MODEL_SUFFIXES:
                    known = ", ".join(MODEL_SUFFIXES)
                    raise RecipeError(f"objects.{position}: {path} has no known format; known: {known}")
                files.setdefault(path, (given, about))
    names = _unique_names({path: given for path, (given, _) in files.items()}, base)
    taken = {asset.name for asset in assets}
    for path, (_, about) in files.items():
        name = names[path] if names[path] not in taken else f"{names[path]}_{_short_hash(path, base)}"
        assets.append(Asset(name=name, path=str(path), fingerprint=fingerprint(path), **about._asdict()))
    repeated = [name for name, count in Counter(asset.name for asset in assets).items() if count > 1]
    if repeated:
        raise RecipeError(f"objects: two entries have the name {repeated[0]}; give one of them another `name`")
    return assets


def safe_name(text: str) -> str:
    """Return ``text`` as a name for files: letters, digits, ``_``, ``-`` and inner dots, at most 80 characters."""
    name = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFKC", text)).strip("._-")
    return name[:_LONGEST_NAME] or "object"


def _builtin(seed: int, entry: Builtin, variant: int, about: _About) -> Asset:
    name = safe_name(entry.name or entry.builtin)
    if entry.count > 1:
        # Of one width whatever the count is, so that a higher count keeps the first variants as they are.
        name = f"{name}_{variant:03d}"
    drawn = int(stream(seed, "builtin", entry.builtin, entry.name or "", variant).integers(2**31))
    return Asset(
        name=name,
        builtin=entry.builtin,
        builtin_seed=drawn,
        fingerprint=f"{entry.builtin}:{drawn}",
        license=about.license or "CC0-1.0",
        source=about.source or "made by synthmat",
        split=about.split,
    )


def _unique_names(files: dict[Path, str | None], base: Path) -> dict[Path, str]:
    """Name each file after its stem, or its folder where the stem says nothing; a hash tells namesakes apart."""
    names = {}
    for path, given in files.items():
        stem = path.parent.name if path.stem.lower() in _SAY_NOTHING else path.stem
        names[path] = safe_name(given or stem)
    # Compared without case, since Windows and macOS keep `Fox` and `fox` in one folder.
    shared = {name for name, count in Counter(name.casefold() for name in names.values()).items() if count > 1}
    return {
        path: f"{name}_{_short_hash(path, base)}" if name.casefold() in shared else name for path, name in names.items()
    }


def _short_hash(path: Path, base: Path) -> str:
    relative = path.relative_to(base.absolute()) if path.is_relative_to(base.absolute()) else path
    return hashlib.sha256(relative.as_posix().encode()).hexdigest()[:6]
