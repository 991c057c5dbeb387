"""Reads a model file into the empty scene, whatever its format, and turns every failure into one clear error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from synthmat.blender_scenes.blender.versions import USD_OPTIONS
from synthmat.blender_scenes.materials.unused_alpha import keep_colors_under_unused_alpha
from synthmat.blender_scenes.materials.vertex_colors import color_attribute, scale_byte_colors, show_vertex_colors
from synthmat.blender_scenes.models.formats.blend_file import append_active_scene
from synthmat.blender_scenes.models.formats.far_coordinates import far_warnings
from synthmat.blender_scenes.models.formats.fbx_file import axis_warning, set_fbx_opacity
from synthmat.blender_scenes.models.formats.fbx_pictures import show_fbx_textures
from synthmat.blender_scenes.models.formats.gltf_extensions import tolerated
from synthmat.blender_scenes.models.formats.gltf_file import check_gltf
from synthmat.blender_scenes.models.formats.gltf_nodes import hidden_nodes, hiding_nodes
from synthmat.blender_scenes.models.formats.importer_output import as_warnings, captured_output
from synthmat.blender_scenes.models.formats.obj_file import import_obj
from synthmat.blender_scenes.models.formats.ply_colors import complete_ply
from synthmat.blender_scenes.models.formats.ply_file import add_ply_textures
from synthmat.blender_scenes.models.formats.stl_colors import add_stl_colors
from synthmat.blender_scenes.models.formats.usd_file import import_usd
from synthmat.blender_scenes.models.helper_meshes import hide_as_in_fbx
from synthmat.errors import AssetError
from synthmat.storage.git_lfs import REMEDY, is_pointer_file

_KNOWN = re.compile(
    r"image file|load image|cannot read '.*\.\w+': |from MTL file|not recognized: '\ufeff|'-1' matches no enum",
    re.IGNORECASE,
)
"""Lines of importers about pictures and libraries, of which more is said elsewhere, and about Blender's own code."""


@dataclass
class Imported:
    """What came with a model besides its objects.

    That is warnings, images that it names outside of its materials, and textures that are known to be missing, where
    nodes have no image for that reason.
    """

    warnings: list[str] = field(default_factory=list)
    images: list[bpy.types.Image] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def import_model(path: Path, scene: str | None = None) -> Imported:
    """Add the objects of a model file to the current scene.

    ``scene`` is the scene of a .blend file to take. Without it Blender must be empty, since finding out empties it. No
    script, driver or other code in the file is run.

    Raises:
        AssetError: The file is not there, of an unknown format, or cannot be read; the message names it and says why.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise AssetError(f"{path}: no known model format; possible: {', '.join(_READERS)}")
    if not path.is_file():
        raise AssetError(f"{path}: no such file")
    if is_pointer_file(path):
        raise AssetError(f"{path}: it is {REMEDY}")
    try:
        known, objects = set(bpy.data.materials), set(bpy.data.objects)
        imported = reader(path) if scene is None else Imported(*append_active_scene(path, scene))
        imported.warnings += far_warnings(set(bpy.data.objects) - objects)
        if path.suffix.lower() in (".obj", ".ply"):
            imported.warnings += _without_pictures(set(bpy.data.objects) - objects)
        if path.suffix.lower() in (".obj", ".fbx"):
            shown = show_vertex_colors(set(bpy.data.objects) - objects)
            if path.suffix.lower() == ".fbx":
                imported.warnings += [f"material {name} has no texture: vertex colors are shown" for name in shown]
        if path.suffix.lower() != ".blend":
            keep_colors_under_unused_alpha(set(bpy.data.materials) - known)
    except (RuntimeError, OSError, ValueError, UnicodeError) as error:
        reason = _last_line(str(error))
        raise AssetError(
            f"{path}: Blender cannot read it ({reason}); it may be damaged, cut off, or not what its suffix says. "
            "Open it in the program it comes from and export it again"
        ) from None
    if not any(item.type != "EMPTY" for item in bpy.data.objects):
        raise AssetError(
            f"{path}: there is nothing in it that could be rendered; it may be damaged or not what its suffix says"
        )
    return imported


def _without_pictures(objects: set[bpy.types.Object]) -> list[str]:
    """Return a warning where surfaces have texture coordinates, but neither a material nor colors: a scan's, often."""
    for item in objects:
        bare = item.type == "MESH" and item.data.uv_layers and not item.data.materials
        if bare and color_attribute(item) is None:
            return ["it has texture coordinates, but names no picture or material: its surfaces are gray"]
    return []


def model_suffixes() -> tuple[str, ...]:
    """Return the suffixes of the files that `import_model` reads, in lower case, with the dot."""
    return tuple(_READERS)


def _run(operator: Callable[..., set[str]], path: Path, **options: Any) -> Imported:
    with captured_output() as output:
        _call(operator, path, **options)
    return Imported(as_warnings([text for text in output.problems if not _KNOWN.search(text)], path))


def _call(operator: Callable[..., set[str]], path: Path, **options: Any) -> None:
    result = operator(filepath=str(path.resolve()), **options)
    if "FINISHED" not in result:
        raise RuntimeError("the import was cancelled; the worker's log may say more")


def _read_gltf(path: Path) -> Imported:
    check = check_gltf(path)
    hidden, warnings = hidden_nodes(check.content)
    with hiding_nodes(hidden), tolerated(check.required):
        imported = _run(bpy.ops.import_scene.gltf, path)
    return Imported([*check.warnings, *imported.warnings, *warnings], missing=check.missing)


def _read_obj(path: Path) -> Imported:
    objects = set(bpy.data.objects)
    warnings, missing = import_obj(path, lambda file: _run(bpy.ops.wm.obj_import, file).warnings)
    scale_byte_colors(set(bpy.data.objects) - objects)
    return Imported(warnings, missing=missing)


def _read_fbx(path: Path) -> Imported:
    """Use Blender's own reader, which also knows ASCII files; `textures` finds what it leaves unfound."""
    known = set(bpy.data.materials)
    imported = _run(bpy.ops.wm.fbx_import, path)
    materials = sorted(set(bpy.data.materials) - known, key=lambda each: str(each.name))
    imported.warnings += show_fbx_textures(path, materials)
    imported.warnings += set_fbx_opacity(path, materials)
    imported.warnings += hide_as_in_fbx(path) + axis_warning(path)
    return imported


def _read_ply(path: Path) -> Imported:
    known = set(bpy.data.meshes)
    imported = _run(bpy.ops.wm.ply_import, path, import_colors="SRGB")
    for mesh in set(bpy.data.meshes) - known:
        imported.warnings += complete_ply(path, mesh)
        imported.warnings += add_ply_textures(path, mesh)
    return imported


def _read_stl(path: Path) -> Imported:
    known = set(bpy.data.meshes)
    imported = _run(bpy.ops.wm.stl_import, path)
    for mesh in set(bpy.data.meshes) - known:
        imported.warnings += add_stl_colors(path, mesh)
    return imported


def _read_usd(path: Path) -> Imported:
    options = {
        "import_cameras": False,
        "import_lights": False,
        "create_world_material": False,
        "set_frame_range": False,
        "import_usd_preview": True,
        "import_visible_only": True,
        "import_guide": False,
        "import_proxy": False,
        "import_render": True,
        "import_textures_mode": "IMPORT_PACK",
    }
    return Imported(import_usd(path, lambda: _call(bpy.ops.wm.usd_import, path, **options, **USD_OPTIONS)))


def _read_blend(path: Path) -> Imported:
    return Imported(*append_active_scene(path))


_READERS: dict[str, Callable[[Path], Imported]] = {
    ".glb": _read_gltf,
    ".gltf": _read_gltf,
    ".vrm": _read_gltf,
    ".obj": _read_obj,
    ".fbx": _read_fbx,
    ".ply": _read_ply,
    ".stl": _read_stl,
    ".usd": _read_usd,
    ".usda": _read_usd,
    ".usdc": _read_usd,
    ".usdz": _read_usd,
    ".blend": _read_blend,
}


def _last_line(message: str) -> str:
    """Return the line of a Blender report that says what was wrong: the last that is not a place in code."""
    lines = [line.strip() for line in message.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("Location:", "File ", "^", "~"))]
    return lines[-1].removeprefix("Error: ") if lines else "no reason given"
