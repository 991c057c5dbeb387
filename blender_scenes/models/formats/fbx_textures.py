"""Textures of FBX materials that Blender's importer leaves out, since their shader is one that it does not know."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from synthmat.blender_scenes.models.formats.fbx_materials import binary_records, is_binary

_OPENING = re.compile(r'^\s*(Texture|LayeredTexture|Material|Video):\s*(-?\d+),\s*"(?:\w+::)?([^"]*)"')
_FILE = re.compile(r'^\s*(?:RelativeFilename|Filename|FileName):\s*"([^"]*)"')
_UV_SET = re.compile(r'^\s*P:\s*"UVSet"(?:,\s*"[^"]*"){3},\s*"([^"]*)"')
_CONTENT = re.compile(r"^\s*Content:")
_LINK = re.compile(r'^\s*C:\s*"(?:OO|OP)",\s*(-?\d+),\s*(-?\d+)(?:,\s*"([^"]*)")?')
_MAX_STEPS = 4


@dataclass(frozen=True)
class FbxTexture:
    """A texture of a material: the property that it is for, its file as stated, and the UV set, if one is named."""

    purpose: str
    file: str
    uv_set: str = ""

    @property
    def name(self) -> str:
        """The file's name, in lower case."""
        return re.split(r"[\\/]", self.file)[-1].lower()


@dataclass
class _Object:
    kind: str
    name: str
    file: str = ""
    uv_set: str = ""
    content: bool = False


@dataclass
class _Contents:
    objects: dict[str, _Object] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)


def fbx_textures(path: Path) -> tuple[dict[str, list[FbxTexture]], set[str]]:
    """Return the textures of each material of an FBX file by its name, and the names of the files inside of it.

    None of a file that cannot be understood, nor of those from before version 7. Of layered textures the lowest counts.

    Raises:
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    try:
        contents = _read_binary(data) if is_binary(data) else _read_text(data.decode("utf-8", "replace"))
    except (struct.error, LookupError, ValueError, UnicodeError):
        return {}, set()
    found: dict[str, list[FbxTexture]] = {}
    layered: set[tuple[str, str]] = set()
    for child, parent, _ in contents.links:
        texture = contents.objects.get(child)
        if texture is None or texture.kind != "Texture" or not texture.file:
            continue
        for material, purpose in _users(contents, child, parent):
            if (parent, purpose) not in layered:
                found.setdefault(material, []).append(FbxTexture(purpose, texture.file, texture.uv_set))
            if contents.objects.get(parent, texture).kind == "LayeredTexture":
                layered.add((parent, purpose))
    inside = {FbxTexture("", each.file).name for each in contents.objects.values() if each.content}
    return found, inside


def _users(contents: _Contents, child: str, parent: str) -> Iterator[tuple[str, str]]:
    """Yield the materials that a texture is linked to, and for what, directly or as a layer."""
    steps = [(child, parent)]
    for _ in range(_MAX_STEPS):
        after = []
        for below, above in steps:
            target = contents.objects.get(above)
            if target is None:
                continue
            if target.kind == "Material":
                purposes = {name for a, b, name in contents.links if (a, b) == (below, above) and name}
                yield from ((target.name, purpose) for purpose in sorted(purposes))
            elif target.kind == "LayeredTexture":
                after += [(above, b) for a, b, _ in contents.links if a == above]
        steps = list(dict.fromkeys(after))


def _read_text(text: str) -> _Contents:
    contents = _Contents()
    here: _Object | None = None
    depth = 0
    for line in text.splitlines():
        opening = _OPENING.match(line)
        if opening and line.rstrip().endswith("{"):
            here, depth = _Object(opening[1], opening[3]), 0
            contents.objects[opening[2]] = here
        elif here is not None:
            if file := _FILE.match(line):
                here.file = file[1] or here.file
            elif uv_set := _UV_SET.match(line):
                here.uv_set = uv_set[1]
            elif _CONTENT.match(line):
                here.content = True
        if here is not None:
            depth += line.count("{") - line.count("}")
            here = here if depth > 0 else None
        elif link := _LINK.match(line):
            contents.links.append((link[1], link[2], link[3] or ""))
    return contents


def _read_binary(data: bytes) -> _Contents:
    contents = _Contents()
    for top in binary_records(data):
        for record in binary_records(data, top) if top.name in ("Objects", "Connections") else ():
            if top.name == "Connections":
                if record.values[:1] in (["OO"], ["OP"]) and len(record.values) > 2:
                    name = str(record.values[3]) if len(record.values) > 3 else ""
                    contents.links.append((str(record.values[1]), str(record.values[2]), name))
                continue
            if record.name not in ("Texture", "LayeredTexture", "Material", "Video") or len(record.values) < 2:
                continue
            item = _Object(record.name, str(record.values[1]).partition("\x00")[0])
            contents.objects[str(record.values[0])] = item
            for part in binary_records(data, record):
                if part.name in ("RelativeFilename", "FileName", "Filename") and part.values:
                    item.file = str(part.values[0]) or item.file
                elif part.name == "Content" and part.values:
                    item.content = bool(part.values[0])
                elif part.name == "Properties70":
                    sets = [each.values for each in binary_records(data, part) if each.values[:1] == ["UVSet"]]
                    item.uv_set = str(sets[0][4]) if sets and len(sets[0]) > 4 else ""
    return contents
