"""The shape of one person before it takes a pose: where every vertex and every bone lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._person.body.data import Array, Offsets, PeopleData
from synthmat.blender_scenes.builtins._person.body.description import Description
from synthmat.blender_scenes.builtins._person.body.phenotype import shape_weights


@dataclass(frozen=True)
class Figure:
    """A person with arms held out and down, legs slightly apart, and a neutral face.

    ``vertices`` ``(V, 3)``, ``heads`` and ``tails`` ``(B, 3)`` of the bones: float64, meters, z up, the face to -y.
    """

    vertices: Array
    heads: Array
    tails: Array


def figure_of(description: Description, data: PeopleData, actions: Mapping[str, float] | None = None) -> Figure:
    """Return the figure of a person; ``actions`` are strengths from 0 to 1 of units of the face (`expression`).

    The height axis of the shapes is solved for, so that the figure has the stature that the description asks for. The
    shapes end somewhere: what is left of the difference is scaled.
    """
    low, high = (_whole_body(description, data, height) for height in (0.0, 1.0))
    shapes = [(data.local[name], strength) for name, strength in description.features.items()]
    shift = _moved(np.zeros_like(low), shapes)
    body = data.parts["body"].vertices
    statures = [float(np.ptp((points + shift)[body, 2])) for points in (low, high)]
    fraction = float(np.clip((description.stature - statures[0]) / (statures[1] - statures[0]), 0, 1))
    points = low + (high - low) * fraction + shift
    points *= description.stature / float(np.ptp(points[body, 2]))
    size = _eye_distance(points, data) / _eye_distance(data.template, data)
    points = _moved(points, [(data.actions[name], strength * size) for name, strength in (actions or {}).items()])
    count, bones = data.vertex_count, len(data.bones)
    return Figure(points[:count], points[count : count + bones], points[count + bones :])


def _whole_body(description: Description, data: PeopleData, height: float) -> Array:
    weights = shape_weights(description.values(height), data.terms)
    strengths = (weights[:, None] * data.projection).sum(axis=0) - data.projection_offset
    points = data.template.copy()
    for strength, component in zip(strengths.tolist(), data.basis, strict=True):
        points += strength * component.astype(float)
    return points


def _moved(points: Array, shapes: list[tuple[Offsets, float]]) -> Array:
    for offsets, strength in shapes:
        points[offsets.points] += strength * offsets.meters
    return points


def _eye_distance(points: Array, data: PeopleData) -> float:
    left, right = (points[data.vertex_count + data.bone(f"eye.{side}")] for side in "LR")
    return float(np.linalg.norm(left - right))
