"""Reads the numbers of a PLY file: those of vertices and faces that Blender's importer passes over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from synthmat.model_files.ply_header import PlyElement, PlyHeader

Column = npt.NDArray[Any] | list[npt.NDArray[Any]]
"""One property of an element: (count,), or for lists a (count, N) array or one array an element."""

_TYPES = {
    "char": "i1",
    "uchar": "u1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "float": "f4",
    "double": "f8",
    "int8": "i1",
    "uint8": "u1",
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float32": "f4",
    "float64": "f8",
}
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">"}


def read_ply_data(path: Path, header: PlyHeader) -> dict[str, dict[str, Column]]:
    """Return every property of every element, by both names.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds less than its header says, or of a type that there is not.
    """
    data = path.read_bytes()[header.data_start :]
    try:
        if header.format == "ascii":
            return _read_words(data.split(), header)
        return _read_binary(data, header, _ORDERS[header.format])
    except (LookupError, TypeError, OverflowError) as error:
        raise ValueError(f"its data are not what its header says ({error})") from None


def _read_words(words: list[bytes], header: PlyHeader) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    at = 0
    for element in header.elements:
        if all(length is None for _, _, length in element.properties):
            width = len(element.properties)
            table = np.array(words[at : at + element.count * width], np.float64).reshape(element.count, width)
            found[element.name] = {name: table[:, i] for i, (name, _, _) in enumerate(element.properties)}
            at += element.count * width
            continue
        rows: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
        for _ in range(element.count):
            for name, _, length in element.properties:
                size = 1
                if length is not None:
                    size, at = int(words[at]), at + 1
                rows[name].append(np.array(words[at : at + size], np.float64))
                at += size
        if at > len(words):
            raise ValueError("it is cut off")
        found[element.name] = {
            name: np.array(rows[name]).reshape(element.count) if length is None else rows[name]
            for name, _, length in element.properties
        }
    return found


def _read_binary(data: bytes, header: PlyHeader, order: str) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    at = 0
    for element in header.elements:
        columns, at = _equal_rows(data, at, element, order) or _odd_rows(data, at, element, order)
        found[element.name] = columns
    return found


def _equal_rows(data: bytes, at: int, element: PlyElement, order: str) -> tuple[dict[str, Column], int] | None:
    """Read an element whose lists are all as long as in the first row; None if they are not."""
    fields: list[tuple[str, Any]] = []
    lengths: dict[str, int] = {}
    offset = at
    for name, kind, length in element.properties:
        scalar = np.dtype(order + _TYPES[kind])
        if length is None:
            fields.append((name, scalar))
            offset += scalar.itemsize
            continue
        counter = np.dtype(order + _TYPES[length])
        if element.count == 0:
            return {name: np.empty(0) for name, _, _ in element.properties}, at
        size = int(np.frombuffer(data, counter, 1, offset)[0])
        fields += [(f"length of {name}", counter), (name, scalar, (size,))]  # type: ignore[list-item]
        lengths[name] = size
        offset += counter.itemsize + size * scalar.itemsize
    row = np.dtype(fields)
    if at + row.itemsize * element.count > len(data):
        return None
    table = np.frombuffer(data, row, element.count, at)
    if any((table[f"length of {name}"] != size).any() for name, size in lengths.items()):
        return None
    return {name: table[name] for name, _, _ in element.properties}, at + row.itemsize * element.count


def _odd_rows(data: bytes, at: int, element: PlyElement, order: str) -> tuple[dict[str, Column], int]:
    rows: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
    kinds = [
        (name, np.dtype(order + _TYPES[kind]), None if length is None else np.dtype(order + _TYPES[length]))
        for name, kind, length in element.properties
    ]
    for _ in range(element.count):
        for name, scalar, counter in kinds:
            size = 1
            if counter is not None:
                size = int(np.frombuffer(data, counter, 1, at)[0])
                at += counter.itemsize
            rows[name].append(np.frombuffer(data, scalar, size, at))
            at += size * scalar.itemsize
    columns: dict[str, Column] = {
        name: np.array(rows[name]).reshape(element.count) if counter is None else rows[name]
        for name, _, counter in kinds
    }
    return columns, at
