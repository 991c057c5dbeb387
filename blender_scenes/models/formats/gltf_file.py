"""Checks a glTF file before Blender reads it."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from synthmat.blender_scenes.blender.versions import BLENDER_VERSION, draco_available
from synthmat.blender_scenes.models.formats.gltf_extensions import PICTURES, READ, passed_over, refused
from synthmat.errors import AssetError
from synthmat.model_files.texture_files import files_at
from synthmat.storage.git_lfs import REMEDY, is_pointer_file

_GLB_MAGIC = b"glTF"
_JSON_CHUNK = b"JSON"
_CONVERT = (
    "a glTF 1.0 file, which Blender cannot read; convert it to glTF 2.0, for example with "
    "`npx gltf-pipeline -i OLD -o NEW`"
)


@dataclass(frozen=True)
class GltfCheck:
    """What a glTF file says: its JSON, warnings, textures that Blender cannot read, and the extensions it requires."""

    content: dict[str, Any]

    warnings: list[str]
    missing: list[str]
    required: set[str]


def check_gltf(path: Path) -> GltfCheck:
    """Return what a .glb or .gltf file says.

    Raises:
        AssetError: It is damaged or needs what this Blender lacks; the message says what to do.
    """
    try:
        content = _content(path)
        uris = [str(buffer.get("uri", "data:")) for buffer in content.get("buffers", ())]
        used = {*content.get("extensionsUsed", ()), *content.get("extensionsRequired", ())}
        required = set(content.get("extensionsRequired", ()))
        missing = _unreadable_textures(content)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError, struct.error) as error:
        raise AssetError(f"{path}: no valid glTF file ({error}); it may be damaged or cut off") from None
    for name, remedy in refused(required).items():
        raise AssetError(
            f"{path}: it requires the glTF extension {name}, which Blender {BLENDER_VERSION} cannot read; {remedy}"
        )
    if "KHR_draco_mesh_compression" in used and not draco_available():
        raise AssetError(
            f"{path}: its meshes are Draco-compressed, and this Blender came without the library that reads them; "
            "export it without Draco compression, or render with Python 3.11, whose Blender 4.5 has the library"
        )
    for uri in uris:
        if uri.startswith("data:"):
            continue
        files = files_at(path.parent / unquote(uri))
        if not files:
            raise AssetError(f"{path}: its data file {uri} is missing; put it beside the model")
        if is_pointer_file(files[0]):
            raise AssetError(f"{path}: its data file {uri} is {REMEDY}")
    warnings = [
        f"uses the glTF extension {name}, which Blender does not read: it may look otherwise"
        for name in passed_over(used)
    ]
    return GltfCheck(content, warnings, missing, required)


def _unreadable_textures(content: dict[str, Any]) -> list[str]:
    """Name the pictures of those textures in use that come in no format that Blender reads."""
    textures, images = content.get("textures", ()), content.get("images", ())
    found = set()
    for index in _texture_indices(content.get("materials", ())):
        texture = textures[index]
        extensions = texture.get("extensions", {})
        if "source" in texture or ("EXT_texture_webp" in extensions and "EXT_texture_webp" in READ):
            continue
        name, kind = f"texture {index}", "no picture"
        for extension, entry in extensions.items():
            if extension in PICTURES and isinstance(entry.get("source"), int):
                image = images[entry["source"]]
                name = f"texture {image.get('name') or image.get('uri') or index}"
                kind = f"only {PICTURES[extension]}, which Blender cannot read; export it as PNG, JPEG or WebP"
        found.add(f"{name} is {kind}")
    return sorted(found)


def _texture_indices(value: Any) -> Iterator[int]:
    """Yield the texture that each entry such as ``baseColorTexture`` of a material names, extensions included."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key.endswith("Texture") and isinstance(entry, dict) and isinstance(entry.get("index"), int):
                yield entry["index"]
            elif key != "extras":
                yield from _texture_indices(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texture_indices(entry)


def _content(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if path.suffix.lower() in (".glb", ".vrm") or data.startswith(_GLB_MAGIC):
        magic, version, length = struct.unpack_from("<4sII", data)
        if magic != _GLB_MAGIC:
            raise ValueError("it does not begin with glTF")
        if version == 1:
            raise AssetError(f"{path}: {_CONVERT}")
        if length > len(data):
            raise ValueError(f"{len(data)} of {length} bytes are there")
        size, kind = struct.unpack_from("<I4s", data, 12)
        if kind != _JSON_CHUNK:
            raise ValueError("its first part is not JSON")
        data = data[20 : 20 + size]
    content = json.loads(data)
    if isinstance(content, dict) and _is_version_1(content):
        raise AssetError(f"{path}: {_CONVERT}")
    if not isinstance(content, dict) or "asset" not in content:
        raise ValueError("it has no asset entry")
    return content


def _is_version_1(content: dict[str, Any]) -> bool:
    """Tell a glTF 1.0 file, which may lack the version, but whose meshes are named instead of numbered."""
    asset = content.get("asset", {})
    stated = str(asset.get("version", "")) if isinstance(asset, dict) else ""
    return stated.startswith(("0", "1")) or (not stated and isinstance(content.get("meshes"), dict))
