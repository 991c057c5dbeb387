"""Colors of binary STL files, which two programs store in the spare bytes of each triangle; Blender leaves them out."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt

_HEAD = 84
_TRIANGLE = np.dtype([("numbers", "<f4", (4, 3)), ("spare", "<u2")])
_OWN = 0x8000
_LAYER = "Col"
_GRAY = 0.735
"""What surfaces without a color have elsewhere, 0.5 in linear color, in sRGB."""


def add_stl_colors(path: Path, mesh: bpy.types.Mesh) -> list[str]:
    """Give a mesh that was read from ``path`` the colors of its triangles, if it has any, and return warnings.

    Materialise Magics says ``COLOR=`` in the header, stores red in the lowest bits, and sets the highest bit where the
    header's color counts. Others (VisCAM, SolidView, MeshLab) store blue in the lowest bits and set the highest bit
    where a color counts.
    """
    colors = _stl_colors(path)
    if colors is None:
        return []
    if len(colors) != len(mesh.polygons):
        return ["the colors of its triangles are not shown: Blender reads others, as where some are there twice"]
    rgba = np.ones((len(colors) * 3, 4), np.float32)
    rgba[:, :3] = np.repeat(_linear(colors), 3, axis=0)
    layer = mesh.color_attributes.new(_LAYER, "FLOAT_COLOR", "CORNER")
    layer.data.foreach_set("color", rgba.reshape(-1))
    return []


def _stl_colors(path: Path) -> npt.NDArray[np.float64] | None:
    """Return the sRGB color of each triangle (N, 3), 0..1; None for text or where no triangle has one."""
    data = path.read_bytes()
    count = int.from_bytes(data[80:_HEAD], "little")
    if len(data) < _HEAD + count * _TRIANGLE.itemsize or not count:
        return None
    spare = np.frombuffer(data, _TRIANGLE, count, _HEAD)["spare"].astype(np.int64)
    parts = np.stack([spare & 31, spare >> 5 & 31, spare >> 10 & 31], axis=-1) / 31
    marked = (spare & _OWN) != 0
    at = data[:80].find(b"COLOR=")
    if at >= 0 and at + 10 <= 80:
        whole = np.array(list(data[at + 6 : at + 9])) / 255
        return np.where(marked[:, None] | ~spare.any(), whole, parts)
    if not marked.any():
        return None
    return np.where(marked[:, None], parts[:, ::-1], _GRAY)


def _linear(colors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
