"""Patterns in a tailor's sense: where each garment ends, as fields on a body that are positive inside of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._person.measures import Measures

_ELSEWHERE = 0.3
"""Value of an edge that does not concern a point, meters."""


@dataclass(frozen=True)
class Top:
    """A garment for the upper body.

    Attributes:
        hem: Height of its lower edge above the hip joints, meters.
        sleeve: Where sleeves end: 0 at the shoulder, 1 at the elbow, 2 at the wrist.
        neck: Distance of its neckline from the pit of the neck, meters.
        plunge: How far the neckline goes down in front beyond that, meters.
        opening: Half of the gap in front, meters; below 0 it is closed.
        waisted: Whether its lower edge is sewn to a skirt and lies on the waist as that does.
    """

    hem: float
    sleeve: float
    neck: float
    plunge: float = 0.0
    opening: float = -1.0
    waisted: bool = False

    def field(self, at: Measures) -> Array:
        """Return how far inside of its edges each point lies ``(n,)``, meters, about."""
        sleeve = np.where(at.arm > 0.5, (self.sleeve - at.reach) * 0.25, _ELSEWHERE)
        if self.sleeve < 0.1:
            sleeve = (0.5 - at.arm) * 0.03
        neckline = at.neck - self.neck
        if self.plunge:
            # A wedge of the width of the neckline that narrows downward in front.
            depth = (self.neck + self.plunge) - (0.48 - at.z)
            wedge = np.abs(at.x) - np.clip(depth, -_ELSEWHERE, None) * self.neck / (self.neck + self.plunge)
            neckline = np.minimum(neckline, np.where((at.y < 0.0) & (at.arm < 0.5), wedge, _ELSEWHERE))
        hem = np.where(at.arm > 0.5, _ELSEWHERE, at.z - self.hem)
        field = np.minimum(np.minimum(sleeve, neckline), hem)
        if self.opening >= 0:
            gap = self.opening + np.clip(0.3 - at.z, 0, 1) * self.opening * 0.8
            field = np.minimum(field, np.where((at.y < 0.02) & (at.arm < 0.5), np.abs(at.x) - gap, _ELSEWHERE))
        inside: Array = field
        return inside


@dataclass(frozen=True)
class Trousers:
    """A garment for the legs: ``waist`` is the height above the hip joints, ``length`` 1 ends at the knee, 2 below."""

    waist: float
    length: float

    def field(self, at: Measures) -> Array:
        """Return how far inside of its edges each point lies ``(n,)``, meters, about."""
        inside: Array = np.where(
            at.arm > 0.4, -_ELSEWHERE, np.minimum(self.waist - at.z, (self.length - at.leg) * 0.35)
        )
        return inside


@dataclass(frozen=True)
class Skirt:
    """A skirt from a height above the hip joints down to ``length``: 1 is the knee, 2 the ankle.

    ``opening`` is half of the gap in front, meters, as a coat has one; below 0 it is closed.
    """

    waist: float
    length: float
    opening: float = -1.0

    def field(self, at: Measures) -> Array:
        """Return how far inside of its edges each point lies ``(n,)``, meters, about."""
        inside: Array = np.minimum(self.waist - at.z, (self.length - at.leg) * 0.35)
        if self.opening >= 0:
            gap = self.opening + np.clip(-at.z, 0, 1) * 0.05
            inside = np.minimum(inside, np.where(at.y < 0.02, np.abs(at.x) - gap, _ELSEWHERE))
        return inside


Pattern = Top | Trousers | Skirt
