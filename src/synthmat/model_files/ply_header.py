"""What the header of a PLY file says: its elements, and the textures that programs name in its comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_LONGEST = 2**20
_TEXTURE = re.compile(r"^comment\s+TextureFile\s+(\S.*?)\s*$", re.IGNORECASE)


@dataclass
class PlyElement:
    """An element: its name, how many there are, and its properties as (name, type, type of the length of a list)."""

    name: str
    count: int
    properties: list[tuple[str, str, str | None]] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Tell whether the element has properties of all these names."""
        return set(names) <= {name for name, _, _ in self.properties}


@dataclass
class PlyHeader:
    """The header of a PLY file; ``data_start`` is the offset of what follows it, in bytes."""

    format: str
    elements: list[PlyElement]
    textures: list[str]
    data_start: int

    def element(self, name: str) -> PlyElement | None:
        """Return an element by its name."""
        return next((element for element in self.elements if element.name == name), None)


def read_ply_header(path: Path) -> PlyHeader:
    """Read the header of a PLY file.

    Raises:
        OSError: The file cannot be read.
        ValueError: It has no such header.
    """
    with path.open("rb") as file:
        data = file.read(_LONGEST)
    end = re.search(rb"(?m)^end_header[ \t]*(?:\r\n|\r|\n)", data)
    if not data.startswith(b"ply") or end is None:
        raise ValueError("it has no PLY header")
    header = PlyHeader("", [], [], end.end())
    for line in data[: end.start()].decode("utf-8", "replace").splitlines():
        words = line.split()
        if match := _TEXTURE.match(line):
            header.textures.append(match[1].strip("\"'"))
        elif words[:1] == ["format"] and len(words) > 1:
            header.format = words[1]
        elif words[:1] == ["element"] and len(words) == 3:
            header.elements.append(PlyElement(words[1], int(words[2])))
        elif words[:2] == ["property", "list"] and len(words) == 5 and header.elements:
            header.elements[-1].properties.append((words[4], words[3], words[2]))
        elif words[:1] == ["property"] and len(words) == 3 and header.elements:
            header.elements[-1].properties.append((words[2], words[1], None))
    return header
