"""The JSON part of a glTF, GLB or VRM file."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

GLTF_SUFFIXES = (".gltf", ".glb", ".vrm")
_LIMIT = 256 * 2**20


def read_gltf_json(model: Path) -> dict[str, Any]:
    """Return the document of a glTF file; empty where it cannot be read as one, which the import will say.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with model.open("rb") as file:
            head = file.read(20)
            if head[:4] == b"glTF" and len(head) == 20:
                text = file.read(min(struct.unpack("<I", head[12:16])[0], _LIMIT))
            else:
                text = head + file.read(_LIMIT)
        document = json.loads(text)
    except (ValueError, RecursionError, struct.error):
        return {}
    return document if isinstance(document, dict) else {}
