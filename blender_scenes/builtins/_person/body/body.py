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
from synthmat.blender_scenes.builtins._person.body.expression import Expression, random_expression
from synthmat.blender_scenes.builtins._person.body.figure import figure_of
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing
from synthmat.blender_scenes.builtins._person.body.regions import regions
from synthmat.blender_scenes.builtins._person.body.settle import random_pose
from synthmat.blender_scenes.builtins._person.body.skeleton import skinned, turn

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


def random_body(rng: np.random.Generator, pose: str | None = None, expression: str | None = None) -> Body:
    """Return anybody's body, in a pose of `poses.POSES` and with an expression of `expression.EXPRESSIONS`.

    Both are drawn where no name is given; a named pose that the body cannot take is taken by another body.
    """
    data = people_data()
    while True:
        description = random_description(data, rng)
        face = random_expression(rng, tuple(data.actions), expression)
        figure = figure_of(description, data, face.units)
        name, posing = random_pose(figure, data, rng, pose)
        if posing is not None:
            look(posing, face)
            return body_of(posing, description, name, face)


def look(posing: Posing, face: Expression) -> None:
    """Turn the eyes."""
    for side in SIDES:
        posing.turn_to(f"eye.{side}", turn([0, 0, 1], face.look_left) @ turn([1, 0, 0], -face.look_up))


def body_of(posing: Posing, description: Description, pose: str, face: Expression) -> Body:
    """Return the body of a figure whose bones have been turned, put on the ground."""
    figure, data, skeleton = posing.figure, posing.data, posing.skeleton
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
        expression=face.name,
    )


def _eye(posed: Floats, data: PeopleData, joints: Mapping[str, NDArray[np.float64]], side: str) -> Eye:
    ball = data.parts[f"{side}_eye"].vertices
    bone = joints[f"eye.{side[0].upper()}"]
    center = bone[:3, 3]
    radius = float(np.median(np.linalg.norm(posed[ball] - center, axis=1)))
    gaze = bone[:3, :3] @ [0, -1, 0]
    return Eye(center.astype(np.float32), radius, gaze.astype(np.float32))
