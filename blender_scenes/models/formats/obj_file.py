"""Reads OBJ files whose material libraries Blender would pass over, and sets their materials right."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

from synthmat.blender_scenes.materials.opacity_pictures import resolve_opacity_picture, surface_shaders
from synthmat.model_files.obj_coordinates import far_offset, subtract
from synthmat.model_files.obj_libraries import (
    BYTE_ORDER_MARK,
    defined_materials,
    library_lines,
    obj_materials,
    texture_of,
)
from synthmat.model_files.texture_files import files_at

_NO_NAME = {"", "none", "(null)", "null", "default", "defaultmaterial", "default_material", "material"}
_LIBRARY_LINE = re.compile(rb"^[ \t]*mtllib\b", re.IGNORECASE)


def import_obj(path: Path, run: Callable[[Path], list[str]]) -> tuple[list[str], list[str]]:
    """Let ``run`` import an OBJ file, or a copy of it that Blender reads in full, moved to the origin if it is far off.

    Returns:
        Warnings, and what is missing: libraries, and materials that are in none of them.
    """
    about = obj_materials(path)
    lines = [(library, library_lines(library)) for _, library in about.libraries if files_at(library)]
    known = {material.session_uid for material in bpy.data.materials}
    offset = far_offset(path)
    if offset is None and about.plain and all(_as_blender_reads_it(library, path, text) for library, text in lines):
        warnings = run(path)
    else:
        with _readable_copy(path, lines, (lambda line: line) if offset is None else subtract(offset)) as copy:
            warnings = run(copy)
    for material in bpy.data.materials:
        if material.session_uid not in known:
            for shader in surface_shaders(material):
                resolve_opacity_picture(material.node_tree, shader)
    warnings += _apply_transparency([line for _, text in lines for line in text], known)
    missing = [
        f"missing material library {_readable(stated)}" for stated, library in about.libraries if not files_at(library)
    ]
    if not missing:
        defined = {name for _, text in lines for name in defined_materials(text)}
        absent = sorted(name for name in about.used if name not in defined and name.lower() not in _NO_NAME)
        where = "none of its material libraries" if lines else "no material library"
        missing = [f"material {_readable(name)} is in {where}" for name in absent]
    return warnings, missing


def _readable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _as_blender_reads_it(library: Path, model: Path, lines: list[str]) -> bool:
    """Tell whether a library stands there as its ``lines`` do, and each of its textures just where it says."""
    if library.read_bytes().decode("utf-8", "surrogateescape").splitlines() != lines:
        return False
    textures = (texture_of(line, model, library) for line in lines)
    return all(each is None or each[2] == library.parent / each[1] for each in textures)


@contextlib.contextmanager
def _readable_copy(
    path: Path, libraries: list[tuple[Path, list[str]]], change: Callable[[bytes], bytes]
) -> Iterator[Path]:
    """Yield a copy of an OBJ file with one library, made of all of its own, whose textures have absolute paths.

    ``change`` is applied to every line of it.
    """
    with tempfile.TemporaryDirectory(prefix="synthmat-obj-") as folder:
        copy = Path(folder) / path.name
        with (copy.parent / "materials.mtl").open("w", encoding="utf-8", errors="surrogateescape") as merged:
            for library, lines in libraries:
                for line in lines:
                    texture = texture_of(line, path, library)
                    merged.write(line if texture is None else f"{texture[0]}{texture[2].absolute()}")
                    merged.write("\n")
        with path.open("rb") as source, copy.open("wb") as target:
            target.write(b"mtllib materials.mtl\n")
            for number, data in enumerate(source):
                content = data.removeprefix(BYTE_ORDER_MARK) if number == 0 else data
                if not _LIBRARY_LINE.match(content):
                    target.write(change(content))
        yield copy


def _apply_transparency(lines: list[str], known: set[int]) -> list[str]:
    """Make materials as transparent as ``Tr`` says where there is no ``d``, which alone Blender reads.

    Returns warnings about those that one of the two makes invisible.
    """
    stated: dict[str, dict[str, float]] = {}
    here: dict[str, float] = {}
    for line in lines:
        words = line.split(None, 1)
        if len(words) == 2 and words[0].lower() == "newmtl":
            here = stated.setdefault(words[1].strip(), {})
        elif len(words) == 2 and words[0] in ("d", "Tr"):
            with contextlib.suppress(ValueError):
                here[words[0]] = float(words[1].split()[-1])
    warnings = []
    for material in bpy.data.materials:
        values = stated.get(material.name, {})
        if material.session_uid not in known and values.get("d") == 0:
            warnings.append(f"material {material.name} has d 0: its surfaces are not shown")
        if material.session_uid in known or "d" in values or not 0 < values.get("Tr", 0) <= 1:
            continue
        if values["Tr"] == 1:
            warnings.append(f"material {material.name} has Tr 1 and no d: taken as opaque, as many programs write it")
            continue
        for node in material.node_tree.nodes if material.node_tree is not None else ():
            if node.type == "BSDF_PRINCIPLED" and not node.inputs["Alpha"].links:
                node.inputs["Alpha"].default_value = 1 - values["Tr"]
    return warnings
