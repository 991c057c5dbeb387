"""A toy figure's arms, hands, legs and shoes, in one of several poses."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, superquadric, tube, tube_points
from synthmat.blender_scenes.builtins._toy.palette import Palette

Angles = tuple[float, float]

_HANG: tuple[Angles, Angles] = ((-58, 8), (-66, 32))
_WAVE: tuple[Angles, Angles] = ((4, 6), (56, 14))
_HIP: tuple[Angles, Angles] = ((-30, -18), (-24, 122))
_OUT: tuple[Angles, Angles] = ((-12, 8), (6, 18))
_FORTH: tuple[Angles, Angles] = ((-40, 50), (-2, 78))
_BACK: tuple[Angles, Angles] = ((-42, -36), (-50, -12))
_UP: tuple[Angles, Angles] = ((14, 0), (54, 6))
_REACH: tuple[Angles, Angles] = ((-20, 58), (-6, 76))
_POINT: tuple[Angles, Angles] = ((6, 34), (16, 40))
_ARMS = (_HANG, _HANG, _WAVE, _HIP, _OUT, _FORTH, _BACK, _UP, _REACH, _POINT)
"""Upper arm and forearm: degrees above the horizon, and degrees from sideways to the front."""

_STAND: tuple[Angles, Angles] = ((0, 0), (0, 0))
_STEP: tuple[Angles, Angles] = ((26, 6), (-24, 14))
_MILD_LEGS = (_STAND, _STEP)
_LEGS = (
    _STAND,
    _STEP,
    ((42, 12), (-32, 26)),
    ((72, 78), (-2, 2)),
    ((58, 8), (-6, 4)),
    ((84, 8), (80, 12)),
    ((82, 78), (86, 82)),
    ((52, 62), (-34, 52)),
    ((12, 56), (-4, 70)),
)
"""Both legs: degrees that the thigh swings forward, and degrees that the knee is bent."""


@dataclass(frozen=True)
class Arms:
    """Where arms begin and how long and thick they are."""

    shoulder: Array
    length: float
    radius: float


def add_arms(arms: Arms, palette: Palette, rng: np.random.Generator) -> None:
    """Add both arms in poses of their own or the same one, with long or short sleeves."""
    first, second = (_ARMS[int(rng.integers(len(_ARMS)))] for _ in range(2))
    pose = (first, first if rng.random() < 0.3 else second)
    short = rng.random() < 0.35
    for side, angles in zip((-1, 1), pose, strict=True):
        upper, fore = (_direction(side, up + rng.uniform(-9, 9), front + rng.uniform(-12, 12)) for up, front in angles)
        start = arms.shoulder * [side, 1, 1]
        elbow = start + arms.length * upper
        wrist = elbow + arms.length * 0.92 * fore
        path = smooth_path([start, elbow * 0.92 + (start + wrist) * 0.04, wrist], 32)
        radii = np.linspace(arms.radius, arms.radius * 0.72, 32)
        if short:
            tube("arm", palette.skin, path, radii * 0.78)
            tube("sleeve", palette.shirt, path[:13], radii[:13] * 1.08)
        else:
            tube("sleeve", palette.shirt, path, radii)
        _add_hand(path[-1], unit(path[-1] - path[-3]), side, arms.radius, palette, rng)


def _direction(side: int, up: float, front: float) -> Array:
    high, ahead = np.radians(up), np.radians(front)
    return np.array([side * np.cos(high) * np.cos(ahead), -np.cos(high) * np.sin(ahead), np.sin(high)])


def _add_hand(wrist: Array, ahead: Array, side: int, size: float, palette: Palette, rng: np.random.Generator) -> None:
    """Add a cartoon hand with three fingers and a thumb, the palm to the front or, hanging, to the body."""
    palm = np.array([-side * 0.75, -0.25, 0.0]) if ahead[2] < -0.4 else np.array([-side * 0.1, -1.0, 0.15])
    palm = unit(palm - ahead * (palm @ ahead))
    thumb = np.cross(palm, ahead)
    thumb = thumb * np.sign(thumb @ np.array([-side, -0.6, 0.4]) or 1.0)
    hand = wrist + ahead * size * 0.95
    ring = np.linspace(0, 2 * np.pi, 32, endpoint=False)[:, None]
    cuff = wrist + ahead * size * 0.15 + size * 0.86 * (np.cos(ring) * palm + np.sin(ring) * thumb)
    tube("cuff", palette.hands if palette.hands != palette.skin else palette.shirt, cuff, size * 0.3, closed=True)
    ellipsoid("palm", palette.hands, hand, np.full(3, size * 0.98))
    curl = rng.uniform(0.15, 0.9)
    for spread in (-0.62, 0.0, 0.62):
        root = hand + ahead * size * 0.55 + thumb * spread * size * 0.85
        reach = ahead * (1 - 0.4 * curl) + palm * curl * 0.6 + thumb * spread * 0.5
        tip = root + unit(reach) * size * (0.95 if spread == 0 else 0.85)
        bend = (root + tip) / 2 + ahead * size * 0.2 * curl
        tube("finger", palette.hands, smooth_path([root, bend, tip], 10), np.linspace(0.4, 0.36, 10) * size)
    root = hand + thumb * size * 0.5
    tip = root + unit(thumb * 0.8 + ahead * 0.55 + palm * 0.3) * size * 0.95
    tube("thumb", palette.hands, smooth_path([root, tip], 8), np.linspace(0.4, 0.34, 8) * size)


def add_legs(
    hip: float, apart: float, thick: float, palette: Palette, rng: np.random.Generator, *, skirted: bool
) -> None:
    """Add both legs in long trousers, in shorts, or bare above boots.

    They stand, walk, run, kick, jump or sit; under a skirt they move little.
    """
    poses = _MILD_LEGS if skirted else _LEGS
    pose = list(poses[int(rng.integers(len(poses)))])
    if rng.random() < 0.5:
        pose.reverse()
    spread = rng.choice([2.0, 2.0, rng.uniform(6, 12 if skirted else 26)])
    turned_out, kind = rng.uniform(4, 20), rng.choice(["long", "long", "shorts", "boots"])
    foot_size = thick * rng.uniform(1.05, 1.3)
    half = (hip - foot_size * 0.75) / 2
    for side, (swing, bend) in zip((-1, 1), pose, strict=True):
        thigh, shin = swing + rng.uniform(-6, 6), swing - bend + rng.uniform(-5, 5)
        knee = np.array([side * apart, 0.0, hip]) + half * _downward(side, thigh, spread)
        ankle = knee + half * _downward(side, shin, spread)
        path = smooth_path([np.array([side * apart, 0.0, hip]), knee, ankle], 30)
        radii = np.linspace(thick, thick * 0.86, 30)
        if kind == "long":
            tube("leg", palette.trousers, path, radii)
            _add_ring(path, -1, thick * 0.84, thick * 0.22, palette.trousers)
        else:
            tube("leg", palette.skin, path, radii * 0.78)
            tube("shorts", palette.trousers, path[:17], radii[:17] * 1.04)
            _add_ring(path, 17, thick * 0.9, thick * 0.14, palette.trousers)
            sock = palette.shoes if kind == "boots" else palette.white
            tube("sock", sock, path[22:], radii[22:] * 0.86)
            _add_ring(path, 22, thick * 0.74, thick * 0.16, sock)
        _add_shoe(ankle, side, foot_size, turned_out, -0.9 * shin, palette)


def _downward(side: int, forward: float, outward: float) -> Array:
    """Return the unit vector of a thigh or shin that hangs down, swung by degrees forward and outward."""
    ahead, out = np.radians(forward), np.radians(outward)
    return np.array([side * np.sin(out), -np.cos(out) * np.sin(ahead), -np.cos(out) * np.cos(ahead)])


def _add_ring(path: Array, at: int, radius: float, thick: float, material: bpy.types.Material) -> None:
    ahead = unit(path[at] - path[at - 2])
    side = unit(np.cross(ahead, [0.0, 1.0, 0.0]))
    ring = np.linspace(0, 2 * np.pi, 36, endpoint=False)[:, None]
    loop = path[at] + radius * (np.cos(ring) * side + np.sin(ring) * np.cross(ahead, side))
    add_grid("hem", tube_points(loop, thick, segments=12, closed=True), material, closed=True)


def _add_shoe(ankle: Array, side: int, size: float, turned_out: float, pitch: float, palette: Palette) -> None:
    rotation = Euler((np.radians(pitch), 0, np.radians(side * turned_out))).to_matrix()
    matrix = np.array(rotation)

    def place(x: float, y: float, z: float) -> Array:
        placed: Array = ankle + matrix @ (np.array([x, y, z]) * size)
        return placed

    superquadric(
        "shoe", palette.shoes, place(0, -0.42, -0.28), np.array([0.86, 1.4, 0.57]) * size, (0.9, 0.9), rotation
    )
    ellipsoid("toe", palette.shoes, place(0, -1.05, -0.3), np.array([0.9, 0.8, 0.56]) * size, rotation)
    superquadric(
        "sole", palette.white, place(0, -0.52, -0.72), np.array([0.95, 1.45, 0.17]) * size, (0.85, 0.4), rotation
    )
    for row in (0.0, 0.42):
        at = place(0, -0.72 + row, 0.24 + row * 0.28)
        tube("lace", palette.white, [at - matrix[:, 0] * size * 0.3, at + matrix[:, 0] * size * 0.3], size * 0.09)
