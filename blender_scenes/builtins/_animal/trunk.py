"""Parts of a four-legged animal's skin below the head: trunk, neck, legs, feet and tail."""

from __future__ import annotations

import itertools

import numpy as np

from synthmat.blender_scenes.builtins._animal.field import Part, chain, ellipsoid_part, flattened
from synthmat.blender_scenes.builtins._animal.pose import Leg, Pose
from synthmat.blender_scenes.builtins._animal.species import Species
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit

_SIDE = np.array([1.0, 0.0, 0.0])
_STATIONS = np.array([-0.14, -0.03, 0.18, 0.42, 0.66, 0.88, 1.04, 1.15])


def trunk_parts(species: Species, pose: Pose, rng: np.random.Generator) -> list[Part]:
    """Return the trunk with the muscles of shoulders and thighs."""
    tall = [pair[0] for pair in (species.hip, species.belly, species.chest)]
    wide = [pair[1] for pair in (species.hip, species.belly, species.chest)]
    share = np.array([0.55, 0.95, 1.0, 1.0, 1.0, 1.0, 0.88, 0.6])
    kind = np.array([0, 0, 0.55, 1.0, 1.6, 2.0, 2.0, 2.0])
    radii = np.interp(kind, (0, 1, 2), tall) * share
    widths = np.interp(kind, (0, 1, 2), wide) * share
    top = np.interp(_STATIONS, (0, 1), (tall[0], tall[2])) * 0.96
    sag = rng.uniform(-0.06, 0.05) * 4 * np.clip(_STATIONS * (1 - _STATIONS), 0, 1)
    length = float(np.linalg.norm(pose.shoulder - pose.hip))
    center = pose.hip + _STATIONS[:, None] * length * pose.ahead
    offset = np.where(share < 0.9, 0.15 * radii, top - radii) + sag * tall[1] * 2
    center = center + offset[:, None] * pose.back
    line = smooth_path(np.column_stack([center, radii, widths / radii]), 15)
    lie = unit(-pose.ahead - 0.15 * pose.back)
    parts = []
    for i, (here, there) in enumerate(itertools.pairwise(line)):
        marks = {"spine": (i / 14, (i + 1) / 14)}
        shape = flattened(_SIDE, float(here[4] + there[4]) / 2)
        parts.append(Part(here[:3], there[:3], (here[3], there[3]), 0.04, shape, up=pose.back, comb=lie, marks=marks))
    for leg in pose.legs:
        parts.append(_muscle(leg, species, pose, lie))
    return parts


def _muscle(leg: Leg, species: Species, pose: Pose, lie: Array) -> Part:
    """Return the mass of muscle where a leg joins the trunk."""
    tall, wide = species.hip if leg.hind else species.chest
    bone = unit(leg.joints[1] - leg.joints[0])
    axes = np.stack([_SIDE, np.cross(bone, _SIDE), bone], axis=1)
    size = (0.46, 0.62, 0.78) if leg.hind else (0.42, 0.5, 0.72)
    center = leg.joints[0] + bone * tall * (0.22 if leg.hind else 0.05)
    center[0] = leg.side * wide * 0.56
    radii = (size[0] * wide, size[1] * tall, size[2] * tall)
    marks = {"spine": (0.1, 0.1) if leg.hind else (0.9, 0.9)}
    return ellipsoid_part(center, radii, axes, blend=0.12, up=pose.back, comb=unit(lie + 0.6 * bone), marks=marks)


def neck_parts(species: Species, pose: Pose) -> list[Part]:
    """Return the neck from the chest to the skull."""
    _, _, low, high = species.neck
    line = smooth_path(pose.neck, 8)
    radii = np.interp(np.linspace(0, 1, 8), (0, 0.3, 1), (low * 1.02, low, high))
    ahead = unit(line[-1] - line[0])
    up = unit(np.cross(np.cross(ahead, [0, 0, 1.0]), ahead))
    mane = {"spine": (1.0, 1.3), "mane": (0.35, 1.0)}
    return chain(line, radii, blend=0.1, stretch=flattened(_SIDE, 0.86), up=up, comb=-ahead - 0.25 * up, marks=mane)


def leg_parts(species: Species, leg: Leg) -> list[Part]:
    """Return a leg with its foot."""
    top, knee, wrist, ball, tip = leg.joints
    elbow, low, foot = species.legs
    spine = (0.1, 0.1) if leg.hind else (0.9, 0.9)
    tall = species.hip[0] if leg.hind else species.chest[0]
    start = max(tall * (0.46 if leg.hind else 0.36), elbow)
    flat = flattened(_SIDE, 0.8)
    bones = [
        Part(top, knee, (start, elbow * (1.25 if leg.hind else 1.05)), 0.07, flat, marks={"limb": (0.0, 0.3)}),
        Part(knee, wrist, (elbow * (1.2 if leg.hind else 1.0), low * 0.98), 0.035, marks={"limb": (0.3, 0.65)}),
        Part(wrist, ball, (low * 0.98, low * 0.95), 0.025, marks={"limb": (0.65, 0.92)}),
    ]
    parts = []
    for part, hair in zip(bones, (0.8, 0.5, 0.35), strict=True):
        more = {"spine": spine, **part.marks}
        parts.append(Part(part.start, part.end, part.radii, part.blend, part.stretch, hair, _knee_up(leg), None, more))
    if species.foot == "paw":
        return [*parts, *_paw(ball, tip, foot, spine)]
    marks = {"spine": spine, "limb": (0.9, 0.97)}
    joint = ellipsoid_part(ball + 0.2 * (wrist - ball) / 2, (low * 1.12,) * 3, blend=0.03, hair=0.4, marks=marks)
    return [
        *parts,
        joint,
        Part(ball, ball + (tip - ball) * 0.6 - [0, 0, foot * 0.4], (low, low * 0.95), 0.02, hair=0.3, marks=marks),
    ]


def _knee_up(leg: Leg) -> Array:
    return np.array([0.0, 1.0 if leg.hind else -1.0, 0.2])


def _paw(ball: Array, tip: Array, radius: float, spine: tuple[float, float]) -> list[Part]:
    """Return a paw with four toes."""
    ahead = unit(tip - ball)
    marks = {"spine": spine, "limb": (0.95, 1.0)}
    parts = [
        Part(
            ball, (ball + tip) / 2, (radius * 0.8, radius * 0.78), 0.03, flattened([0, 0, 1.0], 0.86), 0.3, marks=marks
        )
    ]
    side = np.cross(ahead, [0, 0, 1.0])
    for place in (-0.66, -0.23, 0.23, 0.66):
        reach = radius * (0.62 - 0.28 * place**2)
        toe = tip + ahead * (reach - 0.55 * radius) + side * place * radius * 1.05
        toe[2] = ball[2] - radius * 0.3
        base = (ball + tip) / 2 + side * place * radius * 0.8
        parts.append(Part(base, toe, (radius * 0.34, radius * 0.36), 0.016, hair=0.3, marks=marks))
    return parts


def tail_path(kind: str, species: Species, pose: Pose, rng: np.random.Generator) -> Array:
    """Return the middle of the tail ``(n, 3)``, from within the rump."""
    length = species.tail[0] * rng.uniform(0.85, 1.15)
    back = -pose.ahead
    root = pose.hip + back * species.hip[0] * 0.5 + pose.back * species.hip[0] * 0.42
    side = rng.uniform(-0.5, 0.5)
    if kind == "corkscrew":
        turn = np.linspace(0, 3.6 * np.pi, 24)
        coil = np.stack([0.05 * np.sin(turn), 0.18 * turn / turn[-1], 0.05 * np.cos(turn) - 0.02], axis=1)
        return np.concatenate([[root], root + back * species.hip[0] * 0.42 + coil])
    if kind in ("stub", "hair"):
        return smooth_path(
            [root, root + back * 0.12 + [0, 0, 0.02], root + back * (0.12 + length) * 0.9 + [0, 0, -0.5 * length]], 8
        )
    if kind == "curled":
        turn = np.linspace(-0.4, 1.7 * np.pi, 9)
        coil = np.stack(
            [side * 0.12 * turn / 5, 0.3 * length * np.sin(turn), 0.3 * length * (1 - np.cos(turn))], axis=1
        )
        return smooth_path(np.concatenate([[root], root + back * 0.16 + [0, -0.05, 0.0] + coil[1:]]), 16)
    grounded = pose.name in ("sitting", "lying")
    if grounded and kind != "up":
        low = np.array([root[0], root[1], 0.0]) + [0, 0.12, species.tail[1] * 1.1]
        turn = np.linspace(0, rng.uniform(0.5, 1.5), 6)
        way = np.sign(side)
        around = low + 0.75 * length * np.stack([way * (1 - np.cos(turn)), np.sin(turn) * 0.75, 0 * turn], axis=1)
        start = [root, root + back * 0.1 * length + [0, 0.03, -0.3 * root[2]]]
        return smooth_path(np.concatenate([start, around[1:]]), 16)
    lift = rng.uniform(0.5, 1.3) if kind == "up" else rng.uniform(-0.9, -0.2)
    if kind == "tuft":
        lift = rng.uniform(-1.5, -1.2)
    steps = [root]
    for bend in np.linspace(0.0, 1.0, 7):
        angle = lift * min(1.0, 0.35 + 0.9 * bend) + (0.9 * bend**3 if kind == "long" else 0)
        step = np.array([side * 0.5 * bend, np.cos(angle), np.sin(angle)])
        steps.append(steps[-1] + (length / 7 + (0.1 if len(steps) == 1 else 0)) * unit(step))
    return smooth_path(steps, 16)


def tail_parts(kind: str, species: Species, path: Array) -> list[Part]:
    """Return the tail along its path."""
    thick, share = species.tail[1], np.linspace(0, 1, len(path))
    profiles = {
        "bushy": ((0, 0.25, 0.6, 0.9, 1), (0.5, 0.75, 1.1, 0.8, 0.25)),
        "tuft": ((0, 0.2, 0.85, 0.9, 1), (1.4, 1.0, 0.7, 1.3, 0.5)),
        "stub": ((0, 1), (1.0, 0.75)),
        "hair": ((0, 1), (1.2, 0.7)),
        "bare": ((0, 0.1, 1), (1.5, 1.0, 0.35)),
    }
    radii = thick * np.interp(share, *profiles.get(kind, ((0, 0.15, 0.9, 1), (1.35, 1.05, 0.75, 0.55))))
    hair = {"bushy": 2.2, "tuft": 0.5, "stub": 1.2, "hair": 0.6, "bare": 0.0, "corkscrew": 0.1}.get(kind, 0.9)
    if kind == "bushy" and thick < 0.06:
        radii = radii * 1.2
    marks = {"tail": (0.05, 1.0), "spine": (0.0, -0.4)}
    return chain(path, radii, blend=0.03, hair=hair, marks=marks)
