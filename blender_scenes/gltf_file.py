"""Checks a glTF file before Blender reads it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from synthmat.blender_scenes.versions import draco_available
from synthmat.errors import AssetError
from synthmat.texture_files import files_at

_GLB_MAGIC = b"glTF"
_JSON_CHUNK = b"JSON"


def check_gltf(path: Path) -> dict[str, Any]:
    """Return what a .glb or .gltf file says, its JSON.

    Raises:
        AssetError: It is damaged or needs what this Blender lacks; the message says what to do.
    """
    try:
        content = _content(path)
        uris = [str(buffer.get("uri", "data:")) for buffer in content.get("buffers", ())]
    except (ValueError, AttributeError, TypeError, RecursionError, struct.error) as error:
        raise AssetError(f"{path}: no valid glTF file ({error}); it may be damaged or cut off") from None
    used = {*content.get("extensionsUsed", ()), *content.get("extensionsRequired", ())}
    if "KHR_draco_mesh_compression" in used and not draco_available():
        raise AssetError(
            f"{path}: its meshes are Draco-compressed, and this Blender came without the library that reads them; "
            "export it without Draco compression, or render with Python 3.11, whose Blender 4.5 has the library"
        )
    for uri in uris:
        if not uri.startswith("data:") and not files_at(path.parent / unquote(uri)):
            raise AssetError(f"{path}: its data file {uri} is missing; put it beside the model")
    return content


def _content(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if path.suffix.lower() == ".glb" or data.startswith(_GLB_MAGIC):
        magic, _, length = struct.unpack_from("<4sII", data)
        if magic != _GLB_MAGIC:
            raise ValueError("it does not begin with glTF")
        if length > len(data):
            raise ValueError(f"{len(data)} of {length} bytes are there")
        size, kind = struct.unpack_from("<I4s", data, 12)
        if kind != _JSON_CHUNK:
            raise ValueError("its first part is not JSON")
        data = data[20 : 20 + size]
    content = json.loads(data)
    if not isinstance(content, dict) or "asset" not in content:
        raise ValueError("it has no asset entry")
    return content
