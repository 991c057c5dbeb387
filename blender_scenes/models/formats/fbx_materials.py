"""Opacity of the materials of an FBX file, read without Blender, from text or bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BINARY = b"Kaydara FBX Binary"
_WIDE_SINCE = 7500
_SCALARS = {"Y": "<h", "C": "<?", "B": "<?", "I": "<i", "F": "<f", "D": "<d", "L": "<q"}
_ARRAYS = {"f": 4, "d": 8, "l": 8, "i": 4, "b": 1, "c": 1}
_WANTED = ("Opacity", "TransparencyFactor", "TransparentColor")
_OPENING = re.compile(r'^\s*Material:\s*(?:(-?\d+),\s*)?"(?:Material::)?([^"]*)"')
_PROPERTY = re.compile(r'^\s*(?:P|Property|Property70):\s*"(\w+)"(?:,\s*"[^"]*")+\s*,\s*([-+0-9.eE, ]+)$')
_LINK = re.compile(r'^\s*(?:C|Connect):\s*"OP",\s*("[^"]*"|-?\d+),\s*("[^"]*"|-?\d+),\s*"([^"]*)"')
_ABOUT_OPACITY = re.compile("opacity|transparen|cutout|alpha", re.IGNORECASE)


@dataclass
class FbxMaterial:
    """A material: its name, the properties that set opacity, and the property that a texture gives it, if any."""

    name: str
    values: dict[str, tuple[float, ...]] = field(default_factory=dict)
    texture: str = ""

    @property
    def opacity(self) -> float:
        """Opacity, 0 to 1: as it is stated, or else what transparency leaves."""
        if "Opacity" in self.values:
            return self.values["Opacity"][0]
        factor = self.values.get("TransparencyFactor", (0.0,))[0]
        color = self.values.get("TransparentColor", (1.0,))
        return 1 - factor * sum(color) / len(color)


def fbx_materials(path: Path) -> list[FbxMaterial]:
    """Return the materials of an FBX file; none if it cannot be understood.

    Raises:
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    found: dict[str, FbxMaterial] = {}
    try:
        if is_binary(data):
            _read_binary(data, found)
        else:
            _read_text(data.decode("utf-8", "replace"), found)
    except (struct.error, LookupError, ValueError, UnicodeError):
        return []
    return list(found.values())


def _read_text(text: str, found: dict[str, FbxMaterial]) -> None:
    here: FbxMaterial | None = None
    depth = 0
    for line in text.splitlines():
        opening = _OPENING.match(line)
        if opening and line.rstrip().endswith("{"):
            here, depth = FbxMaterial(opening[2]), 0
            found[opening[1] or f"Material::{opening[2]}"] = here
        if here is not None:
            prop = _PROPERTY.match(line)
            if prop and prop[1] in _WANTED:
                here.values[prop[1]] = tuple(float(number) for number in prop[2].split(","))
            depth += line.count("{") - line.count("}")
            if depth <= 0:
                here = None
        if link := _LINK.match(line):
            _connect(found, link[2].strip('"'), link[3])


def _connect(found: dict[str, FbxMaterial], target: str, name: str) -> None:
    if target in found and _ABOUT_OPACITY.search(name):
        found[target].texture = name


@dataclass
class FbxRecord:
    """A record of a binary file: its name, its values (arrays left out), and where those inside it lie."""

    name: str
    values: list[Any]
    first: int
    last: int


def is_binary(data: bytes) -> bool:
    """Tell whether an FBX file is one of bytes, not of text."""
    return data.startswith(_BINARY)


def binary_records(data: bytes, within: FbxRecord | None = None) -> Iterator[FbxRecord]:
    """Yield the records of a binary file at its top, or those within another record.

    Raises:
        ValueError, LookupError, struct.error: It is damaged.
    """
    (version,) = struct.unpack_from("<I", data, 23)
    first, last = (27, len(data)) if within is None else (within.first, within.last)
    return _records(data, first, last, version >= _WIDE_SINCE)


def _read_binary(data: bytes, found: dict[str, FbxMaterial]) -> None:
    for top in binary_records(data):
        if top.name == "Objects":
            for record in binary_records(data, top):
                if record.name == "Material" and record.values:
                    identity, name = (record.values[0], record.values[1 if len(record.values) > 2 else 0])
                    material = FbxMaterial(str(name).partition("\x00")[0])
                    _read_properties(data, record, material)
                    found[str(identity)] = material
        elif top.name == "Connections":
            for record in binary_records(data, top):
                if record.values[:1] == ["OP"] and len(record.values) > 3:
                    _connect(found, str(record.values[2]), str(record.values[3]))


def _read_properties(data: bytes, record: FbxRecord, material: FbxMaterial) -> None:
    for group in binary_records(data, record):
        if group.name.startswith("Properties"):
            for prop in binary_records(data, group):
                if prop.values and prop.values[0] in _WANTED:
                    numbers = [value for value in prop.values[1:] if isinstance(value, int | float)]
                    if numbers:
                        material.values[str(prop.values[0])] = tuple(map(float, numbers))


def _records(data: bytes, at: int, end: int, wide: bool) -> Iterator[FbxRecord]:
    head = struct.Struct("<QQQB" if wide else "<IIIB")
    while at + head.size <= end:
        last, count, length, name_length = head.unpack_from(data, at)
        if last == 0:
            return
        start = at + head.size + name_length
        name = data[at + head.size : start].decode("utf-8", "replace")
        yield FbxRecord(name, _values(data, start, count), start + length, last)
        if last <= at:
            raise ValueError("records that run backwards")
        at = last


def _values(data: bytes, at: int, count: int) -> list[Any]:
    values: list[Any] = []
    for _ in range(count):
        kind = chr(data[at])
        at += 1
        if kind in _SCALARS:
            values.append(struct.unpack_from(_SCALARS[kind], data, at)[0])
            at += struct.calcsize(_SCALARS[kind])
        elif kind in "SR":
            (length,) = struct.unpack_from("<I", data, at)
            values.append(data[at + 4 : at + 4 + length].decode("utf-8", "replace"))
            at += 4 + length
        elif kind in _ARRAYS:
            size, packed, length = struct.unpack_from("<III", data, at)
            at += 12 + (length if packed else size * _ARRAYS[kind])
        else:
            raise ValueError(f"a value of unknown kind {kind}")
    return values
