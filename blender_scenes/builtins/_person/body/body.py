"""A random human body in a pose: what the rest of the built-in person is put on.

    body = random_body(np.random.default_rng(7))

Everything is in meters, z up; the person looks along -y, its left hand lies at +x, and its lowest point at z = 0.
Bodies of one seed are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._person.body.data import Indices, Part, PeopleData, people_data
from synthmat.blender_scenes.builtins._person.body.description import Description, random_description
from synthmat.blender_scenes.builtins._person.body.figure import Figure, figure_of
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing
from synthmat.blender_scenes.builtins._person.body.regions import regions
from synthmat.blender_scenes.builtins._person.body.skeleton import Skeleton, skinned

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Eye:
    """An eyeball: its ``center`` ``(3,)`` and ``radius`` in meters, and the ``gaze`` ``(3,)``, of length 1."""

    center: Floats
    radius: float
    gaze: Floats


@dataclass(frozen=True)
class Body:
    """A person's body.

    ``vertices`` ``(V, 3)`` float32 are posed, ``rest`` ``(V, 3)`` float32 are the same before posing, with the arms
    held out and down (what a pattern in the skin should be tied to). ``faces`` ``(F, 4)`` int32 are quads; a triangle
    repeats its last vertex. ``texture`` ``(F, 4, 2)`` float32 are texture coordinates of the corners, from 0 to 1.

    ``parts`` tells where the vertices and faces of a part lie: body (all skin), left_eye and right_eye (thin balls),
    lashes, upper_teeth, lower_teeth, tongue, and helpers that are no part of a person but follow it: tights (a skin
    around the body without head, hands and feet, for tight clothes), skirt (a cone from waist to ankle) and hair (a
    cap with long strands).

    ``regions`` has the weight from 0 to 1 of every vertex ``(V,)`` in a region (`regions.regions`). ``joints`` has the
    transform ``(4, 4)`` float64 of every bone: its rotation from the rest pose, and where it begins. ``skin_bones``
    ``(V, 4)`` index ``bones``; ``skin_weights`` ``(V, 4)`` add up to 1.
    """

    vertices: Floats
    rest: Floats
    faces: Indices
    texture: Floats
    parts: Mapping[str, Part]
    regions: Mapping[str, Floats]
    bones: tuple[str, ...]
    joints: Mapping[str, NDArray[np.float64]]
    skin_bones: Indices
    skin_weights: NDArray[np.float64]
    eyes: Mapping[str, Eye]
    description: Description
    pose: str
    expression: str


def random_body(rng: np.random.Generator) -> Body:
    """Return anybody's body."""
    data = people_data()
    description = random_description(data, rng)
    figure = figure_of(description, data)
    posing = Posing(figure, data)
    for side in SIDES:
        posing.arm(side, (0.2, 0.06, -1), (0.1, -0.22, -1), 10)
        for finger in (2, 3, 4, 5):
            posing.curl(side, finger, (8.0 + 3 * finger, 16, 9))
        posing.curl(side, 1, (8, 10, 12))
    return body_of(figure, data, posing.skeleton, description, "standing", "neutral")


def body_of(
    figure: Figure, data: PeopleData, skeleton: Skeleton, description: Description, pose: str, expression: str
) -> Body:
    """Return the body of a figure whose bones have been turned, put on the ground."""
    vertices = skinned(figure, data, skeleton)
    drop = np.array([0, 0, vertices[data.parts["body"].vertices, 2].min()])
    joints = {}
    for index, name in enumerate(data.bones):
        joints[name] = np.eye(4)
        joints[name][:3, :3] = skeleton.rotations[index]
        joints[name][:3, 3] = skeleton.heads[index] - drop
    rest = figure.vertices - [0, 0, figure.vertices[data.parts["body"].vertices, 2].min()]
    posed = (vertices - drop).astype(np.float32)
    return Body(
        vertices=posed,
        rest=rest.astype(np.float32),
        faces=data.faces,
        texture=data.texture.astype(np.float32),
        parts=data.parts,
        regions=regions(),
        bones=data.bones,
        joints=joints,
        skin_bones=data.skin_bones,
        skin_weights=data.skin_weights,
        eyes={side: _eye(posed, data, joints, side) for side in ("left", "right")},
        description=description,
        pose=pose,
        expression=expression,
    )


def _eye(posed: Floats, data: PeopleData, joints: Mapping[str, NDArray[np.float64]], side: str) -> Eye:
    ball = data.parts[f"{side}_eye"].vertices
    bone = joints[f"eye.{side[0].upper()}"]
    center = bone[:3, 3]
    radius = float(np.median(np.linalg.norm(posed[ball] - center, axis=1)))
    gaze = bone[:3, :3] @ [0, -1, 0]
    return Eye(center.astype(np.float32), radius, gaze.astype(np.float32))
