"""A bag with a strap over the shoulder, taut round whatever is worn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mathutils import Matrix

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import ribbon, superquadric
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.collars import hull
from synthmat.blender_scenes.builtins._person.fabrics import cloth_color
from synthmat.blender_scenes.builtins._person.garment import Garment

_BAND = 0.025
"""How far from the plane of the strap what it lies on is looked for, meters."""
_FREE = 0.03
"""Least distance of hands and forearms from the middle of the bag's sides, meters."""


def add_bag(body: Body, clothes: Sequence[Garment], rng: np.random.Generator) -> bool:
    """Add a bag to the scene, its strap over one shoulder and down to the other hip or to the same one.

    Returns:
        Whether there is room for it: not where both arms hang in its way.
    """
    side = 1.0 if rng.random() < 0.5 else -1.0
    wide, high, deep = rng.uniform(0.1, 0.16), rng.uniform(0.08, 0.14), rng.uniform(0.025, 0.045)
    low = float(rng.uniform(-0.06, 0.06))
    trunk = [each.surface.places[(each.measures.arm < 0.3) & (each.measures.leg < 0.5)] for each in clothes]
    places = np.concatenate(trunk)
    shoulder = body.joints[f"clavicle.{'L' if side > 0 else 'R'}"][:3, 3] * 0.45
    shoulder = shoulder + body.joints[f"upperarm01.{'L' if side > 0 else 'R'}"][:3, 3] * 0.55
    opposite = body.joints[f"upperleg01.{'R' if side > 0 else 'L'}"][:3, 3] + [0.0, 0.0, low]
    loop = _strap(places, shoulder, opposite)
    for turn in rng.permutation([-55.0, 55.0]):  # before the hip, or behind it
        angle = np.radians(turn)
        outward = unit(np.array([-side * np.cos(angle), np.sin(angle), 0.0]))
        goal = opposite + outward * 0.2 + [0.0, 0.0, 0.06]
        foot = loop[int(np.argmin(np.linalg.norm(loop - goal, axis=1)))]
        middle = foot + outward * (deep + 0.008) - [0.0, 0.0, high * 0.8]
        if _clear(body, middle, max(wide, high)):
            color = cloth_color(rng)
            leather = plain("bag", color, roughness=float(rng.uniform(0.35, 0.8)), coat=float(rng.choice([0.0, 0.3])))
            ribbon("strap", leather, loop, np.cross(shoulder - opposite, [0.0, 1.0, 0.0]), 0.012, 0.0025)
            up = np.array([0.0, 0.0, 1.0])
            matrix = Matrix(np.stack([np.cross(outward, up), outward, up], axis=1).tolist())
            superquadric("bag", leather, middle, (wide, deep, high), (0.25, 0.25), matrix)
            flap = middle + outward * deep * 0.5 + [0.0, 0.0, high * 0.35]
            superquadric("bag", leather, flap, (wide * 1.02, deep * 0.62, high * 0.68), (0.2, 0.3), matrix)
            return True
    return False


def _strap(places: Array, shoulder: Array, opposite: Array) -> Array:
    """Return a taut closed loop ``(121, 3)`` over a shoulder and the opposite hip, round places ``(n, 3)``."""
    along = unit(shoulder - opposite)
    across = unit(np.cross(along, [0.0, 1.0, 0.0]))
    ahead = np.cross(across, along)
    middle = (shoulder + opposite) / 2
    near: Array = places[np.abs((places - middle) @ across) < _BAND] - middle
    flat = np.stack([near @ along, near @ ahead], axis=1)
    outline = hull(flat)
    closed = np.concatenate([outline, outline[:1]])
    far = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.linspace(0, far[-1], 121)
    loop = np.stack([np.interp(even, far, closed[:, k]) for k in range(2)], axis=1) * 1.012
    return np.asarray(middle + loop[:, :1] * along + loop[:, 1:] * ahead, float)


def _clear(body: Body, middle: Array, reach: float) -> bool:
    """Tell whether no hand or forearm comes near a bag of half the size ``reach``, meters."""
    arms = (body.regions["hands"] + body.regions["forearms"]) > 0.5
    distance = np.linalg.norm(body.vertices[arms] - middle, axis=1)
    return bool(distance.min() > reach * 0.75 + _FREE)
