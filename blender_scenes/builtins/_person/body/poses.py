"""Poses that people take, each a little different every time.

A pose is a function of a `Posing` and a generator: first the trunk and the legs, then the arms.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthmat.blender_scenes.builtins._person.body.arms import point_arm, reach
from synthmat.blender_scenes.builtins._person.body.data import Array
from synthmat.blender_scenes.builtins._person.body.hands import shape_hand
from synthmat.blender_scenes.builtins._person.body.legs import aim_leg, place_foot
from synthmat.blender_scenes.builtins._person.body.posing import SIDES, Posing, outward
from synthmat.blender_scenes.builtins._person.body.skeleton import turn
from synthmat.blender_scenes.builtins._person.body.surface import Surface

Pose = Callable[[Posing, np.random.Generator], None]
_SPINE = ("spine04", "spine03", "spine02", "spine01")
_NECK = ("neck01", "neck02", "neck03", "head")


def other(side: str) -> str:
    """Return the other side."""
    return "R" if side == "L" else "L"


def bend_spine(posing: Posing, forward: float = 0.0, aside: float = 0.0, twist: float = 0.0) -> None:
    """Bend the back by degrees altogether."""
    for bone in _SPINE:
        posing.bend(bone, forward / len(_SPINE), aside / len(_SPINE), twist / len(_SPINE))


def turn_head(posing: Posing, forward: float = 0.0, aside: float = 0.0, twist: float = 0.0) -> None:
    """Turn the head by degrees altogether, with the neck."""
    for bone, share in zip(_NECK, (0.15, 0.2, 0.25, 0.4), strict=True):
        posing.bend(bone, forward * share, aside * share, twist * share)


def random_head(posing: Posing, rng: np.random.Generator, most: float = 1.0) -> None:
    """Let the head look somewhere near the front."""
    turn_head(posing, rng.normal(2, 5) * most, rng.normal(0, 4) * most, rng.normal(0, 13) * most)


def stand(posing: Posing, rng: np.random.Generator) -> None:
    """Put the feet side by side, the weight more on one of them."""
    bend_spine(posing, rng.normal(0, 2.5), rng.normal(0, 1.5), rng.normal(0, 3))
    weight = rng.normal(0, 0.015)
    posing.bend("root", rng.normal(0, 1), weight * 60, rng.normal(0, 3))
    posing.move([weight, 0, -rng.uniform(0.004, 0.012)])
    apart = rng.uniform(0.7, 1.25)
    for side in SIDES:
        place_foot(posing, side, (apart, rng.normal(0, 0.015), 0), rng.uniform(0, 16))


def stand_contrapposto(posing: Posing, rng: np.random.Generator) -> None:
    """Put the weight on one leg: the hip above it is high, the shoulder low, the other knee bent."""
    side = _either(rng)
    sign = 1 if side == "L" else -1
    tilt = rng.uniform(4, 8)
    size = posing.rest("spine01")[2]
    posing.bend("root", 0, -tilt * sign * 0.9, rng.normal(0, 4))
    bend_spine(posing, rng.normal(0, 2), tilt * sign * 1.7, rng.normal(0, 4))
    turn_head(posing, 0, -tilt * sign * 0.5)
    posing.move([sign * rng.uniform(0.035, 0.055) * size, 0, -0.012 * size])
    place_foot(posing, side, (0.65, 0, 0), rng.uniform(2, 12))
    place_foot(posing, other(side), (rng.uniform(0.75, 1.6), -rng.uniform(0.03, 0.14) * size, 0), 22)


def hang(posing: Posing, rng: np.random.Generator, sides: tuple[str, ...] = SIDES) -> None:
    """Let arms hang."""
    for side in sides:
        upper = (rng.uniform(0.1, 0.2), rng.normal(0.06, 0.06), -1)
        fore = (rng.uniform(0.0, 0.12), -rng.uniform(0.12, 0.42), -1)
        point_arm(posing, side, upper, fore, rng.uniform(-10, 25))
        shape_hand(posing, side, "relaxed", rng)


def standing(posing: Posing, rng: np.random.Generator) -> None:
    """Stand relaxed, arms hanging."""
    stand(posing, rng)
    random_head(posing, rng)
    hang(posing, rng)


def contrapposto(posing: Posing, rng: np.random.Generator) -> None:
    """Stand on one leg, arms hanging."""
    stand_contrapposto(posing, rng)
    random_head(posing, rng)
    hang(posing, rng)


def hands_on_hips(posing: Posing, rng: np.random.Generator) -> None:
    """Rest both hands on the hips, or one."""
    (stand if rng.random() < 0.6 else stand_contrapposto)(posing, rng)
    random_head(posing, rng)
    both = rng.random() < 0.6
    first = _either(rng)
    hang(posing, rng, (other(first),))
    for side in SIDES if both else (first,):
        point = _on_skin(posing, side, "spine05", (1, rng.uniform(0.25, 0.5), 0.3), 0.03)
        reach(posing, side, point, (1, 0.9, 0.1), (-0.12, -1, -0.5), (-1, -0.1, 0.1), (1, 0.3, 0))
        shape_hand(posing, side, "flat", rng)


def arms_crossed(posing: Posing, rng: np.random.Generator) -> None:
    """Cross the forearms before the chest."""
    stand(posing, rng)
    random_head(posing, rng)
    under = _either(rng)
    size = posing.length("upperarm01.L", "wrist.L")
    for side, lift, up in ((under, 0.05, 0.0), (other(under), 0.105, 0.06)):
        point = _on_skin(posing, side, "spine02", (-0.45, -1, -0.2 + up), lift * size / 0.5)
        reach(posing, side, point, (1.0, 0.5, -0.8), (-1, 0.15, 0.25), (0.1, 1, 0), (0, -1, 0))
        shape_hand(posing, side, "flat", rng)


def hand_in_hair(posing: Posing, rng: np.random.Generator) -> None:
    """Raise a hand to the side of the head."""
    (stand if rng.random() < 0.5 else stand_contrapposto)(posing, rng)
    side = _either(rng)
    sign = 1 if side == "L" else -1
    turn_head(posing, rng.uniform(-6, 6), sign * rng.uniform(2, 10), -sign * rng.uniform(0, 15))
    hang(posing, rng, (other(side),))
    point = _on_skin(posing, side, "head", (1, rng.uniform(0.0, 0.5), rng.uniform(0.75, 1.2)), 0.075)
    reach(posing, side, point, (1, -0.25, 0.35), (-0.75, 0.55, 0.5), (-0.8, -0.2, -0.5), (1, 0, 0.3))
    shape_hand(posing, side, "relaxed", rng)


def hand_on_chin(posing: Posing, rng: np.random.Generator) -> None:
    """Think: a hand at the chin, the other arm across the belly."""
    stand(posing, rng)
    side = _either(rng)
    turn_head(posing, rng.uniform(2, 8), rng.normal(0, 3), rng.normal(0, 8))
    size = posing.length("upperarm01.L", "wrist.L")
    chin = _on_skin(posing, side, "head", (0.1, -1, -0.25), 0.0)
    chest = posing.orientation("spine01")
    reach(
        posing, side, chin + chest @ outward(side, (0.035, -0.03, -0.105)), (0.35, -0.35, -1), (-0.25, 0.25, 1),
        (-0.35, 1, -0.1), (0.1, -1, -0.2),
    )  # fmt: skip
    shape_hand(posing, side, "grip", rng)
    across = _on_skin(posing, other(side), "spine03", (-0.35, -1, 0.1), 0.05 * size / 0.5)
    reach(posing, other(side), across, (1.0, 0.6, -0.8), (-1, 0.1, 0.25), (0, 1, 0.2), (0, -1, 0))
    shape_hand(posing, other(side), "relaxed", rng)


def holding(posing: Posing, rng: np.random.Generator) -> None:
    """Hold something before the belly with both hands, or with one."""
    stand(posing, rng)
    turn_head(posing, rng.uniform(0, 14), 0, rng.normal(0, 6))
    size = posing.length("upperarm01.L", "wrist.L")
    apart = rng.uniform(0.12, 0.35) * size
    height, far = rng.uniform(-0.25, 0.55), rng.uniform(0.35, 0.6) * size
    first = _either(rng)
    one = rng.random() < 0.5
    for side in (first, *(() if one else (other(first),))):
        front = _on_skin(posing, side, "spine03", (0, -1, height), far)
        chest = posing.orientation("spine01")
        point = front + chest @ outward(side, (apart + (0.12 if one else 0) * size, 0, 0))
        reach(posing, side, point, (0.55, 0.5, -1), (-0.15, -1, 0.1), (-1, 0, 0.15), (0.5, -1, 0))
        shape_hand(posing, side, "grip", rng)
    if one:
        hang(posing, rng, (other(first),))


def pointing(posing: Posing, rng: np.random.Generator) -> None:
    """Point somewhere with a stretched arm, and look there."""
    (stand if rng.random() < 0.6 else stand_contrapposto)(posing, rng)
    side = _either(rng)
    sign = 1 if side == "L" else -1
    away, up = rng.uniform(0.05, 1.4), rng.uniform(-0.15, 0.5)
    turn_head(posing, -up * 15, 0, sign * min(away * 32, 45))
    hang(posing, rng, (other(side),))
    point_arm(posing, side, (away, -1, up - 0.12), (away - 0.1, -1, up + 0.02), rng.uniform(20, 60))
    shape_hand(posing, side, "pointing", rng)


def waving(posing: Posing, rng: np.random.Generator) -> None:
    """Wave a hand beside the head."""
    stand(posing, rng)
    random_head(posing, rng)
    side = _either(rng)
    hang(posing, rng, (other(side),))
    wave(posing, side, rng.uniform(-1, 1), rng)


def wave(posing: Posing, side: str, swing: float, rng: np.random.Generator) -> None:
    """Raise an arm as for waving; ``swing`` from -1 to 1 is how far the hand is out."""
    shoulder = posing.head_of(f"upperarm01.{side}")
    chest = posing.orientation("spine01")
    size = posing.length("upperarm01.L", "wrist.L")
    point = shoulder + chest @ outward(side, np.array([0.42 + 0.2 * swing, -0.32, 0.52 - 0.08 * abs(swing)]) * size)
    reach(posing, side, point, (0.7, 0.0, -1), (0.3 * swing, -0.08, 1), (0, -1, 0), (1, 0, 0))
    shape_hand(posing, side, "flat" if rng.random() < 0.5 else "spread", rng)


def sitting(posing: Posing, rng: np.random.Generator) -> None:
    """Sit upright or leaning forward, the hands on the thighs."""
    lean = rng.uniform(-6, 18)
    posing.bend("root", rng.uniform(-8, 2))
    bend_spine(posing, lean, rng.normal(0, 2), rng.normal(0, 5))
    turn_head(posing, -lean * 0.5 + rng.normal(0, 4), rng.normal(0, 3), rng.normal(0, 12))
    apart = rng.uniform(0.02, 0.3)
    for side in SIDES:
        thigh = outward(side, (apart, -1, rng.uniform(-0.12, -0.02)))
        shin = outward(side, (rng.normal(0.0, 0.04), rng.uniform(-0.25, 0.2), -1))
        aim_leg(posing, side, thigh, shin, outward(side, (apart * 0.3, -0.35, 1)))
        posing.orient(f"foot.{side}", turn([0, 0, 1], rng.uniform(0, 16) * (1 if side == "L" else -1)))
    for side in SIDES:
        hip, knee = (posing.head_of(f"{bone}.{side}") for bone in ("upperleg01", "lowerleg01"))
        middle = hip + (knee - hip) * rng.uniform(0.45, 0.75)
        top = Surface(posing).point(middle, np.array([0, 0, 1.0]), most=0.14) + [0, 0, 0.035]
        reach(posing, side, top, (0.8, 0.7, -0.6), (-0.25, -1, -0.15), (0, -0.1, -1), (0, -0.2, 1))
        shape_hand(posing, side, "relaxed", rng)


def walking(posing: Posing, rng: np.random.Generator) -> None:
    """Take a step."""
    walk(posing, rng.uniform(0, 1), rng.uniform(0.7, 1.15), rng)


def walk(posing: Posing, phase: float, stride: float, rng: np.random.Generator) -> None:
    """Pose a moment of walking; the left foot is foremost at phase 0, the right one at 0.5."""
    bend_spine(posing, 3.0, 0, 5 * stride * _wave(phase + 0.5))
    posing.bend("root", 1.5, 0, -4 * stride * _wave(phase + 0.5))
    random_head(posing, rng, 0.6)
    for side, own in (("L", phase), ("R", phase + 0.5)):
        swing, lift = _wave(own), max(0.0, _wave(own - 0.72))
        hip = np.radians(25 * stride * swing + 10 * stride * lift)
        knee = np.radians(6 + 50 * stride * lift + 8 * stride * max(0.0, -swing))
        thigh = np.array([0, -np.sin(hip), -np.cos(hip)])
        shin = np.array([0, -np.sin(hip - knee), -np.cos(hip - knee)])
        aim_leg(posing, side, outward(side, thigh + [-0.04, 0, 0]), outward(side, shin), np.array([0, -1, -0.2]))
        pitch = 20 * stride * max(0.0, swing) ** 2 - 26 * stride * max(0.0, -swing) - 12 * lift
        posing.orient(f"foot.{side}", turn([1, 0, 0], -pitch))
        posing.orient(f"toes.{side}", turn([1, 0, 0], -max(pitch, 0.0)))
        back = 0.36 * stride * swing
        point_arm(posing, side, (0.14, 0.04 + back, -1), (0.05, back - 0.28 - 0.1 * (1 - swing), -1), 10)
        shape_hand(posing, side, "relaxed", rng)


def turned_away(posing: Posing, rng: np.random.Generator) -> None:
    """Turn the whole body to a side or away, and look back over the shoulder or not."""
    side = 1 if rng.random() < 0.5 else -1
    angle = rng.uniform(35, 150)
    (stand if rng.random() < 0.5 else stand_contrapposto)(posing, rng)
    back = rng.random() < 0.6
    bend_spine(posing, 0, 0, -side * (rng.uniform(12, 26) if back else rng.uniform(-8, 8)))
    turn_head(posing, rng.normal(0, 4), 0, -side * (rng.uniform(25, 55) if back else rng.normal(0, 10)))
    hang(posing, rng)
    posing.turn_to("root", turn([0, 0, 1], side * angle) @ posing.rotations.get("root", np.eye(3)))


def hands_behind_back(posing: Posing, rng: np.random.Generator) -> None:
    """Hold the hands behind the back."""
    stand(posing, rng)
    random_head(posing, rng)
    for side, lift in zip(SIDES if rng.random() < 0.5 else SIDES[::-1], (0.03, 0.075), strict=True):
        point = _on_skin(posing, side, "spine05", (0.3, 1, 0.0), lift)
        reach(posing, side, point, (1, 0.5, -0.3), (-1, 0.1, -0.35), (0.1, 1, 0), (0.2, 1, 0))
        shape_hand(posing, side, "relaxed", rng)


def arms_raised(posing: Posing, rng: np.random.Generator) -> None:
    """Cheer with both arms up."""
    (stand if rng.random() < 0.6 else stand_contrapposto)(posing, rng)
    bend_spine(posing, -rng.uniform(0, 6))
    turn_head(posing, -rng.uniform(0, 12), 0, rng.normal(0, 6))
    kind = "fist" if rng.random() < 0.5 else "spread"
    for side in SIDES:
        out, up = rng.uniform(0.6, 1.1), rng.uniform(0.35, 1.0)
        point_arm(posing, side, (out, -0.25, up), (out * 0.5 - 0.2, -0.35, up + 0.6), rng.uniform(-20, 10))
        shape_hand(posing, side, kind, rng)


def on_the_phone(posing: Posing, rng: np.random.Generator) -> None:
    """Hold a hand to the ear, as with a telephone."""
    (stand if rng.random() < 0.5 else stand_contrapposto)(posing, rng)
    side = _either(rng)
    sign = 1 if side == "L" else -1
    turn_head(posing, rng.uniform(0, 8), sign * rng.uniform(0, 8), rng.normal(0, 10))
    hang(posing, rng, (other(side),))
    ear = _on_skin(posing, side, "head", (1, -0.1, 0.15), 0.0)
    point = ear + posing.orientation("spine01") @ outward(side, (0.04, -0.045, -0.09))
    reach(posing, side, point, (0.75, -0.35, -1), (-0.1, 0.45, 1), (-1, 0.1, 0.1), (1, -0.3, 0))
    shape_hand(posing, side, "grip", rng)


POSES: dict[str, tuple[Pose, float]] = {
    "standing": (standing, 3.0),
    "contrapposto": (contrapposto, 2.0),
    "hands_on_hips": (hands_on_hips, 1.5),
    "arms_crossed": (arms_crossed, 1.2),
    "hand_in_hair": (hand_in_hair, 1.0),
    "hand_on_chin": (hand_on_chin, 0.8),
    "holding": (holding, 1.5),
    "pointing": (pointing, 1.0),
    "waving": (waving, 1.0),
    "sitting": (sitting, 1.0),
    "walking": (walking, 2.0),
    "turned_away": (turned_away, 1.5),
    "hands_behind_back": (hands_behind_back, 0.7),
    "arms_raised": (arms_raised, 0.7),
    "on_the_phone": (on_the_phone, 0.8),
}
"""The poses by name, and how often each is drawn relative to the others."""


def _either(rng: np.random.Generator) -> str:
    return SIDES[int(rng.integers(2))]


def _wave(phase: float) -> float:
    return float(np.cos(2 * np.pi * phase))


def _on_skin(posing: Posing, side: str, bone: str, direction: tuple[float, float, float], lift: float) -> Array:
    """Return the point ``lift`` meters above where the skin is, seen from where a bone begins."""
    along = posing.orientation(bone) @ outward(side, direction)
    origin = posing.head_of(bone)
    return Surface(posing).point(origin, along) + along / np.linalg.norm(along) * lift
