"""What is wrong with the model files of a recipe, as far as it can be seen without Blender."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.generator.objects import MODEL_SUFFIXES
from synthmat.images.picture_formats import is_picture
from synthmat.model_files.boundary import is_refused, refusal
from synthmat.model_files.referenced import referenced_files
from synthmat.model_files.texture_files import files_at
from synthmat.recipe import Recipe
from synthmat.recipe.objects import Builtin, Group, ModelFile, ObjectSource
from synthmat.stage import files_meant, resolve_pattern, unsupported_extension
from synthmat.storage import git_lfs

_ARCHIVES = (".7z", ".gz", ".rar", ".tar", ".tgz", ".unitypackage", ".xz", ".zip")
_OTHER_MODELS = (
    ".3dm", ".3ds", ".3mf", ".abc", ".ac", ".amf", ".b3d", ".brep", ".c4d", ".dae", ".dwg", ".dxf", ".hip", ".ifc",
    ".iges", ".igs", ".jt", ".las", ".lwo", ".lws", ".lxo", ".ma", ".max", ".mb", ".md2", ".md3", ".md5mesh", ".mdl",
    ".ms3d", ".off", ".pcd", ".pmd", ".pmx", ".prt", ".rvt", ".skp", ".sldprt", ".splat", ".spz", ".step", ".stp",
    ".uasset", ".vox", ".vrm", ".wrl", ".x", ".x3d", ".xyz", ".ztl",
)  # fmt: skip
_LARGEST_JSON = 256 * 2**20
_GLB_HEAD = 20


def model_entries(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Yield the key of each entry of a recipe that names model files, and each pattern, folder or file in it."""

    def below(entries: Sequence[ObjectSource], where: str) -> Iterator[tuple[str, str]]:
        for position, entry in enumerate(entries):
            if isinstance(entry, Group):
                yield from below(entry.group, f"{where}.{position}.group")
            elif not isinstance(entry, Builtin):
                given = entry.model if isinstance(entry, ModelFile) else entry.models
                yield from ((f"{where}.{position}", each) for each in ([given] if isinstance(given, str) else given))

    return below(recipe.objects, "objects")


def models_at(where: str, pattern: str, base: Path) -> tuple[list[Path], list[str], list[str]]:
    """Return the model files of an entry, what is wrong with the entry itself, and notes on files passed over."""
    try:
        files = resolve_pattern(base, pattern, MODEL_SUFFIXES)
        note = passed_over_models(where, pattern, base)
    except AssetError as error:
        return [], [f"{where}: {error}"], []
    known = [file for file in files if file.suffix.lower() in MODEL_SUFFIXES]
    faults = [
        f"{where}: {unsupported_extension(file, MODEL_SUFFIXES)}; {_remedy(file.suffix.lower())}"
        for file in files
        if file not in known
    ]
    if not files:
        faults.append(f"{where}: no model at {base / pattern}{'; ' + note if note else ''}")
        return [], faults, []
    return known, faults, [note] if note and known else []


def passed_over_models(where: str, pattern: str, base: Path) -> str:
    """Return a note on the files of a folder or pattern that look like models of formats that are not read."""
    counts = Counter(
        suffix
        for file in files_meant(base, pattern)
        if (suffix := file.suffix.lower()) in (*_OTHER_MODELS, *_ARCHIVES) and not file.name.startswith(".")
    )
    if not counts:
        return ""
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(counts.items()))
    remedies = "; ".join(dict.fromkeys(_remedy(suffix) for suffix in sorted(counts)))
    total = sum(counts.values())
    return f"{where}: {pattern}: {total} files are passed over, since they cannot be read: {kinds}; {remedies}"


def model_faults(model: Path, missing_textures: str) -> Iterator[tuple[str, bool]]:
    """Yield what is wrong with a model file, and whether it fails for that.

    Args:
        model: A file of a known format.
        missing_textures: The recipe's ``render.missing_textures``: ``grey`` renders without them.
    """
    try:
        with model.open("rb") as file:
            start = file.read(_GLB_HEAD)
    except OSError as error:
        yield f"{model}: cannot be read: {error.strerror}", True
        return
    if not start:
        yield f"{model}: the file is empty; fetch it again", True
    elif git_lfs.is_pointer_file(model):
        yield f"{model}: {git_lfs.REMEDY}", True
    elif model.suffix.lower() in (".gltf", ".glb") and (version := _gltf_version(model)).startswith("1"):
        yield (
            f"{model}: glTF {version}, which Blender does not read; convert it to glTF 2.0, for example with "
            "`npx gltf-pipeline@3 -i FILE -o NEW.glb`, or export it again",
            True,
        )
    else:
        yield from _reference_faults(model, missing_textures)


def _reference_faults(model: Path, missing_textures: str) -> Iterator[tuple[str, bool]]:
    try:
        referenced = sorted(referenced_files(model))
    except OSError as error:
        yield f"{model}: cannot be read: {error.strerror}", True
        return
    for path in referenced:
        there = files_at(path)
        dressing = is_picture(path) or path.suffix.lower() == ".mtl"
        if is_refused(path):
            yield refusal(model, path), True
            continue
        if not there and dressing and missing_textures == "grey":
            yield f"{model}: {path} is missing, and gray takes its place (render.missing_textures)", False
        elif not there:
            instead = ", or set render.missing_textures: grey" if dressing else ""
            yield f"{model}: {path} is missing; put it there or beside the model{instead}", True
        for file in there:
            if git_lfs.is_pointer_file(file):
                yield f"{model}: {file}: {git_lfs.REMEDY}", True


def _gltf_version(model: Path) -> str:
    """Return the version of glTF that a file says it is in, empty if it does not say so readably."""
    try:
        with model.open("rb") as file:
            head = file.read(_GLB_HEAD)
            if head[:4] == b"glTF" and len(head) == _GLB_HEAD:
                return f"{struct.unpack('<I', head[4:8])[0]}.0"
            document = json.loads(head + file.read(_LARGEST_JSON))
        return str(document["asset"].get("version", "1.0"))
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return ""


def _remedy(suffix: str) -> str:
    return "unpack archives" if suffix in _ARCHIVES else "export the models as glTF (.glb), OBJ or FBX"
