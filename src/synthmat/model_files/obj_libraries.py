"""The materials of an OBJ file: the libraries that it names, the materials that it uses, their textures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from synthmat.model_files.texture_files import files_at, place_of

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STATEMENT = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*(mtllib|usemtl)[ \t]+([^\r\n]*)", re.MULTILINE)
_ENDING = re.compile(r"\S.*?\.mtl(?=\s|$)", re.IGNORECASE)
_KEYWORD = re.compile(r"^(\s*)([A-Za-z]\w*)(?=\s)")
_SPELLINGS = {
    name.lower(): name
    for name in (
        *("newmtl", "Kd", "Ks", "Ka", "Ke", "Ns", "Ni", "Tr", "Tf", "d", "illum", "Pr", "Pm", "Ps", "Pc", "Pcr"),
        *("map_Kd", "map_Ks", "map_Ka", "map_Ke", "map_Ns", "map_d", "map_Pr", "map_Pm", "map_Ps", "map_refl"),
        *("map_Bump", "bump", "norm", "refl"),
    )
}
"""Keywords of material libraries as Blender knows them, which tells upper from lower case, by their lower case."""
_MAP = re.compile(r"^(\s*(?:map_\w+|norm|bump|disp|decal|refl)\s+)(\S.*?)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class ObjMaterials:
    """The libraries (as stated, and where they are or should be) and the names of the materials that an OBJ file uses.

    ``plain`` says that each library is alone on its line and lies just where the line says.
    """

    libraries: list[tuple[str, Path]]
    used: list[str]
    plain: bool


def obj_materials(model: Path) -> ObjMaterials:
    """Read which materials an OBJ file names, and in which libraries.

    Without any, the library beside it that has its own name is meant, as most programs have it.

    Raises:
        OSError: The file cannot be read.
    """
    data = model.read_bytes()
    libraries: dict[str, Path] = {}
    used: dict[str, None] = {}
    plain = not data.startswith(BYTE_ORDER_MARK)
    for kind, rest in _STATEMENT.findall(data):
        text = rest.decode("utf-8", "surrogateescape").strip()
        if kind == b"usemtl":
            used[text] = None
            continue
        for name in _library_names(text, model):
            libraries[name] = place_of(name, model)
            plain &= name == text and libraries[name] == model.parent / name
    if not libraries and (own := model.with_suffix(".mtl")).is_file():
        libraries[own.name] = own
    return ObjMaterials(list(libraries.items()), list(used), plain)


def _library_names(text: str, model: Path) -> list[str]:
    """Return the libraries of one line: one whose name may hold spaces, or several."""
    text = text.strip("\"'")
    if files_at(place_of(text, model)):
        return [text]
    return _ENDING.findall(text) or [text]


def library_lines(library: Path) -> list[str]:
    """Return the lines of a material library, whatever its byte-order mark; none where it cannot be read.

    Bytes that are no UTF-8 stay as they are, by surrogate escapes, and keywords are spelled as Blender knows them.
    """
    try:
        data = library.read_bytes() if files_at(library) else b""
    except OSError:
        return []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        text = data.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "surrogateescape")
    return [_KEYWORD.sub(_respelled, line) for line in text.splitlines()]


def _respelled(match: re.Match[str]) -> str:
    return match[1] + _SPELLINGS.get(match[2].lower(), match[2])


def defined_materials(lines: list[str]) -> set[str]:
    """Return the names of the materials that the lines of a library define."""
    words = (line.strip().split(None, 1) for line in lines)
    return {pair[1].strip() for pair in words if len(pair) == 2 and pair[0].lower() == "newmtl"}


def texture_of(line: str, model: Path, library: Path) -> tuple[str, str, Path] | None:
    """Return what precedes a texture's name in a line of a library, the name, and where the file is.

    Options may precede the name, and the name may hold spaces: it is one of the line's endings. It counts from the
    library; where it is not there, it is looked for beside the library and the model. None for any other line.
    """
    match = _MAP.match(line)
    if match is None:
        return None
    start, rest = match[1], match[2]
    words = re.split(r"(\s+)", rest)
    for first in range(0, len(words), 2):
        name = "".join(words[first:]).strip("\"'")
        for spelling in _spellings(name):
            for beside in (library, model):
                path = place_of(spelling, beside)
                if files_at(path):
                    return start + "".join(words[:first]), name, path
    return start + "".join(words[:-1]), words[-1], library.parent / words[-1]


def _spellings(name: str) -> list[str]:
    """Return a name, and what it says in Windows' Latin alphabet where it is no UTF-8."""
    data = name.encode("utf-8", "surrogateescape")
    try:
        data.decode()
    except UnicodeDecodeError:
        return [name, data.decode("cp1252", "replace")]
    return [name]
