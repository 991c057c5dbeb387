"""Which vertex belongs to what: skin of the scalp, lips, hands, and so on, as weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._person.body.data import Array, people_data

_BY_BONES = {
    "head": ("head", "eye"),
    "neck": ("neck01", "neck02", "neck03"),
    "torso": ("spine01", "spine02", "spine03", "clavicle", "shoulder01"),
    "hips": ("root", "pelvis", "spine04", "spine05"),
    "upper_arms": ("upperarm",),
    "forearms": ("lowerarm",),
    "hands": ("wrist", "metacarpal", "finger"),
    "thighs": ("upperleg",),
    "lower_legs": ("lowerleg",),
    "feet": ("foot", "toes"),
}
"""Regions by the bones that the skin follows; at every vertex their weights add up to 1."""

_SOFT = 0.008
"""Meters over which the edge of hair fades."""


@lru_cache(maxsize=1)
def regions() -> dict[str, NDArray[np.float32]]:
    """Return the weight from 0 to 1 of every vertex ``(V,)`` float32 in every region.

    Of the whole body: head, neck, torso, hips, upper_arms, forearms, hands, thighs, lower_legs, feet. Of the skin only:
    face, scalp, brows, beard, ears, eyelids, lips, inside_mouth, fingernails, toenails. Regions of the same skin may
    overlap: lips lie in the face.
    """
    data = people_data()
    found = dict(data.masks)
    for region, bones in _BY_BONES.items():
        member = np.array([name.startswith(bones) for name in data.bones])
        found[region] = (data.skin_weights * member[data.skin_bones]).sum(axis=1)
    found |= _hair_regions()
    return {name: weight.astype(np.float32) for name, weight in sorted(found.items())}


def _hair_regions() -> dict[str, Array]:
    """Return scalp, brows and beard, which are told by where they lie on the mean head."""
    data = people_data()
    points = data.template[: data.vertex_count]
    skin = np.zeros(data.vertex_count)
    skin[data.parts["body"].vertices] = 1
    skin *= 1 - np.maximum(data.masks["inside_mouth"], data.masks["eyelids"] * 0.5)
    bare = skin * (1 - data.masks["ears"])
    eye = points[data.parts["left_eye"].vertices].mean(axis=0)
    ear = np.average(points, axis=0, weights=data.masks["ears"])
    x, y, z = np.abs(points[:, 0]), points[:, 1] - ear[1], points[:, 2] - eye[2]
    head = (z > -0.16) & (x < 0.2)
    hairline = np.interp(y, (-0.11, -0.085, -0.06, -0.035, -0.02, 0.0, 0.02, 0.05, 0.11), _HAIRLINE)
    scalp = _step(z - hairline) * head
    return {
        "scalp": scalp * bare,
        "brows": _brows(x - eye[0], y, z) * bare,
        "beard": _beard(x, y, z, scalp) * bare * (1 - data.masks["lips"]),
    }


_HAIRLINE = (0.068, 0.06, 0.035, 0.02, -0.01, 0.0, -0.035, -0.075, -0.085)


def _step(distance: Array) -> Array:
    inside: Array = np.clip(0.5 + distance / _SOFT, 0, 1)
    return inside


def _brows(x: Array, y: Array, z: Array) -> Array:
    middle = 0.021 + 0.004 * np.cos(x / 0.025) - 0.1 * np.maximum(x - 0.01, 0)
    return _step(0.005 - np.abs(z - middle)) * _step(0.024 - np.abs(x - 0.003)) * _step(-0.04 - y)


def _beard(x: Array, y: Array, z: Array, scalp: Array) -> Array:
    edge = np.interp(y, (-0.11, -0.07, -0.03, -0.01), (-0.052, -0.055, -0.02, 0.01))
    below = np.interp(y, (-0.09, -0.05, 0.0), (-0.135, -0.13, -0.09))
    return _step(edge - z) * _step(z - below) * _step(0.0 - y) * (1 - scalp) * _step(0.1 - x)
