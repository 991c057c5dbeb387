"""Hair of the face: brows, lashes and beards, as strands."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.hair_material import hair_material
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper
from synthmat.blender_scenes.builtins._person.complexion import Complexion
from synthmat.blender_scenes.builtins._person.surface import Indices, Surface, triangulated, vertex_normals

BEARDS = ("none", "stubble", "short", "full", "moustache", "goatee")
_GROWN = {"short": (5000, 0.007), "full": (7000, 0.03), "moustache": (900, 0.011), "goatee": (2200, 0.016)}
_OFTEN = (0.45, 0.2, 0.15, 0.08, 0.05, 0.07)


def random_beard(*, age: float, male: bool, rng: np.random.Generator) -> str:
    """Return one of `BEARDS`."""
    return str(rng.choice(BEARDS, p=_OFTEN)) if male and age > 0.5 else "none"


def add_brows(head: Surface, weight: Array, size: float, complexion: Complexion, rng: np.random.Generator) -> None:
    """Add brows to the scene, which grow outward and a little up; ``size`` is 1 for a head of an adult."""
    roots, normal = _grown(head, weight**2.5, 1100, rng)
    aside = np.sign(roots[:, :1] - np.median(roots[:, 0])) * [[1.0, 0.0, 0.0]]
    inner = np.clip(1 - np.abs(roots[:, 0] - np.median(roots[:, 0])) / (0.03 * size), 0, 1)[:, None]
    ahead = aside + np.array([0, 0, 1.0]) * (0.15 + 0.7 * inner) + normal * 0.35 + rng.normal(0, 0.16, roots.shape)
    length = size * rng.uniform(0.005, 0.009, len(roots))
    _add_bent("brows", roots, ahead, length, -normal * 0.5, 0.00011 * size, complexion, rng)


def add_lashes(
    lashes: Surface, eyes: list[Array], size: float, complexion: Complexion, rng: np.random.Generator
) -> None:
    """Add lashes to the scene, strands on the strips ``lashes`` of quads; ``eyes`` are the centers of the eyes."""
    faces = lashes.places[lashes.faces]
    nearest = np.minimum.reduce([np.linalg.norm(faces - center, axis=-1) for center in eyes])
    order = np.argsort(nearest, axis=1)
    corner = np.take_along_axis(faces, order[..., None], axis=1)
    parallel = np.linalg.norm(corner[:, 0] - corner[:, 2], axis=1) < np.linalg.norm(corner[:, 0] - corner[:, 3], axis=1)
    tip_a: Array = np.where(parallel[:, None], corner[:, 2], corner[:, 3])
    tip_b: Array = np.where(parallel[:, None], corner[:, 3], corner[:, 2])
    share: Array = rng.random((len(faces), 3, 1))
    root: Array = (corner[:, None, 0] * (1 - share) + corner[:, None, 1] * share).reshape(-1, 3)
    tip: Array = (tip_a[:, None] * (1 - share) + tip_b[:, None] * share).reshape(-1, 3)
    length = np.sqrt(((tip - root) ** 2).sum(axis=1)) * rng.uniform(0.5, 0.95, len(root))
    _add_bent("lashes", root, tip - root, length, np.array([0, 0, 0.4]), 0.00008 * size, complexion, rng)


def add_beard(
    kind: str, head: Surface, weight: Array, lips: Array, size: float, complexion: Complexion, rng: np.random.Generator
) -> None:
    """Add one of `BEARDS` to the scene; ``weight`` ``(n,)`` is where it may grow, ``lips`` the middle of the lips."""
    if kind in ("none", "stubble"):
        return
    aside, below = np.abs(head.places[:, 0] - lips[0]) / size, (lips[2] - head.places[:, 2]) / size
    if kind == "moustache":
        weight = weight * (below < 0.0) * (aside < 0.035)
    elif kind == "goatee":
        weight = weight * (aside < 0.032)
    count, long = _GROWN[kind]
    roots, normal = _grown(head, weight, count, rng)
    ahead = normal * 0.5 + np.array([0, -0.15, -0.8]) + rng.normal(0, 0.25, roots.shape)
    ahead[:, 0] += np.sign(roots[:, 0] - lips[0]) * 0.25
    length = size * long * rng.uniform(0.6, 1.3, len(roots))
    _add_bent("beard", roots, ahead, length, np.array([0, 0, -0.5]), 0.00014 * size, complexion, rng)


def _grown(head: Surface, weight: Array, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return roots ``(n, 3)`` that are spread by weight, and the skin's normals there."""
    triangles: Indices = triangulated(head.faces)
    normals = vertex_normals(head.places, head.faces)
    corners = head.places[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chance = area * weight[triangles].mean(axis=1)
    chosen = rng.choice(len(triangles), size=count, p=chance / chance.sum())
    share = rng.dirichlet([1.0, 1.0, 1.0], size=count)[..., None]
    kept = (weight[triangles[chosen]] * share[..., 0]).sum(axis=1) > rng.uniform(0.1, 0.6, count)
    roots, normal = (corners[chosen] * share).sum(axis=1), (normals[triangles[chosen]] * share).sum(axis=1)
    return roots[kept], normal[kept]


def _add_bent(
    name: str,
    roots: Array,
    ahead: Array,
    length: Array,
    bend: Array,
    radius: float,
    complexion: Complexion,
    rng: np.random.Generator,
) -> bpy.types.Object:
    """Add strands that begin along ``ahead`` ``(n, 3)`` and turn towards ``bend``."""
    t = np.linspace(0, 1, 6)[None, :, None]
    way = unit(ahead)[:, None] * t + np.broadcast_to(bend, roots.shape)[:, None] * t**2 * 0.5
    points = roots[:, None] + way * length[:, None, None]
    thick = radius * rng.uniform(0.7, 1.2, (len(roots), 1)) * taper(6, 0.2, 0.2)
    return add_strands(name, points, thick, hair_material(complexion.brows, complexion.brows, rng))
