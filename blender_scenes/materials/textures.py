"""Textures that are not where the model says: looked for beside it, then reported by name, never rendered magenta."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import bpy

from synthmat.blender_scenes.materials.converted_pictures import convert_picture
from synthmat.blender_scenes.materials.texture_roles import GRAY_PAINT, Role, roles, used_pictures
from synthmat.errors import AssetError
from synthmat.model_files.texture_files import files_at, find_texture
from synthmat.storage.git_lfs import REMEDY, is_pointer

_MID_GRAY = (0.5, 0.5, 0.5)
_KTX2_START = b"\xabKTX 20"
_KTX2 = "a KTX2 file (Basis Universal), which Blender cannot read; export the model with PNG or JPEG textures"
_MORE_IMPORTANT = ("taken as opaque", "taken as without glow")
"""What is kept of a picture with several purposes, the most important one first."""


def resolve_textures(
    model: Path,
    materials: Iterable[bpy.types.Material],
    others: Iterable[bpy.types.Image],
    *,
    replace: bool,
    faults: Iterable[str] = (),
) -> list[str]:
    """See to it that every texture in use can be read and return warnings about those that cannot.

    A file that is not at its place is looked for by its name beside the model and in sub-folders such as ``textures``.

    Args:
        model: The model file.
        materials: Those that are rendered.
        others: Further images that the model refers to.
        replace: Paint what is missing mid gray instead of failing; but opacity 1, emission 0, normal maps flat.
        faults: What is known already to be missing, where image nodes have no image because of it.

    Raises:
        AssetError: Textures are missing and ``replace`` is off; all of them are named.
    """
    known = list(faults)
    nodes = [(material, node) for material in materials for node in used_pictures(material.node_tree)]
    if not known:
        known += [
            f"material {material.name} has an image node without an image" for material, node in nodes if not node.image
        ]
    purposes: dict[str, set[Role]] = {}
    images = {image.name_full: image for image in others}
    empty = [node for _, node in nodes if node.image is None]
    for _, node in nodes:
        if node.image is not None:
            images[node.image.name_full] = node.image
            purposes.setdefault(node.image.name_full, set()).update(roles(node))
    told = {(name, fault) for name in sorted(images) if (fault := _fault(images[name], model))}
    found = sorted({*known, *(fault for _, fault in told)})
    if found and not replace:
        raise AssetError(
            f"{model}: {'; '.join(found)}. Put the files beside the model or into its sub-folder `textures`, "
            "or set render.missing_textures to grey"
        )
    for node in empty:
        node.image = bpy.data.images.new("synthmat missing", 4, 4)
        _paint(node.image, roles(node))
    warnings = {f"{fault}: painted gray" for fault in known}
    for name, fault in told:
        warnings.add(f"{fault}: {_paint(images[name], purposes.get(name, set()))}")
    return sorted(warnings)


def _fault(image: bpy.types.Image, model: Path) -> str | None:
    """Return what is wrong with an image, after an attempt to find its file; None if it can be read."""
    if image.source == "VIEWER":
        return f"image {image.name} is the result of a render, which is not in the file"
    if image.source not in ("FILE", "SEQUENCE", "MOVIE", "TILED"):
        return None
    path = find_picture(image, model)
    if image.source in ("FILE", "MOVIE") and 0 in tuple(image.size) and convert_picture(image, path):
        return None
    if path is None and image.packed_file is None and not image.packed_files:
        return f"missing texture {_shown(image.filepath or image.name, model)}"
    sizes = [tuple(tile.size) for tile in image.tiles] if image.source == "TILED" else [tuple(image.size)]
    if image.source in ("FILE", "MOVIE", "TILED") and any(0 in size for size in sizes):
        return f"texture {_shown(image.filepath or image.name, model)} is {_what_it_is(image, path)}"
    return None


def find_picture(image: bpy.types.Image, model: Path) -> Path | None:
    """Return where an image's file is: at its place, or else by its name beside the model, whence it is then read.

    None for an image that is packed, or whose file is nowhere.
    """
    if image.packed_file is not None or image.packed_files:
        return None
    path = _stated_path(image, model)
    if path is None or not files_at(path):
        path = find_texture(image.filepath or image.name, model)
        if path is not None:
            image.filepath = str(path)
            image.reload()
    return path


def _stated_path(image: bpy.types.Image, model: Path) -> Path | None:
    """Return where an image's file should be: a plain relative path counts from the model's folder."""
    if not image.filepath:
        return None
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    if not path.is_absolute():
        path = model.parent.absolute() / path
        if files_at(path):
            image.filepath = str(path)
            image.reload()
    return path


def _what_it_is(image: bpy.types.Image, path: Path | None) -> str:
    starts = [bytes(image.packed_file.data[:64])] if image.packed_file else []
    for file in files_at(path) if path is not None else ():
        with file.open("rb") as opened:
            starts.append(opened.read(64))
    if any(is_pointer(start) for start in starts):
        return REMEDY
    return _KTX2 if any(start.startswith(_KTX2_START) for start in starts) else "no picture that Blender can read"


def _shown(stated: str, model: Path) -> str:
    return stated.removeprefix(f"{model.parent.absolute()}/")


def _paint(image: bpy.types.Image, purposes: set[Role]) -> str:
    """Make an image of one color that suits what it is for, and return what became of it."""
    color = list(_MID_GRAY)
    if not any(role.channel is None for role in purposes) and purposes:
        color = [1.0, 1.0, 1.0]
    ranked = sorted(
        purposes, key=lambda role: (role.description not in _MORE_IMPORTANT, role.description), reverse=True
    )
    for role in ranked:
        for channel in range(3):
            if role.channel in (None, channel):
                color[channel] = role.value[channel]
    image.source = "GENERATED"
    image.generated_type = "BLANK"
    image.generated_width = image.generated_height = 4
    image.generated_color = (*color, 1.0)
    descriptions = sorted(
        {role.description for role in purposes} or {GRAY_PAINT}, key=lambda text: (text != GRAY_PAINT, text)
    )
    return " and ".join(descriptions)
