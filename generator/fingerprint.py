"""What a model is made of: the sha256 of its file and of the files that it refers to."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from pathlib import Path
from urllib.parse import unquote

from synthmat.atomic import sha256_file

_GLTF_JSON_LIMIT = 256 * 2**20


def fingerprint(model: Path) -> str:
    """Return a hash that changes when the model or a file it refers to (texture, buffer, material) changes.

    glTF, GLB and OBJ name these files in the open and are followed; other formats count as one file.
    """
    digest = hashlib.sha256(sha256_file(model).encode())
    for path in sorted(referenced_files(model)):
        digest.update(path.name.encode())
        digest.update(sha256_file(path).encode() if path.is_file() else b"missing")
    return digest.hexdigest()


def referenced_files(model: Path) -> set[Path]:
    """Return the files that a glTF, GLB or OBJ model refers to, whether they exist or not."""
    suffix = model.suffix.lower()
    if suffix in (".gltf", ".glb"):
        names = _gltf_uris(model)
    elif suffix == ".obj":
        names = _obj_files(model)
    else:
        names = set()
    return {model.parent / name for name in names}


def _gltf_uris(model: Path) -> set[str]:
    try:
        with model.open("rb") as file:
            head = file.read(20)
            if head[:4] == b"glTF" and len(head) == 20:
                text = file.read(min(struct.unpack("<I", head[12:16])[0], _GLTF_JSON_LIMIT))
            else:
                text = head + file.read(_GLTF_JSON_LIMIT)
        document = json.loads(text)
        entries = [*document.get("buffers", []), *document.get("images", [])]
        uris = [entry["uri"] for entry in entries if isinstance(entry.get("uri"), str)]
    except (ValueError, AttributeError, TypeError, struct.error):
        return set()  # not readable as glTF: the import will say so
    return {unquote(uri) for uri in uris if not uri.startswith(("data:", "http:", "https:"))}


def _obj_files(model: Path) -> set[str]:
    names: set[str] = set()
    with model.open("rb") as file:
        for line in file:
            if line.startswith(b"mtllib "):
                names.add(line[7:].decode("utf-8", "replace").strip())
    for name in list(names):
        library = model.parent / name
        if library.is_file():
            text = library.read_text("utf-8", "replace")
            names |= {
                line.split()[-1] for line in re.findall(r"(?m)^\s*(?:map_\w+|norm|bump|disp|decal)\s+\S.*$", text)
            }
    return names
