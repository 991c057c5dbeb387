"""Feathers: a coat of small ones that lie over each other, and the long ones of wings and tail."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._animal.field import Skin
from synthmat.blender_scenes.builtins._animal.tinted import add_tinted_grids
from synthmat.blender_scenes.builtins._parts.curve import Array, unit

_ROWS = 6
_PROFILE = np.array([0.45, 0.9, 1.0, 0.95, 0.7, 0.08])
_EDGE = np.array([-1.0, 0.0, 1.0])


def add_feathers(
    name: str,
    roots: Array,
    ahead: Array,
    normals: Array,
    sizes: tuple[ArrayLike, ArrayLike],
    colors: Array,
    material: bpy.types.Material,
    bend: float = 0.0,
    edge: float = 0.75,
) -> bpy.types.Object:
    """Add feathers as thin vaulted sheets.

    Args:
        name: Name of the object.
        roots: Where they begin ``(n, 3)``.
        ahead: Where they point ``(n, 3)``.
        normals: Which way their outer sides look ``(n, 3)``.
        sizes: Length and half of the width, each one or ``(n,)``.
        colors: Linear RGB of each ``(n, 3)``.
        material: Takes its color from the points.
        bend: How far the tips sink, as a share of the length.
        edge: Factor of the color at the edges.
    """
    count = len(roots)
    length, width = (np.broadcast_to(np.asarray(size, float), count) for size in sizes)
    along = unit(ahead)
    across = unit(np.cross(normals, along) + 1e-9)
    up = np.cross(along, across)
    t = np.linspace(0, 1, _ROWS)
    path = roots[:, None] + length[:, None, None] * (
        t[None, :, None] * along[:, None] - bend * (t**2)[None, :, None] * up[:, None]
    )
    half = (width[:, None] * _PROFILE)[:, :, None, None]
    vault = -0.28 * (_EDGE**2)[None, None, :, None]
    grids = path[:, :, None] + half * (_EDGE[None, None, :, None] * across[:, None, None] + vault * up[:, None, None])
    grids[..., 2] = np.maximum(grids[..., 2], 0.003)
    shade = np.where(_EDGE == 0, 1.05, edge)[None, None, :, None] * np.linspace(0.85, 1.1, _ROWS)[None, :, None, None]
    tint = np.clip(colors[:, None, None] * shade, 0, 0.8)
    return add_tinted_grids(name, grids, np.broadcast_to(tint, grids.shape), material, around=False)


def add_coat(skin: Skin, colors: Array, size: float, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Cover a skin with feathers in its colors ``(n, 3)``; they are ``size`` long where its ``hair`` is 1."""
    a, b, c, d = (skin.places[skin.faces[:, i]] for i in range(4))
    area = np.linalg.norm(np.cross(c - a, d - b), axis=1) / 2
    hair = skin.hair[skin.faces].mean(axis=1)
    wanted = np.where(hair > 0.08, area / np.maximum(hair, 0.3) ** 1.4, 0.0)
    edge = np.cumsum(wanted)
    count = int(np.clip(3.2 * edge[-1] / size**2, 200, 4600))
    face = np.minimum(np.searchsorted(edge, (np.arange(count) + rng.random(count)) / count * edge[-1]), len(area) - 1)
    corner = skin.faces[face, 0]
    normals = unit(skin.normals[corner] + rng.normal(0, 0.06, (count, 3)))
    comb = unit(skin.comb[corner] + rng.normal(0, 0.1, (count, 3)) + 0.3 * normals)
    long = size * skin.hair[corner] * rng.uniform(0.85, 1.15, count)
    shade = rng.uniform(0.85, 1.15, (count, 1))
    add_feathers(
        "plumage", skin.places[corner] + normals * 0.002, comb, normals, (long, 0.33 * long), colors[corner] * shade,
        material, bend=0.18, edge=0.85,
    )  # fmt: skip
