"""From the recipe's ``objects`` to a list of assets with unique, safe names."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from synthmat.errors import RecipeError
from synthmat.generator.fingerprint import fingerprint
from synthmat.generator.groups import plan_group
from synthmat.generator.provenance import provenance
from synthmat.random_streams import stream
from synthmat.recipe import Recipe, draw
from synthmat.recipe.objects import Builtin, Group, ModelFile, ModelFiles, ObjectSource
from synthmat.records import Asset
from synthmat.stage import resolve_pattern

MODEL_SUFFIXES = (".glb", ".gltf", ".vrm", ".obj", ".fbx", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz", ".blend")
_SAY_NOTHING = {"scene", "model", "source", "untitled", "object", "mesh", "asset"}
_LONGEST_NAME = 80


class _About(NamedTuple):
    license: str | None
    source: str | None
    split: str | None


def plan_assets(recipe: Recipe, base: Path) -> list[Asset]:
    """Return every object of the recipe, built-in ones first; a file that is named twice counts once.

    Raises:
        RecipeError: A file is missing, a pattern matches nothing, or a file has no known format.
    """
    assets = _plan_entries(recipe.seed, recipe.objects, base)
    alone = {asset.fingerprint: asset.split for asset in assets if asset.builtin is None}
    for position, entry in enumerate(recipe.objects):
        if isinstance(entry, Group):
            candidates = _plan_entries(
                recipe.seed, entry.group, base, group=entry.name, where=f"objects.{position}.group"
            )
            for candidate in candidates:
                if candidate.fingerprint in alone and (
                    entry.split is None or alone[candidate.fingerprint] != entry.split
                ):
                    raise RecipeError(
                        f"objects.{position}: {candidate.path} is an object of its own and in a group too, so that "
                        "training and test could share it; give both entries the same `split`"
                    )
            names = _numbered(safe_name(entry.name), entry.count)
            groups = (plan_group(recipe.seed, entry, name, candidates) for name in names)
            assets += [_with_look(recipe.seed, group, entry) for group in groups]
    repeated = [name for name, count in Counter(asset.name for asset in assets).items() if count > 1]
    if repeated:
        raise RecipeError(f"objects: two entries have the name {repeated[0]}; give one of them another `name`")
    return assets


def _plan_entries(
    seed: int, entries: Sequence[ObjectSource], base: Path, *, group: str = "", where: str = "objects"
) -> list[Asset]:
    """Return the assets of all entries that are no groups; those of a group are other variants than those outside."""
    assets: list[Asset] = []
    files: dict[Path, tuple[ModelFile | ModelFiles, _About]] = {}
    for position, entry in enumerate(entries):
        if isinstance(entry, Group):
            continue
        about = _About(entry.license, entry.source, entry.split)
        if isinstance(entry, Builtin):
            variants = _numbered(safe_name(entry.name or entry.builtin), entry.count)
            made = (_builtin(seed, entry, number, name, about, group) for number, name in enumerate(variants))
            assets += [_with_look(seed, asset, entry) for asset in made]
            continue
        patterns = entry.model if isinstance(entry, ModelFile) else entry.models
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            found = resolve_pattern(base, pattern, MODEL_SUFFIXES)
            if not found:
                raise RecipeError(f"{where}.{position}: no model at {base / pattern}")
            for path in found:
                if path.suffix.lower() not in MODEL_SUFFIXES:
                    known = ", ".join(MODEL_SUFFIXES)
                    raise RecipeError(f"{where}.{position}: {path} has no known format; known: {known}")
                files.setdefault(path, (entry, about))
    given = {path: entry.name if isinstance(entry, ModelFile) else None for path, (entry, _) in files.items()}
    names = _unique_names(given, base)
    taken = {asset.name for asset in assets}
    for path, (entry, about) in files.items():
        name = names[path]
        if taken & set(_numbered(name, entry.variants)):
            name = f"{name}_{_short_hash(path, base)}"
        model = Asset(
            name=name, path=str(path), fingerprint=fingerprint(path), identity=name, **_as_told(path, about)._asdict()
        )
        copies = (dataclasses.replace(model, name=variant) for variant in _numbered(name, entry.variants))
        assets += [_with_look(seed, asset, entry) for asset in copies]
    return assets


def _as_told(path: Path, about: _About) -> _About:
    """Fill what the recipe leaves open of licence and source with what the file itself says."""
    own = provenance(path)
    return about._replace(license=about.license or own.license, source=about.source or own.source)


def _with_look(seed: int, asset: Asset, entry: ObjectSource) -> Asset:
    if entry.looks is None:
        return asset
    degree = draw(entry.looks, stream(seed, "object", asset.name, "look"), 0, 1)
    return dataclasses.replace(asset, look_degree=degree)


def safe_name(text: str) -> str:
    """Return ``text`` as a name for files: letters, digits, ``_``, ``-`` and inner dots, at most 80 characters."""
    name = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFKC", text)).strip("._-")
    return name[:_LONGEST_NAME] or "object"


def _numbered(name: str, count: int) -> list[str]:
    """Return the names of so many variants, of one width, so that a higher count keeps the first ones as they are."""
    return [name] if count == 1 else [f"{name}_{number:03d}" for number in range(count)]


def _builtin(seed: int, entry: Builtin, number: int, name: str, about: _About, group: str) -> Asset:
    given = f"{group}/{entry.name or ''}" if group else entry.name or ""
    drawn = int(stream(seed, "builtin", entry.builtin, given, number).integers(2**31))
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
