"""Loose haircuts of people: short, cropped, curly, long; combed out of the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.hair_style import Fall, HairBody, combed, fallen
from synthmat.blender_scenes.builtins._parts.mesh import Indices
from synthmat.blender_scenes.builtins._parts.strands import finer, gathered, locks, waved

_OVER_THE_EYES = 0.06
"""How often hair of the forehead hangs over the eyes."""
_BROWS, _CHIN = 0.15, -0.75
"""Heights in radii of the head."""
LOOSE = ("long", "bob", "wind", "short", "cropped", "afro", "buzz")


@dataclass(frozen=True)
class Cut:
    """A haircut; lengths in radii of the head, ranges to draw from.

    Attributes:
        length: On top.
        sides: At the sides and the back, share of that.
        upright: How much hair stands up at its roots.
        gravity: How fast it falls.
        lift: How far it stands off.
        back: How far it is combed out of the face.
        parted: Chance of a parting.
        fringe: Chance of a fringe.
        curls: Chance of curls.
    """

    length: tuple[float, float]
    sides: tuple[float, float]
    upright: tuple[float, float]
    gravity: float
    lift: float
    back: float
    parted: float
    fringe: float
    curls: float


CUTS = {
    "long": Cut((2.0, 4.2), (0.9, 1.0), (0.15, 0.5), 3.5, 0.14, 1.3, 0.75, 0.25, 0.3),
    "bob": Cut((1.1, 1.7), (0.8, 1.0), (0.2, 0.5), 3.5, 0.16, 1.0, 0.7, 0.4, 0.25),
    "wind": Cut((1.8, 3.2), (0.9, 1.0), (0.4, 0.8), 1.4, 0.3, 1.0, 0.3, 0.0, 0.2),
    "short": Cut((0.45, 0.9), (0.3, 0.7), (0.2, 0.7), 2.0, 0.2, 0.5, 0.5, 0.35, 0.15),
    "cropped": Cut((0.22, 0.45), (0.2, 0.5), (0.3, 1.2), 1.0, 0.15, 0.3, 0.2, 0.3, 0.1),
    "afro": Cut((0.35, 1.1), (0.7, 1.0), (2.0, 3.0), 0.4, 0.6, 0.2, 0.0, 0.0, 1.0),
    "buzz": Cut((0.05, 0.12), (0.5, 1.0), (2.0, 3.0), 0.3, 0.05, 0.2, 0.0, 0.0, 0.0),
}


def loose_cut(kind: str, body: HairBody, roots: Array, loose: Array, rng: np.random.Generator) -> Array:
    """Return strands ``(n, points, 3)`` of one of `LOOSE`.

    Args:
        kind: Which.
        body: What it grows on.
        roots: Directions of the roots ``(n, 3)``.
        loose: How much each strand leaves the others ``(n,)``, from 0 to 1.
        rng: Draws the rest.
    """
    cut, count = CUTS[kind], len(roots)
    low = np.clip((0.75 - roots[:, 2]) / 0.5, 0, 1)
    share = 1 + (rng.uniform(*cut.sides) - 1) * low
    length = rng.uniform(*cut.length) * share * rng.uniform(0.85, 1.0, count)
    length = length * np.where(loose > 0, rng.uniform(0.5, 1, count), 1)
    fringe = np.zeros(count)
    if rng.random() < cut.fringe:
        front = (roots[:, 1] < -0.42) & (np.abs(roots[:, 0]) < 0.5)
        fringe = np.where(front, rng.uniform(0.6, 1.0), 0.0)
        limit = rng.uniform(0.3, 0.5) + (roots[:, 2] - 0.7)
        length = np.where(front, np.minimum(length, np.maximum(limit, 0.12) * rng.uniform(0.9, 1.1, count)), length)
    parting = rng.uniform(-0.35, 0.35) if rng.random() < cut.parted else None
    comb = combed(roots, parting, fringe)
    face = np.clip(-roots[:, 1], 0, 1) * (1 - fringe)
    comb[:, 1] += cut.back * face
    comb[:, 0] += cut.back * 0.5 * face * np.sign(roots[:, 0] - (parting or 0.0))
    wind = np.zeros(3)
    if kind == "wind":
        angle = rng.uniform(0.1 * np.pi, 0.9 * np.pi)
        wind = np.array([np.cos(angle), np.sin(angle), rng.uniform(-0.1, 0.3)]) * rng.uniform(2.0, 4.0)
    disorder = rng.uniform(0.01, 0.05) * (1.5 if kind in ("short", "cropped", "wind") else 1.0)
    fall = Fall(cut.gravity, wind, disorder, cut.lift * rng.uniform(0.6, 1.2))
    start = roots * (body.head(roots) - 0.01)[:, None]
    upright = rng.uniform(*cut.upright)
    curls = rng.random() < cut.curls
    points = fallen(body, start, comb + roots * upright, length, 10 if kind == "buzz" else 18, fall, loose, rng)
    if kind == "buzz":
        return points
    apart = np.sign(roots[:, :1] - parting) * 0.6 if parting is not None else np.zeros((count, 1))
    leader = locks(np.concatenate([roots, apart, fringe[:, None]], 1), int(rng.integers(150, 600)), rng)
    points = gathered(points, leader, rng.uniform(0.25, 0.75), rng.uniform(0.02, 0.05), rng)
    if rng.random() > _OVER_THE_EYES:
        ends = _BROWS + rng.normal(0.02, 0.035, count)
        points = np.where(fringe[:, None, None] > 0, cut_at(points, ends), off_the_face(points, parting or 0.0))
    return _waved(kind, body, finer(points, 44 if curls else 26), leader, curls=curls, rng=rng)


def off_the_face(points: Array, parting: float) -> Array:
    """Return strands ``(n, points, 3)`` swept to either side of a face that looks along -Y, each to its root's side.

    A strand leaves its way above the brows and does not come back below.
    """
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    side = np.where(points[:, :1, 0] > parting, 1.0, -1.0)
    before = np.clip((-y - 0.3) / 0.3, 0, 1)
    low = np.clip((_BROWS + 0.4 - z) / 0.45, 0, 1) * (z > _CHIN)
    free = 0.55 * before * low
    within = np.clip((1.0 - x * side) / 0.5, 0, 1)
    shift = np.maximum.accumulate(np.maximum(free - x * side * 0.7, 0) * within, axis=1)
    for _ in range(4):
        inner = (shift[:, :-2] + 2 * shift[:, 1:-1] + shift[:, 2:]) / 4
        shift = np.concatenate([shift[:, :1], inner, (shift[:, -2:-1] + shift[:, -1:]) / 2], axis=1)
    return np.stack([x + side * shift, y, z], axis=-1)


def cut_at(points: Array, height: Array) -> Array:
    """Return strands ``(n, points, 3)`` cut off where they come down in front of a face to a ``height`` ``(n,)``."""
    count, number = points.shape[:2]
    below = (points[..., 2] < height[:, None]) & (points[..., 1] < -0.4)
    last = np.where(below.any(axis=1), np.maximum(below.argmax(axis=1), 2), number - 1)
    place = np.linspace(0, 1, number)[None] * last[:, None]
    first = np.minimum(place.astype(int), number - 2)
    share = (place - first)[..., None]
    row = np.arange(count)[:, None]
    shorter: Array = points[row, first] * (1 - share) + points[row, first + 1] * share
    return shorter


def _waved(
    kind: str, body: HairBody, points: Array, leader: Indices, *, curls: bool, rng: np.random.Generator
) -> Array:
    """Return strands with the waves or curls of their locks and some frizz, outside of the body."""
    count, number = points.shape[:2]
    growing = np.clip(np.linspace(0, 4, number), 0, 1)[None]
    phase = rng.uniform(0, 2 * np.pi, count)[leader] + rng.normal(0, 0.4, count)
    if kind == "afro":
        phase = rng.uniform(0, 2 * np.pi, count)
        points = waved(points, phase, rng.uniform(0.02, 0.035) * growing, rng.uniform(0.07, 0.13), 1.0)
    elif curls:
        points = waved(points, phase, rng.uniform(0.035, 0.08) * growing, rng.uniform(0.22, 0.5), rng.uniform(0.7, 1))
    elif rng.random() < 0.5:
        points = waved(points, phase, rng.uniform(0.015, 0.06) * growing, rng.uniform(0.5, 1.1), 0.3)
    alone = rng.uniform(0, 6.28, count)
    points = waved(points, alone, rng.uniform(0.002, 0.008) * growing, rng.uniform(0.3, 0.7), 1.0)
    return body.push_out(points, 0.006)
