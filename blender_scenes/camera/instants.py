"""The cameras whose sharp pictures add up to an exposure: moments of the shutter and points of the lens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mathutils
import numpy as np

from synthmat.blender_scenes.camera.motion_blur import exposure_matrices
from synthmat.blender_scenes.camera.orbit import Matrix
from synthmat.render_job import View

_SHUTTER = 0.5 * 255 / 256**2, 255.5 * 255 / 256**2
"""From when to when in an exposure Cycles looks: its table of 256 times holds (i + 0.5) / 256 * 255 / 256."""


_METALLIC_MEANS = tuple((math.sqrt(n * n + 4) - n) / 2 for n in (1, 2, 3))
"""Golden, silver and bronze: multiples of each alone are spread as evenly as can be, and they go well together."""


@dataclass(frozen=True)
class Instant:
    """A pinhole camera: its matrix (4, 4), camera to world, and its intrinsics (3, 3) in pixels.

    ``offset`` in 0..1 is spread as evenly over the instants of an exposure as the instants are.
    """

    matrix: Matrix
    intrinsics: Matrix
    offset: float


def is_sharp(camera_fields: dict[str, Any]) -> bool:
    """Tell whether a single instant is all of an exposure."""
    return camera_fields["motion"] is None and camera_fields["depth_of_field"] is None


def instants(view: View, camera_fields: dict[str, Any], count: int, generator: np.random.Generator) -> list[Instant]:
    """Return so many cameras, evenly spread over shutter and lens from a random start.

    ``camera_part`` is what `camera.aim_camera` returned for the view.
    """
    lens, moves = camera_fields["depth_of_field"], camera_fields["motion"] is not None
    matrix, intrinsics = np.array(camera_fields["matrix_world"]), np.array(camera_fields["intrinsics"])
    numbers = _evenly(count, 1 + moves + 2 * (lens is not None), generator)
    offsets = numbers.pop()
    matrices = _on_the_way(view, camera_fields, numbers.pop(0)) if moves else [matrix] * count
    points = np.zeros((count, 2))
    if lens is not None:
        radius, angle = numbers
        points[:, 0], points[:, 1] = np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)
        points *= np.sqrt(radius)[:, None] * lens["aperture_diameter"] / 2
    found = []
    for place, point, offset in zip(matrices, points, offsets, strict=True):
        moved, seen = place.copy(), intrinsics.copy()
        moved[:3, 3] += place[:3, :2] @ point
        if lens is not None:
            # What is in focus stays where it is in the picture.
            shift = point / lens["focus_distance"]
            seen[0, 2] += intrinsics[0, 0] * shift[0]
            seen[1, 2] -= intrinsics[1, 1] * shift[1]
        found.append(Instant(moved, seen, float(offset)))
    return found


def _evenly(count: int, numbers: int, generator: np.random.Generator) -> list[np.ndarray[Any, Any]]:
    """Return points of a low-discrepancy sequence in the unit cube with a random shift, coordinate by coordinate.

    The first goes there and back, so that the ends of an interval count as fully as its middle.
    """
    n, shift = np.arange(count), generator.random(numbers)
    there_and_back = 1 - np.abs(1 - 2 * ((n + shift[0]) / count % 1))
    others = [(n * mean + start) % 1 for mean, start in zip(_METALLIC_MEANS, shift[1:], strict=False)]
    return [there_and_back, *others]


def _on_the_way(view: View, camera_fields: dict[str, Any], times: np.ndarray[Any, Any]) -> list[Matrix]:
    """Return the camera's matrices at times in 0..1 of the exposure, between which Cycles moves it evenly."""
    motion = camera_fields["motion"]
    if view.motion is not None and motion["kind"] == "spin":
        steps = exposure_matrices(np.array(camera_fields["matrix_world"]), view.motion, 0.0)
    else:
        steps = [np.array(motion["matrix_world_open"]), np.array(motion["matrix_world_closed"])]
    parts = [mathutils.Matrix(step.tolist()).decompose() for step in steps]
    found = []
    for time in (_SHUTTER[0] + (_SHUTTER[1] - _SHUTTER[0]) * times) * (len(steps) - 1):
        before = min(math.floor(time), len(steps) - 2)
        (start, turn, _), (end, turned, _) = parts[before : before + 2]
        matrix = np.eye(4)
        # What it returns for small angles is of another length than 1, which bends the matrix.
        matrix[:3, :3] = turn.slerp(turned, time - before).normalized().to_matrix()
        matrix[:3, 3] = start.lerp(end, time - before)
        found.append(matrix)
    return found
