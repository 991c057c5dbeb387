"""People who move: everything in the scene of a person, carried along by a body at many moments of a motion.

Skin, teeth, lashes and the hair of the face follow the surface of the body; clothes follow its bones as the skin under
them does; what is on the head follows the head, and long hair comes after it. Each object keeps its places at all
moments, between which it moves in straight lines, and the scene offers one action of the motion's name, which ends as
it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils.kdtree import KDTree
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.body.motion import Motion
from synthmat.blender_scenes.builtins._person.recorded import record
from synthmat.blender_scenes.builtins._person.surface import RESTING

_MOMENTS = {"talk": 96}
"""Moments of a face in one round of a motion; of all else, and in other motions, `_USUAL`."""
_USUAL = 24
_NEIGHBORS = 12
_ON_HEAD = ("hat", "cuff", "pompon", "visor", "rim", "lens", "temple", "bridge", "band")
_FACE = ("skin", "upper_teeth", "lower_teeth", "tongue", "lashes", "brows", "beard")
_LAG_S = 0.09
"""How long after the head hair comes for each head's radius of distance, seconds."""

Indices = NDArray[np.int64]
Carrier = Callable[[Body], Array]
"""Gives the places ``(n, 3)`` of an object when the body is as given."""


def set_in_motion(motion: Motion, first: Body) -> None:
    """Let the person in the scene, who was built on the body at time 0, move; see `recorded.record`.

    Args:
        motion: What it does.
        first: Its body at time 0.
    """
    carried = Carried(first)
    count = _MOMENTS.get(motion.name, _USUAL)
    bodies = [motion.at(motion.seconds * k / count) for k in range(count)]
    usual = bodies[:: count // _USUAL]
    items = [item for item in bpy.data.objects if item.type in ("MESH", "CURVES")]
    for item in items:
        name = item.name.partition(".")[0]
        places = world_places(item)
        if name == "hair":
            moments = carried.hair(places, usual, motion.seconds)
        else:
            carrier = carried.carrier(name, item, places)
            moments = [carrier(body) for body in (bodies if name in _FACE else usual)]
        record(item, moments, motion.name, motion.seconds)


def world_places(item: bpy.types.Object) -> Array:
    """Return where the points of a mesh or of hair curves are in the world ``(n, 3)``, meters."""
    matrix = np.array(item.matrix_basis)
    if item.type == "MESH":
        own = np.empty(len(item.data.vertices) * 3, np.float32)
        item.data.vertices.foreach_get("co", own)
    else:
        own = np.empty(len(item.data.attributes["position"].data) * 3, np.float32)
        item.data.attributes["position"].data.foreach_get("vector", own)
    return np.asarray(own.reshape(-1, 3).astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3])


@dataclass
class Carried:
    """How what was built on one body goes along with the same person's body at another moment."""

    first: Body

    def carrier(self, name: str, item: bpy.types.Object, places: Array) -> Carrier:
        """Return what carries an object of a name, whose points are at ``places`` ``(n, 3)`` on the first body."""
        if name == "eye":
            return self._eye(places)
        if name in _ON_HEAD:
            return self._rigid("head", places)
        if name in ("bag", "strap"):
            return self._rigid("spine04" if name == "bag" else "spine02", places)
        if name in ("lashes", "brows", "beard"):
            return self._on_face(item, places)
        if name in _FACE:
            return self._skin(places, *self._resting(item, places))
        return self._cloth(item, places)

    def hair(self, places: Array, bodies: list[Body], seconds: float) -> list[Array]:
        """Return hair at each moment of a round: it follows the head, later the farther out, and lies on the chest."""
        head, chest, first = "head", "spine01", self.first
        center = first.joints[head][:3, 3]
        size = float(np.linalg.norm(center - first.joints["neck01"][:3, 3])) * 1.2
        out = np.clip(np.linalg.norm(places - center, axis=1) / size - 1.2, 0, 4)
        late = out * _LAG_S / (seconds / len(bodies))
        neck = first.joints["neck01"][2, 3]
        low = np.clip((neck - places[:, 2]) / 0.12, 0, 1)[:, None] * 0.85
        heads = np.stack([_moved(first, body, head, places) for body in bodies])
        whole = late.astype(int)
        share = (late - whole)[:, None]
        each = np.arange(len(places))
        found = []
        for k, body in enumerate(bodies):
            following = heads[(k - whole) % len(bodies), each] * (1 - share)
            following += heads[(k - whole - 1) % len(bodies), each] * share
            found.append(following * (1 - low) + _moved(first, body, chest, places) * low)
        return found

    def _rigid(self, bone: str, places: Array) -> Carrier:
        return lambda body: _moved(self.first, body, bone, places)

    def _eye(self, places: Array) -> Carrier:
        middle = places.mean(axis=0)
        far = {side: float(np.linalg.norm(middle - self.first.joints[f"eye.{side}"][:3, 3])) for side in "LR"}
        return self._rigid(f"eye.{min(far, key=far.__getitem__)}", places)

    def _resting(self, item: bpy.types.Object, places: Array) -> tuple[Array, Array]:
        """Return where an object's points and the body's vertices are before they are posed, where that is known."""
        if item.type == "MESH" and RESTING[0] in item.data.attributes:
            return np.stack([_values(item, name) for name in RESTING], axis=1), self.first.rest.astype(float)
        return places, self.first.vertices.astype(float)

    def _skin(self, places: Array, spots: Array, under: Array) -> Carrier:
        """Return what carries points of the finer skin: each is a mean of vertices near by, whose moves it takes.

        Which are near by is seen of ``spots`` ``(n, 3)`` among the vertices ``under`` ``(V, 3)``.
        """
        near, weights = _nearest(under, spots, 6, 0.0005)
        bones = _bone_weights(self.first, near, weights)
        off = places - (self.first.vertices[near] * weights[..., None]).sum(axis=1)

        def carry(body: Body) -> Array:
            turned = _blended(self.first, body, bones, off, turn_only=True)
            return np.asarray((body.vertices[near] * weights[..., None]).sum(axis=1) + turned)

        return carry

    def _on_face(self, item: bpy.types.Object, places: Array) -> Carrier:
        """Return what carries strands whole, as the skin at their roots goes and the head turns."""
        size = len(item.data.points) // len(item.data.curves)
        roots = places.reshape(-1, size, 3)[:, 0]
        surface = self._skin(roots, roots, self.first.vertices.astype(float))
        rest = places.reshape(-1, size, 3) - roots[:, None]

        def carry(body: Body) -> Array:
            turn = body.joints["head"][:3, :3] @ self.first.joints["head"][:3, :3].T
            return (surface(body)[:, None] + rest @ turn.T).reshape(-1, 3)

        return carry

    def _cloth(self, item: bpy.types.Object, places: Array) -> Carrier:
        """Return what carries cloth: the bones of the body that lies under it, looked for where the arms are apart."""
        spots, under = self._resting(item, places)
        near, weights = _nearest(under, spots, _NEIGHBORS, 0.02)
        bones = _bone_weights(self.first, near, weights)
        return lambda body: _blended(self.first, body, bones, places)


def _values(item: bpy.types.Object, name: str) -> Array:
    values = np.empty(len(item.data.vertices), np.float32)
    item.data.attributes[name].data.foreach_get("value", values)
    return values.astype(float)


def _nearest(vertices: Array, places: Array, count: int, soft: float) -> tuple[Indices, Array]:
    """Return the ``count`` vertices next to each place ``(n, count)``, and weights that add up to 1."""
    tree = KDTree(len(vertices))
    for i, spot in enumerate(vertices.tolist()):
        tree.insert(spot, i)
    tree.balance()
    hits = [hit for spot in places.tolist() for hit in tree.find_n(spot, count)]
    near = np.array([hit[1] for hit in hits], np.int64).reshape(len(places), -1)
    weights = 1 / (np.array([hit[2] for hit in hits]).reshape(near.shape) + soft) ** 2
    return near, weights / weights.sum(axis=1, keepdims=True)


def _transforms(first: Body, body: Body) -> Array:
    """Return how each bone ``(bones, 4, 4)`` goes from one body to another."""
    here, there = (np.stack([each.joints[name] for name in first.bones]) for each in (first, body))
    return np.asarray(there @ np.linalg.inv(here))


def _moved(first: Body, body: Body, bone: str, places: Array) -> Array:
    matrix = body.joints[bone] @ np.linalg.inv(first.joints[bone])
    return np.asarray(places @ matrix[:3, :3].T + matrix[:3, 3])


def _bone_weights(body: Body, near: Indices, weights: Array) -> NDArray[np.float32]:
    """Return how much each bone moves each place ``(n, bones)``, by its weights in the vertices ``near`` ``(n, k)``."""
    rows = np.arange(len(near))
    found = np.zeros((len(near), len(body.bones)), np.float32)
    for k in range(near.shape[1]):
        for bone, share in zip(body.skin_bones[near[:, k]].T, body.skin_weights[near[:, k]].T, strict=True):
            found[rows, bone] += share * weights[:, k]
    return found


def _blended(first: Body, body: Body, weights: NDArray[np.float32], places: Array, *, turn_only: bool = False) -> Array:
    """Return places ``(n, 3)`` moved as bones with ``weights`` ``(n, bones)`` are, or only turned as they are."""
    bones = _transforms(first, body)[:, :3]
    if turn_only:
        bones[..., 3] = 0
    matrices = (weights @ bones.reshape(len(bones), 12)).reshape(-1, 3, 4)
    return np.asarray((matrices[..., :3] * places[:, None]).sum(axis=2) + matrices[..., 3])
