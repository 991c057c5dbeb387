"""Bodies that move: walk on the spot, wave, look around, talk. Each motion ends as it begins.

motion = random_motion(np.random.default_rng(7), "walk")
bodies = [motion.at(frame / 25) for frame in range(25)]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from synthmat.blender_scenes.builtins._person.body.body import Body, body_of, look
from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.description import Description, random_description
from synthmat.blender_scenes.builtins._person.body.expression import Expression, random_expression
from synthmat.blender_scenes.builtins._person.body.figure import figure_of
from synthmat.blender_scenes.builtins._person.body.poses import (
    bend_spine,
    hang,
    other,
    random_head,
    stand,
    turn_head,
    walk,
    wave,
)
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing
from synthmat.blender_scenes.builtins._person.body.settle import settled_together

Moment = Callable[[Posing, float, np.random.Generator], None]
_MOMENTS = 6
"""Moments of a motion at which the arms have to be outside of the body."""


@dataclass(frozen=True)
class Motion:
    """Somebody who moves: ``name`` is one of `MOTIONS`, ``seconds`` how long it takes until it begins again."""

    name: str
    seconds: float
    description: Description
    face: Expression
    gaps: dict[str, float]
    seed: int

    def at(self, time_s: float) -> Body:
        """Return the body at a time in seconds, on the ground."""
        phase = time_s / self.seconds % 1.0
        face = talking(self.face, phase, self.seed) if self.name == "talk" else self.face
        posing = Posing(figure_of(self.description, people_data(), face.units), people_data(), dict(self.gaps))
        MOTIONS[self.name][0](posing, phase, np.random.default_rng(self.seed))
        look(posing, face)
        return body_of(posing, self.description, self.name, face)


def random_motion(rng: np.random.Generator, name: str | None = None) -> Motion:
    """Return anybody in a motion of `MOTIONS`, the named one or any."""
    data = people_data()
    drawn = str(rng.choice(list(MOTIONS)))
    chosen = drawn if name is None else name
    moment, (shortest, longest) = MOTIONS[chosen]
    while True:
        description = random_description(data, rng)
        face = random_expression(rng, tuple(data.actions), "neutral" if chosen == "talk" else None)
        seed = int(rng.integers(2**62))
        poses = [partial(_moment, moment, step / _MOMENTS) for step in range(_MOMENTS)]
        settled = settled_together(poses, figure_of(description, data), data, seed)
        if settled is not None:
            return Motion(chosen, float(rng.uniform(shortest, longest)), description, face, settled[0].gaps, seed)


def talking(face: Expression, phase: float, seed: int) -> Expression:
    """Return a face with the mouth as it is at a moment of talking."""
    rng = np.random.default_rng(seed)
    units = dict(face.units)
    for unit, middle, swing in _SPEECH:
        turns, start = rng.integers(5, 13, size=2), rng.uniform(0, 1, size=2)
        wave_at = sum(
            math.sin(2 * math.pi * (n * phase + s)) for n, s in zip(turns.tolist(), start.tolist(), strict=True)
        )
        for label in (unit,) if unit in people_data().actions else (f"{unit}Left", f"{unit}Right"):
            units[label] = float(np.clip(middle + swing * wave_at / 2, 0, 1))
    return replace(face, units=units)


_SPEECH = (
    ("jawOpen", 0.1, 0.13),
    ("mouthFunnel", 0.15, 0.25),
    ("mouthUpperUp", 0.08, 0.12),
    ("mouthLowerDown", 0.15, 0.2),
)


def _moment(moment: Moment, phase: float, posing: Posing, rng: np.random.Generator) -> None:
    moment(posing, phase, rng)


def _walking(posing: Posing, phase: float, rng: np.random.Generator) -> None:
    walk(posing, phase, rng.uniform(0.75, 1.1), rng)


def _waving(posing: Posing, phase: float, rng: np.random.Generator) -> None:
    stand(posing, rng)
    random_head(posing, rng)
    side = SIDES[int(rng.integers(2))]
    hang(posing, rng, (other(side),))
    wave(posing, side, math.sin(2 * math.pi * phase), rng)


def _looking_around(posing: Posing, phase: float, rng: np.random.Generator) -> None:
    stand(posing, rng)
    far, swing = rng.uniform(0.5, 1.0), math.sin(2 * math.pi * phase)
    bend_spine(posing, 0, 0, 18 * far * swing)
    turn_head(posing, 0, 0, 45 * far * swing)
    hang(posing, rng)


def _talking(posing: Posing, phase: float, rng: np.random.Generator) -> None:
    stand(posing, rng)
    random_head(posing, rng)
    nods = int(rng.integers(2, 5))
    turn_head(posing, 3 * math.sin(2 * math.pi * nods * phase), 0, 6 * math.sin(2 * math.pi * phase))
    hang(posing, rng)


MOTIONS: dict[str, tuple[Moment, tuple[float, float]]] = {
    "walk": (_walking, (0.95, 1.3)),
    "wave": (_waving, (0.6, 1.2)),
    "look_around": (_looking_around, (3.0, 6.0)),
    "talk": (_talking, (3.0, 5.0)),
}
"""The motions by name, and how many seconds one round of each takes."""
