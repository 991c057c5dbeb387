"""Shoes: an upper round the foot on a sole that follows its outline."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, add_mesh
from synthmat.blender_scenes.builtins._person.fabrics import cloth_color, random_fabric
from synthmat.blender_scenes.builtins._person.garment import Dummy
from synthmat.blender_scenes.builtins._person.measures import Measures
from synthmat.blender_scenes.builtins._person.surface import (
    Surface,
    compact,
    cut,
    edges_of,
    smoothed,
    subdivided,
    triangulated,
    vertex_normals,
)

_TOP = 1.93
_ROOM = 0.006


def in_shoe(at: Measures) -> Array:
    """Return how far inside of a shoe each point lies ``(n,)``, meters, about."""
    inside: Array = np.where(at.arm > 0.4, -0.3, (at.leg - _TOP) * 0.3)
    return inside


def add_shoes(dummy: Dummy, rng: np.random.Generator) -> None:
    """Add two shoes to the scene."""
    upper = random_fabric("shoe", ("plain", "leather", "leather", "denim"), rng)
    white = rng.random() < 0.5
    sole = plain("sole", (0.75, 0.74, 0.7) if white else cloth_color(rng), roughness=0.6)
    height = float(rng.uniform(0.012, 0.03))
    tights = dummy.tights
    at = Measures.of(tights.columns[:, 6:14])
    for side in (-1, 1):
        chosen = ((in_shoe(at) > -0.06) & (at.x * side > 0))[tights.faces].all(axis=1)
        foot = compact(Surface(np.concatenate([tights.columns, in_shoe(at)[:, None]], axis=1), tights.faces[chosen]))
        _add_shoe(foot, height, upper, sole)


def _add_shoe(foot: Surface, height: float, upper: bpy.types.Material, sole: bpy.types.Material) -> None:
    """Add one shoe: made on the foot as it rests on the ground, then moved as the foot is."""
    rest = foot.columns[:, 3:6]
    turn, shift = _moved(rest[foot.columns[:, -1] > 0.01], foot.places[foot.columns[:, -1] > 0.01])
    edges = edges_of(foot.faces)[0]
    shell = smoothed(rest + vertex_normals(rest, foot.faces) * _ROOM, edges, 8)
    shell[:, 2] = np.maximum(shell[:, 2], 0.0)
    fine = subdivided(Surface(np.concatenate([shell, foot.columns[:, -1:]], axis=1), foot.faces))
    piece = cut(Surface(fine.columns, triangulated(fine.faces)), fine.columns[:, 3])
    quads = np.concatenate([piece.faces, piece.faces[:, 2:]], axis=1)
    edge = np.abs(piece.columns[:, 3])
    attributes = {"edge": edge, "across": piece.columns[:, 0], "along": piece.columns[:, 1]}
    item = add_mesh("shoe", piece.places @ turn.T + shift, quads, upper, attributes)
    solid = item.modifiers.new("thickness", "SOLIDIFY")
    solid.thickness, solid.offset = 0.003, 1.0
    outline = _outline(shell[shell[:, 2] < 0.035][:, :2], 0.004)
    rings = [(0.0, 0.0), (1.0, 0.0), (1.03, 0.3), (1.0, 1.0), (0.0, 1.0)]
    middle = outline.mean(axis=0)
    grid = np.stack(
        [
            np.concatenate(
                [middle + (outline - middle) * wide, np.full((len(outline), 1), (up - 0.6) * height)], axis=1
            )
            for wide, up in rings
        ]
    )
    add_grid("sole", grid @ turn.T + shift, sole)


def _outline(points: Array, wider: float) -> Array:
    """Return the outline ``(96, 2)`` of points seen from above, ``wider`` all round, by its reach in each direction."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    ways = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    reach = (points @ ways.T).max(axis=0) + wider
    slope = (np.roll(reach, -1) - np.roll(reach, 1)) / (2 * (angle[1] - angle[0]))
    outline: Array = ways * reach[:, None] + np.stack([-ways[:, 1], ways[:, 0]], axis=1) * slope[:, None]
    return outline


def _moved(rest: Array, posed: Array) -> tuple[Array, Array]:
    """Return the rotation ``(3, 3)`` and the shift ``(3,)`` that take points nearest to where they are now."""
    first, second = rest.mean(axis=0), posed.mean(axis=0)
    u, _, v = np.linalg.svd((rest - first).T @ (posed - second))
    turn = v.T @ np.diag([1.0, 1.0, float(np.sign(np.linalg.det(v.T @ u.T)))]) @ u.T
    return turn, second - turn @ first
