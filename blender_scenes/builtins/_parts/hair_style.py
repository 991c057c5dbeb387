"""How long hair lies: roots on a scalp, strands that are combed, fall by gravity, drift in wind and are tied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.mannequin import Body

_DOWN = np.array([0.0, 0.0, -1.0])


class HairBody(Protocol):
    """What hair grows on and does not go through; the head's middle is the origin, it looks along -Y."""

    @property
    def base(self) -> str:
        """What is below the head; ``ball`` has no face."""
        ...

    def head(self, direction: Array) -> Array:
        """Return the head's radius ``(...)``, about 1, in directions ``(..., 3)`` of length 1."""
        ...

    def push_out(self, points: Array, clearance: Array | float) -> Array:
        """Return points ``(..., 3)`` moved to where they are ``clearance`` or more away from the body."""
        ...


@dataclass(frozen=True)
class Fall:
    """What moves a strand on its way from root to tip.

    Attributes:
        gravity: How fast it bends down, a unit of length.
        wind: The same for the wind, and whither ``(3,)``.
        disorder: How much strands differ, standard deviation of their direction a step.
        lift: How far the strands stand off the body, at most.
    """

    gravity: float
    wind: Array
    disorder: float
    lift: float


def scalp_roots(body: Body, count: int, rng: np.random.Generator) -> Array:
    """Return ``count`` directions ``(count, 3)`` in which hair grows: above the hairline, evenly spread, shuffled."""
    total = count * (4 if body.base != "ball" else 1)
    number = np.arange(total) + 0.5
    height, around = 1 - 2 * number / total, np.pi * (1 + 5**0.5) * number
    ring = np.sqrt(1 - height**2)
    direction = np.stack([ring * np.cos(around), ring * np.sin(around), height], 1)
    direction = unit(direction + rng.normal(0, 0.012, direction.shape))
    if body.base != "ball":
        azimuth = np.abs(np.degrees(np.arctan2(direction[:, 0], -direction[:, 1])))
        line = np.interp(azimuth, (0, 30, 52, 70, 84, 97, 112, 140, 180), (44, 42, 33, 16, -6, 8, -16, -34, -38))
        line = line + rng.normal(0, 2, total) + rng.uniform(-3, 5)
        direction = direction[np.degrees(np.arcsin(np.clip(direction[:, 2], -1, 1))) > line]
    order = rng.permutation(len(direction))[:count]
    chosen: Array = direction[np.sort(order)]
    return chosen


def combed(roots: Array, parting: float | None, forward: Array) -> Array:
    """Return directions ``(n, 3)`` in which hair lies at its roots.

    Args:
        roots: Directions of the roots ``(n, 3)``.
        parting: Where hair parts to both sides, along X; None combs it back.
        forward: How much each strand falls on the forehead instead ``(n,)``, from 0 to 1.
    """
    side: Array = np.zeros_like(roots)
    if parting is None:
        side[:, 1] = 1.0
        side[:, 2] = 0.2 * np.clip(-roots[:, 1], 0, 1)
        side[:, 0] = roots[:, 0] * 0.5
    else:
        side[:, 0] = np.where(roots[:, 0] > parting, 1.0, -1.0)
        side[:, 1] = 0.5 + 0.5 * np.clip(roots[:, 1], -1, 1)
    down: Array = np.clip(1.2 - roots[:, 2:] * 1.5, 0, 1)
    side = side * (1 - down) + _DOWN * down
    front = np.stack([roots[:, 0] * 0.4, np.full(len(roots), -1.0), np.full(len(roots), -0.2)], axis=1)
    side = side + (front - side) * forward[:, None]
    along: Array = side - roots * (side * roots).sum(axis=1, keepdims=True)
    return along


def fallen(
    body: HairBody,
    start: Array,
    ahead: Array,
    length: Array,
    steps: int,
    fall: Fall,
    loose: Array,
    rng: np.random.Generator,
) -> Array:
    """Return strands ``(n, steps, 3)`` that begin at ``start`` ``(n, 3)`` and go round the body.

    Args:
        body: What they do not go through.
        start: Their first points.
        ahead: Their first directions ``(n, 3)``.
        length: Their lengths ``(n,)``.
        steps: Their points.
        fall: What moves them.
        loose: How much each leaves the others ``(n,)``, from 0 to 1.
        rng: Decides the disorder.
    """
    points = np.empty((len(start), steps, 3))
    points[:, 0] = start
    step = (length / (steps - 1))[:, None]
    lift = fall.lift * rng.uniform(0.15, 1, len(start))
    own = rng.normal(0, 1, (len(start), 3)) * (0.04 + 0.35 * loose[:, None])
    drift = rng.normal(0, fall.disorder, (steps, len(start), 3)) + own * (fall.disorder + 0.1 * loose[:, None])
    gravity = (fall.gravity * (1 - 0.75 * loose))[:, None] * _DOWN
    turbulence = rng.uniform(1.2, 3.0, (3, 3)), rng.uniform(0, 6.28, 3)
    strength = np.linalg.norm(fall.wind)
    ahead = unit(ahead)
    for i in range(1, steps):
        here = points[:, i - 1]
        gust = 0.6 * strength * np.sin(here @ turbulence[0] + turbulence[1])
        growing = min(1.0, i / (0.35 * steps))
        pull = (gravity + (fall.wind + gust) * growing) * step
        ahead = unit(ahead + pull + drift[i])
        goal = body.push_out(here + ahead * step, lift * growing + 0.012)
        ahead = unit(goal - here)
        points[:, i] = here + ahead * step
    return body.push_out(points, 0.008)


def tied(body: HairBody, roots: Array, tie: Array, steps: int, lift: Array) -> Array:
    """Return strands ``(n, steps, 3)`` that lie close to the head from their roots to a tie.

    Args:
        body: Whose head it is.
        roots: Directions of the roots ``(n, 3)``.
        tie: Direction of the tie, one or one for each strand.
        steps: Points of each strand.
        lift: How far each strand is above the head on its way ``(n,)``.
    """
    goal = np.broadcast_to(unit(tie), roots.shape)
    angle = np.arccos(np.clip((roots * goal).sum(axis=1), -1, 1))[:, None, None] + 1e-6
    t = np.linspace(0, 1, steps)[None, :, None]
    way = (np.sin((1 - t) * angle) * roots[:, None] + np.sin(t * angle) * goal[:, None]) / np.sin(angle)
    way = unit(way)
    height = lift[:, None] * np.sin(np.pi * t[..., 0]) ** 0.5 + 0.012 + 0.09 * t[..., 0] ** 6
    strands: Array = way * (body.head(way) + height)[..., None]
    return strands
