"""Layers of clothes: what is worn under another garment stays under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mathutils import Vector
from mathutils.bvhtree import BVHTree

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._person.garment import Garment

_MARGIN = 0.004
"""Least distance between two layers, meters."""
_ROUNDS = 3
"""What was moved is looked at again: another part of the garment may be nearest then."""
_FAR = 0.05
"""What sticks out farther is no fold that has come through, meters."""


def tucked(garments: Sequence[Garment]) -> list[Garment]:
    """Return garments, given from the inside out, with whatever came through a garment worn over it put back under."""
    found = list(garments)
    for outer in range(1, len(found)):
        shell = found[outer].surface
        tree = BVHTree.FromPolygons(shell.places.tolist(), shell.faces.tolist())
        for inner in range(outer):
            under = found[inner].surface
            found[inner] = replace(found[inner], surface=under.moved(_put_under(under.places, tree)))
    return found


def _put_under(places: Array, tree: BVHTree) -> Array:
    """Return places ``(n, 3)`` moved to the inner side of a surface where they are outside of it or touch it."""
    moved = places.copy()
    for i, place in enumerate(places.tolist()):
        here = Vector(place)
        for _ in range(_ROUNDS):
            spot, normal, _, distance = tree.find_nearest(here, _FAR)
            if spot is None:
                break
            outside = (here - spot).dot(normal)
            beside = abs(outside) < 0.7 * distance  # beyond an edge of the garment: it does not cover this
            if outside <= -_MARGIN or (beside and distance > _MARGIN):
                break
            here = here - normal * (outside + _MARGIN)
        moved[i] = here
    return moved
