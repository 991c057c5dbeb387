"""Cloth that hangs on a body: a short simulation by position based dynamics, with gravity, folds and contact.

Müller et al., "Position Based Dynamics", 2007. Every step moves the vertices by gravity, then draws each edge to its
length in the pattern, each pair of vertices across an edge apart (cloth bends with reluctance), and moves what is
inside the body out of it. All constraints of a kind are averaged at each vertex, so that nothing depends on an order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._person.surface import Indices, edges_of, vertex_normals

_STEP_S = 1 / 100
_GRAVITY = 9.8
_ROUNDS = 5


@dataclass(frozen=True)
class Fabric:
    """How cloth moves: ``stiffness`` against bending from 0 to 1, ``clearance`` ``(n,)`` from the body in meters.

    ``ease`` ``(n,)`` is how much longer its threads are than those of the pattern, a factor.
    """

    stiffness: float
    clearance: Array
    ease: Array | float = 1.0


class Collider:
    """A surface that cloth does not enter; each vertex of the cloth remembers the nearest vertex of it.

    The nearest vertex is searched among the neighbors of the last one, so a sleeve minds its arm and not the torso.
    """

    def __init__(self, places: Array, faces: Indices, nearest: Indices) -> None:
        self._places, self._columns = places, np.ascontiguousarray(places.T)
        self._normals = vertex_normals(places, faces)
        self._neighbors = _neighbors(faces, len(places))
        self._nearest = nearest.copy()

    def push_out(self, places: Array, clearance: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return how far each of the places ``(n, 3)`` has to move ``(n, 3)``, and whether it touches ``(n,)``."""
        around = self._neighbors[self._nearest]
        x, y, z = (column[around] - own[:, None] for column, own in zip(self._columns, places.T, strict=True))
        squared = x * x + y * y + z * z
        self._nearest = np.take_along_axis(around, squared.argmin(axis=1)[:, None], axis=1)[:, 0]
        normal = self._normals[self._nearest]
        depth = clearance - ((places - self._places[self._nearest]) * normal).sum(axis=1)
        return normal * np.maximum(depth, 0)[:, None], depth > 0


def draped(
    places: Array, pattern: Array, faces: Indices, hold: Array, collider: Collider, fabric: Fabric, steps: int
) -> Array:
    """Return where the cloth comes to rest ``(n, 3)``.

    Args:
        places: Where it begins ``(n, 3)``, meters.
        pattern: Where its vertices are in a shape that has its edges' lengths ``(n, 3)``.
        faces: Triangles ``(m, 3)``.
        hold: How far each step draws each vertex back to where it began ``(n,)``, from 0 to 1; seams and waistbands
            hold, the rest a little, so that nothing slides off.
        collider: The body.
        fabric: What it is made of.
        steps: How many steps of 1/100 s.
    """
    edges, sides, _ = edges_of(faces)
    across = _across(sides, faces)
    ease = np.broadcast_to(np.asarray(fabric.ease, float), len(places))
    lengths = _lengths(pattern, edges, ease)
    bends = _lengths(pattern, across, ease)
    degree = np.maximum(np.bincount(edges.reshape(-1), minlength=len(places)), 1)[:, None]
    degree_across = np.maximum(np.bincount(across.reshape(-1), minlength=len(places)), 1)[:, None]
    back = hold[:, None]
    here, before = places.copy(), places.copy()
    fall = np.array([0.0, 0.0, -_GRAVITY * _STEP_S**2])
    for _ in range(steps):
        ahead = here + (here - before) * 0.9 + fall
        before = here
        for _ in range(_ROUNDS):
            ahead = ahead + _corrections(ahead, edges, lengths, 1.0) / degree * 1.7
            if fabric.stiffness > 0:
                ahead = ahead + _corrections(ahead, across, bends, fabric.stiffness) / degree_across
        ahead = ahead + (places - ahead) * back
        out, touching = collider.push_out(ahead, fabric.clearance)
        ahead = ahead + out
        # Friction: what touches the body hardly slides.
        ahead = np.where(touching[:, None], ahead + (before + out - ahead) * 0.5, ahead)
        out, _ = collider.push_out(ahead, fabric.clearance)
        here = ahead + out
    return here


def _lengths(pattern: Array, pairs: Indices, ease: Array) -> Array:
    """Return how long the threads between pairs ``(e, 2)`` are ``(e,)``, meters."""
    long: Array = np.linalg.norm(pattern[pairs[:, 0]] - pattern[pairs[:, 1]], axis=1) * ease[pairs].mean(axis=1)
    return long


def _corrections(places: Array, pairs: Indices, lengths: Array, strength: float) -> Array:
    """Return the sum of the moves ``(n, 3)`` that bring pairs ``(e, 2)`` to their lengths ``(e,)``, half to each."""
    first, second = pairs.T
    along = [column[first] - column[second] for column in np.ascontiguousarray(places.T)]
    distance = np.sqrt(along[0] * along[0] + along[1] * along[1] + along[2] * along[2]) + 1e-12
    share = 0.5 * strength * (lengths / distance - 1)
    count = len(places)
    sums = []
    for way in along:
        move = way * share
        sums.append(np.bincount(first, move, count) - np.bincount(second, move, count))
    return np.stack(sums, axis=1)


def _across(sides: Indices, faces: Indices) -> Indices:
    """Return the pairs of vertices that face each other across an inner edge ``(e, 2)``."""
    opposite = np.roll(faces, 1, axis=1).reshape(-1)  # side k runs from corner k to k + 1; corner k + 2 is left
    order = np.argsort(sides.reshape(-1), kind="stable")
    sorted_sides, sorted_opposite = sides.reshape(-1)[order], opposite[order]
    twice = np.flatnonzero(sorted_sides[1:] == sorted_sides[:-1])
    pairs = np.stack([sorted_opposite[twice], sorted_opposite[twice + 1]], axis=1)
    chosen: Indices = pairs[pairs[:, 0] != pairs[:, 1]]
    return chosen


def _neighbors(faces: Indices, count: int) -> Indices:
    """Return the neighbors of each vertex, itself first ``(n, most + 1)``; short rows repeat the vertex."""
    ends = edges_of(faces)[0]
    both = np.concatenate([ends, ends[:, ::-1]])
    order = np.argsort(both[:, 0], kind="stable")
    owner, other = both[order].T
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    table = np.repeat(np.arange(count)[:, None], int(place.max()) + 2, axis=1)
    table[owner, place + 1] = other
    found: Indices = table
    return found
