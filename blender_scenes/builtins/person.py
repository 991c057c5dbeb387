"""A person of any age, build and ancestry: skin, eyes, hair, dressed, in a pose, on a seat where it sits."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.body.motion import MOTIONS as _ALL
from synthmat.blender_scenes.builtins._person.body.motion import random_motion
from synthmat.blender_scenes.builtins._person.moving import set_in_motion
from synthmat.blender_scenes.builtins._person.people import add_person
from synthmat.blender_scenes.builtins._person.seat import add_seat

MOTIONS = tuple(sorted(_ALL))
"""What `build_moving` knows."""


def build(rng: np.random.Generator) -> None:
    """Add the person to the scene, in meters, standing on height 0, the face towards -Y."""
    body = random_body(rng)
    add_person(body, rng)
    add_seat(body, rng)


def build_moving(rng: np.random.Generator, motion: str) -> None:
    """Add somebody who moves to the scene; the scene then has an action named ``motion``, which ends as it begins.

    ``motion`` is one of `MOTIONS`.
    """
    moving = random_motion(rng, motion)
    first = moving.at(0.0)
    add_person(first, rng)
    set_in_motion(moving, first)
