"""What the data file holds: the mesh of a person, its shapes, its bones and its skin weights.

The file is made by tools/make_people_data.py from data of MakeHuman that are in the public domain (CC0 1.0), the Face
Units by Mika Suominen among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA_FILE = Path(__file__).with_name("people.npz")

Array = NDArray[np.float64]
Indices = NDArray[np.int32]


@dataclass(frozen=True)
class Part:
    """A piece of the mesh: where its vertices and its faces lie among those of the whole."""

    vertices: slice
    faces: slice


@dataclass(frozen=True)
class Offsets:
    """A shape that moves few points: the points ``(n,)``, and by how many meters ``(n, 3)`` at full strength."""

    points: Indices
    meters: Array


@dataclass(frozen=True)
class PeopleData:
    """The data file, unpacked.

    Points are the V vertices, then the heads and the tails of the B bones: positions and shapes have V + 2 B of them,
    in meters, z up, the face to -y, the left hand to +x.

    ``template`` ``(V + 2 B, 3)`` is the mean body; ``basis`` ``(components, V + 2 B, 3)`` the principal components of
    bodies; ``terms`` ``(shapes, terms)`` and ``projection`` ``(shapes, components)``, ``projection_offset`` turn a
    description into weights of those. ``faces`` ``(F, 4)`` are quads (a triangle repeats its last vertex), with
    ``texture`` ``(F, 4, 2)`` from 0 to 1. ``skin_bones`` and ``skin_weights`` are ``(V, 4)``; ``masks`` ``(V,)`` each.
    """

    template: Array
    basis: Array
    terms: NDArray[np.bool_]
    projection: Array
    projection_offset: Array
    local: dict[str, Offsets]
    actions: dict[str, Offsets]
    faces: Indices
    texture: Array
    parts: dict[str, Part]
    bones: tuple[str, ...]
    parents: tuple[int, ...]
    skin_bones: Indices
    skin_weights: Array
    masks: dict[str, Array]

    @property
    def vertex_count(self) -> int:
        """How many vertices all parts have together."""
        return len(self.skin_bones)

    def bone(self, name: str) -> int:
        """Return the index of a bone."""
        return self.bones.index(name)


@lru_cache(maxsize=1)
def people_data() -> PeopleData:
    """Return the data file, read once per process. The arrays are shared: do not write to them."""
    with np.load(DATA_FILE) as archive:
        packed = dict(archive)
    wide = _summed(packed["basis_wide"])
    basis = np.concatenate([wide.astype(np.float32), _summed(packed["basis"]).astype(np.float32)])
    basis *= packed["basis_steps"][:, None, None]
    return PeopleData(
        template=_summed(packed["template"]).T * float(packed["template_step"]),
        basis=np.ascontiguousarray(basis.transpose(0, 2, 1)),
        terms=packed["terms"],
        projection=packed["projection"].astype(float),
        projection_offset=packed["projection_offset"].astype(float),
        local=_offsets(packed, "local"),
        actions=_offsets(packed, "action"),
        faces=packed["faces"].astype(np.int32),
        texture=(packed["texture"] / np.float32(65535))[packed["face_texture"]].astype(np.float32),
        parts=_parts(packed),
        bones=tuple(packed["bone_names"].tolist()),
        parents=tuple(packed["bone_parents"].tolist()),
        skin_bones=packed["skin_bones"].astype(np.int32),
        skin_weights=packed["skin_weights"] / 255.0,
        masks=dict(zip(packed["mask_names"].tolist(), packed["masks"] / np.float32(255), strict=True)),
    )


def _summed(differences: NDArray[Any]) -> NDArray[Any]:
    """Undo differences along the last axis, modulo the range of the integers."""
    return np.cumsum(differences, axis=-1, dtype=differences.dtype)


def _offsets(packed: dict[str, NDArray[Any]], prefix: str) -> dict[str, Offsets]:
    ends = np.cumsum(packed[f"{prefix}_counts"])
    points = np.split(packed[f"{prefix}_points"], ends[:-1])
    offsets = np.split(packed[f"{prefix}_offsets"].T, ends[:-1])
    return {
        name: Offsets(_summed(point).astype(np.int32), offset * float(step))
        for name, point, offset, step in zip(
            packed[f"{prefix}_names"].tolist(), points, offsets, packed[f"{prefix}_steps"], strict=True
        )
    }


def _parts(packed: dict[str, NDArray[Any]]) -> dict[str, Part]:
    vertices = np.cumsum(packed["part_vertices"]).tolist()
    faces = np.cumsum(packed["part_faces"]).tolist()
    return {
        name: Part(slice(v - nv, v), slice(f - nf, f))
        for name, v, nv, f, nf in zip(
            packed["part_names"].tolist(),
            vertices,
            packed["part_vertices"].tolist(),
            faces,
            packed["part_faces"].tolist(),
            strict=True,
        )
    }
