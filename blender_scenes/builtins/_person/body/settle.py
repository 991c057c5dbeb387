"""Poses without hands inside the body: arms are moved away until they are outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthmat.blender_scenes.builtins._person.body.data import PeopleData
from synthmat.blender_scenes.builtins._person.body.figure import Figure
from synthmat.blender_scenes.builtins._person.body.poses import POSES, Pose
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing
from synthmat.blender_scenes.builtins._person.body.surface import Surface, arm_points

DEEPEST = 0.006
"""Meters that a point of a forearm or hand may lie under the skin of trunk, head or legs."""
_ROUNDS = 7


def settled(pose: Pose, figure: Figure, data: PeopleData, seed: int) -> Posing | None:
    """Return a figure in a pose, its arms outside its body; None where this body cannot take it.

    The pose is built again and again with the same draws, each time with the arms farther away.
    """
    found = settled_together([pose], figure, data, seed)
    return found[0] if found else None


def settled_together(poses: Sequence[Pose], figure: Figure, data: PeopleData, seed: int) -> list[Posing] | None:
    """Return a figure in several poses, the arms moved away equally far in all of them; None as in `settled`."""
    gaps: dict[str, float] = dict.fromkeys(SIDES, 0.0)
    for _ in range(_ROUNDS):
        posings = [Posing(figure, data, dict(gaps)) for _ in poses]
        for pose, posing in zip(poses, posings, strict=True):
            pose(posing, np.random.default_rng(seed))
        inside = [arm_depths(posing) for posing in posings]
        depths = {side: max(each[side] for each in inside) for side in SIDES}
        if max(depths.values()) <= DEEPEST:
            return posings
        for side, depth in depths.items():
            gaps[side] += depth + 0.002 if depth > DEEPEST else 0.0
    return None


def arm_depths(posing: Posing) -> dict[str, float]:
    """Return how many meters either forearm or hand is inside of trunk, head or legs.

    Of two forearms that are inside each other, the one that lies farther out counts.
    """
    trunk = Surface(posing)
    points = {side: arm_points(posing, side) for side in SIDES}
    depths = {side: trunk.depth(points[side]) for side in SIDES}
    middle = posing.head_of("spine03")
    left, right = (float(np.linalg.norm(posing.head_of(f"wrist.{side}") - middle)) for side in SIDES)
    upper, lower = SIDES if left > right else SIDES[::-1]
    depths[upper] = max(depths[upper], Surface(posing, lower).depth(points[upper]))
    return depths


def random_pose(
    figure: Figure, data: PeopleData, rng: np.random.Generator, name: str | None = None
) -> tuple[str, Posing | None]:
    """Return a pose: its name, and the figure in it, or None where that body cannot take the named pose.

    Without a name, poses are drawn until the body can take one.
    """
    names = list(POSES)
    odds = np.array([weight for _, weight in POSES.values()])
    while True:
        drawn = str(rng.choice(names, p=odds / odds.sum()))
        chosen = drawn if name is None else name
        posing = settled(POSES[chosen][0], figure, data, int(rng.integers(2**62)))
        if posing is not None or name is not None:
            return chosen, posing
