"""Fur: strands of hair that grow from a skin, lie as its coat does and have its colors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthmat.blender_scenes.builtins._animal.field import Skin
from synthmat.blender_scenes.builtins._animal.tinted import paint_strands, tinted
from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.mesh import Indices
from synthmat.blender_scenes.builtins._parts.strands import add_strands, gathered, locks, taper, waved


class Fur(NamedTuple):
    """A kind of fur: ``strands`` a square unit, their length, half of their thickness, how steeply they stand (0 to 1),
    how they hang, gather and curl."""

    density: float
    length: float
    radius: float
    rise: float
    droop: float
    gather: float
    curl: float
    points: int


FURS = {
    "short": Fur(10500, 0.04, 0.0028, 0.24, 0.1, 0.15, 0.0, 4),
    "long": Fur(6000, 0.13, 0.0031, 0.34, 0.5, 0.55, 0.0, 6),
    "curly": Fur(6000, 0.1, 0.0032, 0.75, 0.15, 0.6, 0.02, 9),
    "wool": Fur(4600, 0.12, 0.0042, 0.85, 0.1, 0.7, 0.022, 9),
}
MOST = 32000


def add_fur(kind: str, skin: Skin, colors: Array, rng: np.random.Generator, scale: float = 1.0) -> None:
    """Add fur to the scene on a skin with colors ``(n, 3)``; ``scale`` multiplies its length."""
    fur = FURS[kind]
    roots, corner, weight = _roots(skin, fur.density, rng)

    def pick(values: Array) -> Array:
        spread = weight.reshape(*weight.shape, *[1] * (values.ndim - 1))
        picked: Array = (values[corner] * spread).sum(axis=1)
        return picked

    hair = pick(skin.hair)
    kept = hair > 0.06
    roots, corner, weight, hair = roots[kept], corner[kept], weight[kept], hair[kept]
    normals, comb, tint = unit(pick(skin.normals)), pick(skin.comb), pick(colors)
    length = fur.length * scale * rng.uniform(0.8, 1.2) * hair * rng.uniform(0.6, 1.15, len(roots))
    points = _strands(fur, roots, normals, comb, length, rng)
    share = np.linspace(0, 1, fur.points)
    shade = rng.uniform(0.72, 1.28, (len(roots), 1)) * (0.62 + 0.5 * share)[None]
    thick = fur.radius * rng.uniform(0.75, 1.15, (len(roots), 1)) * np.clip(hair[:, None], 0.55, 1.2)
    material = tinted("fur", roughness=float(rng.uniform(0.45, 0.65)))
    item = add_strands("fur", points, thick * taper(fur.points, 0.15, 0.35), material)
    paint_strands(item, tint[:, None] * shade[..., None])


def _roots(skin: Skin, density: float, rng: np.random.Generator) -> tuple[Array, Indices, Array]:
    """Return roots ``(k, 3)`` all over a skin, the corners of their faces ``(k, 4)`` and their weights ``(k, 4)``."""
    a, b, c, d = (skin.places[skin.faces[:, i]] for i in range(4))
    area = np.linalg.norm(np.cross(c - a, d - b), axis=1) / 2
    wanted = area * (0.35 + 0.65 * np.clip(skin.hair[skin.faces].mean(axis=1), 0, 1.0)) ** -1
    count = int(min(density * area.sum(), MOST))
    edge = np.cumsum(wanted)
    face = np.searchsorted(edge, (np.arange(count) + rng.random(count)) / count * edge[-1])
    face = np.minimum(face, len(skin.faces) - 1)
    u, v = rng.random((2, count))
    weight = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    corner = skin.faces[face]
    return (skin.places[corner] * weight[..., None]).sum(axis=1), corner, weight


def _strands(fur: Fur, roots: Array, normals: Array, comb: Array, length: Array, rng: np.random.Generator) -> Array:
    share = np.linspace(0, 1, fur.points)
    aside = rng.normal(0, 0.16, roots.shape)
    ahead = unit(comb * (1 - fur.rise) + normals * fur.rise + aside)
    later = unit(comb * (1 - 0.6 * fur.rise) + normals * fur.rise * 0.3 + aside)
    step = length[:, None, None] * share[None, :, None]
    points = roots[:, None] + step * (
        ahead[:, None] * (1 - 0.5 * share[None, :, None]) + later[:, None] * 0.5 * share[None, :, None]
    )
    points[..., 2] -= fur.droop * length[:, None] * share**2 * 0.5
    if fur.gather:
        leader = locks(roots, int(np.clip(len(roots) / 9, 300, 1500)), rng)
        near = np.linalg.norm(roots - roots[leader], axis=1) < 0.08
        leader = np.where(near, leader, np.arange(len(roots)))
        points = gathered(points, leader, fur.gather, 0.006, rng)
    if fur.curl:
        phase = rng.uniform(0, 2 * np.pi, len(roots))
        points = waved(points, phase, fur.curl * share[None, :] ** 0.5, 0.055, 0.8)
    points[..., 2] = np.maximum(points[..., 2], 0.002)
    return points
