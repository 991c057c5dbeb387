"""From the recipe's ``objects`` to a list of assets with unique, safe names.

Every draw depends on the name of its object, and so do the folders of finished frames. A name therefore follows from
the object alone: from the ``name`` that the recipe gives it, from the built-in's, or from where the model's file lies,
seen from the recipe. Nothing that is added beside it changes it. Two objects that come out with one name are an error
that says so: to give one of them another would make a name depend on what else there is, and two files that differ in
their format alone are most likely one model, which training and test must not share.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from synthmat.builtin_objects import INGREDIENTS, check_builtin, ingredient_digest
from synthmat.errors import RecipeError
from synthmat.generator.fingerprint import fingerprint
from synthmat.generator.groups import plan_group
from synthmat.generator.provenance import provenance
from synthmat.printable_names import expand_home
from synthmat.random_streams import stream
from synthmat.recipe import Recipe, draw
from synthmat.recipe.objects import Builtin, Group, ModelFile, ModelFiles, ObjectSource
from synthmat.render_job import Asset
from synthmat.stage import resolve_pattern, unsupported_extension

MODEL_SUFFIXES = (".glb", ".gltf", ".vrm", ".obj", ".fbx", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz", ".blend")
_SAY_NOTHING = {
    *("scene", "model", "source", "untitled", "object", "mesh", "asset"),
    *("scenes", "models", "objects", "meshes", "assets"),
}
_LONGEST_NAME = 80
_MAX_CLASHES = 20


class _About(NamedTuple):
    license: str | None
    source: str | None
    split: str | None


def plan_assets(recipe: Recipe, base: Path) -> list[Asset]:
    """Return every object of the recipe, built-in ones first; a file that is named twice counts once.

    Raises:
        RecipeError: A file is missing, a pattern matches nothing, or a file has an unsupported extension.
    """
    assets = _plan_entries(recipe.seed, recipe.objects, base)
    alone = {asset.fingerprint: asset.split for asset in assets if asset.builtin is None}
    for position, entry in enumerate(recipe.objects):
        if isinstance(entry, Group):
            candidates = _plan_entries(
                recipe.seed, entry.group, base, group=entry.name, where=f"objects.{position}.group"
            )
            _check_names([candidate for candidate in candidates if candidate.path], base)
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
    _check_names(assets, base)
    return assets


def _plan_entries(
    seed: int, entries: Sequence[ObjectSource], base: Path, *, group: str = "", where: str = "objects"
) -> list[Asset]:
    """Return the assets of all entries that are no groups; those of a group are other variants than those outside."""
    assets: list[Asset] = []
    files: dict[str, tuple[Path, tuple[ModelFile | ModelFiles, _About]]] = {}
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
                    raise RecipeError(f"{where}.{position}: {unsupported_extension(path, MODEL_SUFFIXES)}")
                if entry.up != "auto" and path.suffix.lower().startswith(".usd"):
                    raise RecipeError(f"{where}.{position}: {path} is USD and takes no `up`; use `rotate`")
                files.setdefault(os.path.normpath(path), (path, (entry, about)))
    for path, (entry, about) in files.values():
        given = entry.name if isinstance(entry, ModelFile) else None
        name = safe_name(given) if given else file_name(path, base)
        folders = tuple(str((base / expand_home(each)).absolute()) for each in (".", *entry.files_in))
        model = Asset(
            name=name,
            path=str(path),
            fingerprint=fingerprint(path, *map(Path, folders)),
            folders=folders,
            identity=name,
            up=entry.up,
            rotate=(entry.rotate[0], entry.rotate[1], entry.rotate[2]),
            **_as_told(path, about)._asdict(),
        )
        copies = (dataclasses.replace(model, name=variant) for variant in _numbered(name, entry.variants))
        assets += [_with_look(seed, asset, entry) for asset in copies]
    return assets


def _as_told(path: Path, about: _About) -> _About:
    """Fill what the recipe leaves open of license and source with what the file itself says."""
    own = provenance(path)
    return about._replace(license=about.license or own.license, source=about.source or own.source)


def _with_look(seed: int, asset: Asset, entry: ObjectSource) -> Asset:
    if entry.looks is None:
        return asset
    degree = draw(entry.looks, stream(seed, "object", asset.name, "look"), 0, 1)
    return dataclasses.replace(asset, look_degree=degree)


def safe_name(text: str) -> str:
    """Return ``text`` as a name for files: letters, digits, ``_``, ``-`` and inner dots, at most 80 characters."""
    return _safe(text)[:_LONGEST_NAME].rstrip("._-") or "object"


def _safe(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFKC", text)).strip("._-") or "object"


def file_name(path: Path, base: Path) -> str:
    """Return the name of the object in a model file: its stem, after the folders that lead there from ``base``.

    ``toys/animals/fox.glb`` is ``toys-animals-fox``. Left out are words that say nothing (``models``, ``scene``), ways
    up (``..``), and a word that repeats the one before: ``models/fox.glb``, ``fox/fox.glb`` and ``../fox/scene.gltf``
    are all ``fox``. Of a name that is too long its end is kept, after a hash of the whole path.
    """
    try:
        relative = Path(os.path.relpath(path, base))
    except ValueError:  # another drive of Windows
        relative = path.absolute().relative_to(path.absolute().anchor)
    words = [*relative.parent.parts, relative.stem]
    telling = [word for word in words if word != ".." and word.casefold() not in _SAY_NOTHING]
    pairs = zip(telling, ["", *telling], strict=False)
    different = [word for word, before in pairs if word.casefold() != before.casefold()]
    name = "-".join(_safe(word) for word in different or [relative.stem])
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(os.fsencode(relative.as_posix())).hexdigest()[:6]
    return f"{digest}-{name[len(digest) + 1 - _LONGEST_NAME :].lstrip('._-')}"


def _check_names(assets: Sequence[Asset], base: Path) -> None:
    """Refuse objects of one name; compared without case, since Windows and macOS keep `Fox` and `fox` in one folder."""
    named: dict[str, Asset] = {}
    clashes: dict[str, str] = {}
    for asset in assets:
        first = named.setdefault(asset.name.casefold(), asset)
        if first is not asset:
            both = f"{_described(first, base)} and {_described(asset, base)}"
            clashes.setdefault(both, f"objects: two have the name {asset.name}: {both}")
    if clashes:
        told = list(clashes.values())[:_MAX_CLASHES]
        told += [f"objects: and {len(clashes) - len(told)} more such pairs"] * (len(clashes) > len(told))
        raise RecipeError(
            "\n".join(told) + "\nKeep one of the two or give one another `name`: a built-in object or a group in its "
            "entry, a file by an entry of its own, {model: FILE, name: NAME}, in front of the pattern that finds it"
        )


def _described(asset: Asset, base: Path) -> str:
    if asset.path is None:
        return asset.described
    return os.path.relpath(asset.path, base) if Path(asset.path).is_relative_to(base.absolute()) else asset.path


def _numbered(name: str, count: int) -> list[str]:
    """Return the names of so many variants; the first has the plain name, so that a higher count changes none."""
    return [name, *(f"{name}_{number:03d}" for number in range(1, count))]


def _builtin(seed: int, entry: Builtin, number: int, name: str, about: _About, group: str) -> Asset:
    given = f"{group}/{entry.name or ''}" if group else entry.name or ""
    drawn = int(stream(seed, "builtin", entry.builtin, given, number).integers(2**31))
    choice = check_builtin(entry.builtin)
    maker = f"{choice.package} {choice.version}" if choice.package else "synthmat"
    known = INGREDIENTS.get(entry.builtin)
    made = f"made by {maker}; {known.source}" if known else f"made by {maker}"
    digest = ingredient_digest(entry.builtin)
    return Asset(
        name=name,
        builtin=entry.builtin,
        builtin_seed=drawn,
        fingerprint=f"{entry.builtin}:{drawn}" + (f":{digest}" if digest else ""),
        license=about.license or (None if choice.package else "CC0-1.0"),
        source=about.source or made,
        split=about.split,
        builtin_module=choice.module if choice.package else "",
        builtin_package=choice.origin,
    )
