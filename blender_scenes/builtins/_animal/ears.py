"""Ears: cupped shells with an outer and an inner side, upright, round, long, to the side or hanging."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._animal.field import MARKS, Part, Skin, met_by_ray, vertex_normals
from synthmat.blender_scenes.builtins._animal.head import QuadrupedHead
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import grid_faces

_COLUMNS, _ROWS = 28, 18


@dataclass(frozen=True)
class _Shape:
    """Where an ear begins (degrees from the front and above the middle), its path and its width along the path.

    The path is in the ear's own frame: out to the side, ahead, up; in lengths of the ear. ``cup`` is how much its edges
    stand ahead of its middle.
    """

    place: tuple[float, float]
    path: tuple[tuple[float, float, float], ...]
    width: tuple[float, ...]
    cup: float


_SHAPES = {
    "triangle": _Shape(
        (68, 50), ((0, 0, -0.2), (0.1, 0.02, 0.3), (0.22, 0.0, 0.68), (0.3, 0.02, 1.0)), (0.4, 0.38, 0.26, 0.02), 0.5
    ),
    "round": _Shape(
        (75, 48), ((0, 0, -0.3), (0.2, 0, 0.2), (0.38, 0, 0.6), (0.5, 0, 0.9)), (0.42, 0.52, 0.5, 0.2), 0.35
    ),
    "upright": _Shape(
        (95, 55), ((0, 0, -0.2), (0.1, 0.05, 0.3), (0.18, 0.1, 0.7), (0.12, 0.18, 1.0)), (0.18, 0.24, 0.2, 0.02), 0.8
    ),
    "long": _Shape(
        (105, 58),
        ((0, 0, -0.1), (0.06, -0.06, 0.3), (0.16, -0.14, 0.7), (0.2, -0.16, 1.0)),
        (0.08, 0.13, 0.13, 0.02),
        0.7,
    ),
    "side": _Shape(
        (95, 32), ((-0.2, 0, 0), (0.3, 0.0, 0.06), (0.7, 0.02, 0.02), (1.0, 0.06, -0.14)), (0.16, 0.27, 0.26, 0.03), 0.6
    ),
    "pointed": _Shape(
        (75, 48), ((0, 0, -0.2), (0.16, 0.1, 0.3), (0.34, 0.3, 0.66), (0.42, 0.55, 0.85)), (0.36, 0.38, 0.26, 0.03), 0.3
    ),
    "folded": _Shape(
        (75, 48), ((0, 0, -0.2), (0.2, 0, 0.35), (0.36, 0.3, 0.45), (0.42, 0.62, 0.2)), (0.36, 0.38, 0.28, 0.04), 0.2
    ),
    "floppy": _Shape(
        (88, 34),
        ((-0.25, 0, 0), (0.2, -0.02, 0.06), (0.42, 0.04, -0.42), (0.36, 0.14, -1.0)),
        (0.24, 0.3, 0.36, 0.16),
        0.14,
    ),
    "lop": _Shape(
        (95, 46), ((-0.1, 0, 0), (0.2, 0, 0.1), (0.32, 0.02, -0.35), (0.26, 0.1, -0.95)), (0.1, 0.13, 0.17, 0.05), 0.3
    ),
}


@dataclass(frozen=True)
class Ear:
    """An ear's skin, its grid's colors to be painted, and how much of each place is the inner side ``(n,)``."""

    skin: Skin
    inner: Array


def ear_pair(kind: str, head: QuadrupedHead, parts: list[Part], rng: np.random.Generator) -> list[Ear]:
    """Return both ears of a head whose skin has ``parts``."""
    size = head.species.ear * rng.uniform(0.85, 1.15) * (0.85 if kind == "lop" else 1.0)
    turn, wide = rng.uniform(-12, 12), rng.uniform(0.85, 1.15)
    return [_ear(_SHAPES[kind], kind, side, size, (turn, wide), head, parts) for side in (-1, 1)]


def _ear(
    shape: _Shape,
    kind: str,
    side: int,
    size: float,
    varied: tuple[float, float],
    head: QuadrupedHead,
    parts: list[Part],
) -> Ear:
    _, long, high = head.species.skull
    center = np.array([0, -0.55 * long, 0.08 * high])
    azimuth, rise = np.radians(shape.place[0] + varied[0] * 0.5), np.radians(shape.place[1])
    look = head.along(side * np.sin(azimuth) * np.cos(rise), -np.cos(azimuth) * np.cos(rise), np.sin(rise))
    root = met_by_ray(parts, head.at(*center), look, 0.8)
    yaw = np.radians(varied[0])
    out = head.along(side * np.cos(yaw), np.sin(yaw), 0)
    ahead = head.along(side * np.sin(yaw) * 0.6 + side * 0.25, -np.cos(yaw), 0)
    up = head.axes[:, 2]
    local = np.array(shape.path)
    path = smooth_path(root + size * (local[:, :1] * out + local[:, 1:2] * ahead + local[:, 2:] * up), _ROWS)
    along = unit(np.gradient(path, axis=0))
    facing = ahead if kind not in ("floppy", "lop") else unit(-out + 0.3 * ahead)
    if kind == "side":
        facing = unit(ahead * 0.9 - up * 0.45)
    if kind == "folded":
        facing = unit(ahead * 0.6 - up * 0.9 + 0.2 * out)
    side_axis = unit(np.cross(along, facing))
    face_axis = np.cross(side_axis, along)
    width = smooth_path(np.array(shape.width)[:, None], _ROWS)[:, 0] * size * varied[1]
    width[-1] = 0.15 * width[-2]
    return _shell(path, side_axis, face_axis, np.maximum(width, 0.002), shape.cup, along)


def _shell(path: Array, side: Array, face: Array, width: Array, cup: float, along: Array) -> Ear:
    angle = np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)
    thick = (
        np.minimum(0.022, 0.5 * width)[:, None] * np.interp(np.linspace(0, 1, len(path)), (0, 1), (1.4, 0.5))[:, None]
    )
    x = width[:, None] * np.cos(angle)
    y = cup * width[:, None] * (np.cos(angle) ** 2 - 0.3) + thick * np.sin(angle)
    grid = path[:, None] + side[:, None] * x[..., None] + face[:, None] * y[..., None]
    grid[0], grid[-1] = grid[0].mean(axis=0), grid[-1].mean(axis=0)
    grid[..., 2] = np.maximum(grid[..., 2], 0.004)
    index = np.arange(grid[..., 0].size).reshape(grid.shape[:2])
    index[0], index[-1] = index[0, 0], index[-1, 0]
    faces = index.reshape(-1)[grid_faces(*grid.shape[:2], around=True, closed=False)]
    used, corners = np.unique(faces, return_inverse=True)
    places, faces = grid.reshape(-1, 3)[used], corners.reshape(-1, 4)
    normals = vertex_normals(places, faces)
    outward = ((grid[1:-1, 0] - grid[1:-1].mean(axis=1)) * normals[1 : 1 + (len(path) - 2) * _COLUMNS : _COLUMNS]).sum()
    if outward < 0:
        faces, normals = faces[:, ::-1], -normals
    inner = np.broadcast_to(
        np.clip(np.sin(angle) * 2, 0, 1) * np.clip(2 - 2 * np.abs(np.cos(angle)), 0, 1), grid.shape[:2]
    )
    inner = inner.reshape(-1)[used]
    comb = np.broadcast_to(along[:, None], grid.shape).reshape(-1, 3)[used]
    hair = 0.3 * (1 - inner)
    zero = np.zeros(len(places))
    marks = {**dict.fromkeys(MARKS, zero), "spine": zero + 1.4, "face": zero + 0.3}
    return Ear(Skin(places, faces, normals, comb, hair, zero + 0.4, marks), inner)
