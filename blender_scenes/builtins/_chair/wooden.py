"""Chairs made of turned wood: Windsor chairs, ladder-backs and stools, some on rockers."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._chair.parts import (
    MIRROR,
    Finish,
    add_cushion,
    add_foot_ring,
    add_leg,
    add_rockers,
    add_rods,
    add_rungs,
    add_slab,
    arch,
    bowed,
    outline,
    random_finish,
    random_turning,
)
from synthmat.blender_scenes.builtins._chair.woven import add_woven_seat
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.mesh import ellipsoid, ribbon, tube


def windsor(rng: np.random.Generator) -> None:
    """Add a saddle seat on splayed legs, with a back of spindles under a bow, a comb or a low arm rail."""
    finish = random_finish(rng)
    width, depth, seat = rng.uniform(0.46, 0.54), rng.uniform(0.43, 0.5), 1.0
    border = outline(width, depth, rng.uniform(2.2, 3.2), rng.uniform(0.0, 0.25))
    add_slab("seat", finish.boards, border, seat, rng.uniform(0.09, 0.13), dip=rng.uniform(0.02, 0.05))
    legs = _splayed_legs(finish, (width, depth, seat - 0.06), rng)
    add_rungs(finish.rods, _h_stretcher(legs, rng), rng.uniform(0.022, 0.032), rng.uniform(0, 0.8))
    if rng.random() < 0.3:
        add_rockers(finish.rods, [(legs[0][-1], legs[2][-1]), (legs[1][-1], legs[3][-1])], rng)
    back = rng.choice(["bow", "bow", "comb", "captain"])
    if back == "captain":
        _add_arm_rail(finish, (width, depth, seat), rng, tall=rng.random() < 0.6)
    elif back == "bow":
        _add_bow_back(finish, (width, depth, seat), rng)
    else:
        _add_comb_back(finish, (width, depth, seat), rng)


def _splayed_legs(finish: Finish, size: tuple[float, float, float], rng: np.random.Generator) -> list[Array]:
    """Add four legs: front left and right, back left and right."""
    width, depth, top = size
    radius, turning, splay = rng.uniform(0.032, 0.045), random_turning(rng), rng.uniform(1.3, 1.7)
    at = np.array([0.62 * width, 0.62 * depth])
    return [
        add_leg(finish.rods, (x * at[0], y * at[1], top), (x * at[0] * splay, y * at[1] * splay, 0), radius, turning)
        for y in (-1, 1)
        for x in (-1, 1)
    ]


def _h_stretcher(legs: list[Array], rng: np.random.Generator) -> list[tuple[Array, Array]]:
    low = int(64 * rng.uniform(0.5, 0.68))
    sides = [(legs[0][low], legs[2][low]), (legs[1][low], legs[3][low])]
    if rng.random() < 0.7:
        left, right = ((lower + upper) / 2 for lower, upper in sides)
        return [*sides, (left, right)]
    return [*sides, (legs[0][low - 7], legs[1][low - 7]), (legs[2][low - 7], legs[3][low - 7])]


def _spindles(finish: Finish, ends: list[tuple[Array, Array]], rng: np.random.Generator) -> None:
    """Add spindles, plain, swelling below or flattened like an arrow."""
    fraction = np.linspace(0, 1, 32)
    kind, radius = rng.choice(["plain", "swelling", "arrow"]), rng.uniform(0.014, 0.021)
    paths = [first + (last - first) * fraction[:, None] for first, last in ends]
    if kind == "arrow":
        half = radius * (1 + 2.2 * np.exp(-(((fraction - 0.62) / 0.16) ** 2)))
        for path in paths:
            ribbon("spindle", finish.rods, path, (1.0, 0.0, 0.0), half, radius * 0.9, segments=12)
        return
    swell = 1 + (0.9 * np.exp(-(((fraction - 0.3) / 0.18) ** 2)) if kind == "swelling" else 0 * fraction)
    add_rods("spindle", finish.rods, paths, radius * swell)


def _add_bow_back(finish: Finish, size: tuple[float, float, float], rng: np.random.Generator) -> None:
    width, depth, seat = size
    lean = rng.uniform(0.14, 0.26)
    bow = arch(width * 0.8, seat - 0.03, seat + rng.uniform(0.75, 1.05), depth * 0.7, lean, power=rng.uniform(1.8, 3))
    bow[:, 1] += 0.12 * (1 - (bow[:, 0] / (width * 0.8)) ** 2)
    tube("bow", finish.rods, bow, rng.uniform(0.026, 0.036))
    count, fan = int(rng.integers(5, 10)), rng.uniform(0.7, 0.9)
    upper = bow[6:-6]
    ends = []
    for at in np.linspace(-1, 1, count + 2)[1:-1] * width * 0.78:
        head = upper[np.argmin(np.abs(upper[:, 0] - at))]
        foot = np.array([at * fan, depth * (0.72 + 0.1 * (1 - (at / width) ** 2)), seat - 0.04])
        ends.append((foot, head))
    _spindles(finish, ends, rng)
    if rng.random() < 0.3:
        _add_arms(finish, bow, size, rng)


def _add_arms(finish: Finish, back: Array, size: tuple[float, float, float], rng: np.random.Generator) -> None:
    """Add an arm on both sides, from the bow to a post near the front edge of the seat."""
    width, depth, seat = size
    high = seat + rng.uniform(0.36, 0.46)
    for side in (-1, 1):
        half = back[back[:, 0] * side > 0]
        start = half[np.argmin(np.abs(half[:, 2] - high))]
        end = np.array([side * width * 1.02, -depth * 0.35, high - 0.02])
        middle = (start + end) / 2 + [side * 0.07, 0, 0]
        ribbon("arm", finish.rods, smooth_path([start, middle, end], 24), (1.0, 0.0, 0.0), 0.045, 0.022)
        feet = [np.array([side * width * 0.84, y, seat - 0.05]) for y in (-depth * 0.3, depth * 0.15)]
        tops = [end + [-side * 0.01, 0.08, 0], end * 0.45 + middle * 0.55]
        add_rungs(finish.rods, list(zip(feet, tops, strict=True)), 0.018, 0.5)


def _add_comb_back(finish: Finish, size: tuple[float, float, float], rng: np.random.Generator) -> None:
    width, depth, seat = size
    height, lean, spread = rng.uniform(0.75, 1.05), rng.uniform(0.2, 0.32), rng.uniform(0.95, 1.15)
    top = seat + height
    left = np.array([-width * spread, depth * 0.7 + lean * height, top])
    crest = bowed(left, left * MIRROR, rng.uniform(0.05, 0.14), 40)
    rise = rng.uniform(0.0, 0.06) * np.sin(np.linspace(0, np.pi, 40)) ** 2
    ribbon("crest", finish.rods, crest + np.outer(rise, [0, 0, 1]), (0, 0.15, 1.0), rng.uniform(0.05, 0.1), 0.022)
    count = int(rng.integers(4, 9))
    heads = crest[np.linspace(3, 36, count + 2).astype(int)]
    feet = np.stack(
        [
            heads[:, 0] * 0.78 / spread,
            depth * (0.8 - 0.12 * (heads[:, 0] / width) ** 2),
            np.full(len(heads), seat - 0.05),
        ],
        axis=1,
    )
    pairs = list(zip(feet, heads, strict=True))
    _spindles(finish, pairs[1:-1], rng)
    turning = random_turning(rng)[::-1]
    for foot, head in (pairs[0], pairs[-1]):
        add_leg(finish.rods, head, foot, 0.032, turning)


def _add_arm_rail(finish: Finish, size: tuple[float, float, float], rng: np.random.Generator, *, tall: bool) -> None:
    """Add a rail round sides and back on spindles, and perhaps a comb above it."""
    width, depth, seat = size
    high = seat + rng.uniform(0.4, 0.5)
    angle = np.linspace(-0.16 * np.pi, 1.16 * np.pi, 72)
    rail = np.stack([1.12 * width * np.cos(angle), depth * (0.05 + 1.05 * np.sin(angle)), 0 * angle + high], axis=1)
    across = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    ribbon("rail", finish.rods, rail, across, rng.uniform(0.04, 0.06), 0.025)
    heads = rail[np.linspace(4, 67, int(rng.integers(9, 16))).astype(int)]
    _spindles(finish, [(head * [0.8, 0.84, 0] + [0, -0.01, seat - 0.05], head) for head in heads], rng)
    if tall:
        left = np.array([-width * 0.8, depth * 1.25, seat + rng.uniform(0.85, 1.1)])
        crest = bowed(left, left * MIRROR, 0.08, 40)
        ribbon("crest", finish.rods, crest, (0, 0.15, 1.0), 0.06, 0.02)
        behind = rail[np.linspace(22, 49, 7).astype(int)]
        tops = crest[np.linspace(36, 3, 7).astype(int)]
        _spindles(finish, list(zip(behind, tops, strict=True)), rng)


def ladder_back(rng: np.random.Generator) -> None:
    """Add a chair of four posts with rungs, curved slats across its back and a woven, boarded or padded seat."""
    finish = random_finish(rng)
    front, rear, depth = rng.uniform(0.44, 0.52), rng.uniform(0.34, 0.42), rng.uniform(0.38, 0.46)
    top, lean = rng.uniform(1.85, 2.25), rng.uniform(0.1, 0.28)
    radius, seat, armed = rng.uniform(0.03, 0.042), 1.0, rng.random() < 0.35
    fraction = np.linspace(0, 1, 64)
    posts, feet = [], []
    for side in (-1, 1):
        foot = np.array([side * rear, depth + 0.04, 0.0])
        bend = smooth_path(
            np.array(
                [(side * rear, depth + 0.04, 0.0), (side * rear, depth, seat), (side * rear * 1.04, depth + lean, top)]
            ),
            64,
        )
        tube("post", finish.rods, bend, radius * (1 - 0.25 * np.maximum(fraction - 0.5, 0)))
        ellipsoid(
            "finial", finish.rods, bend[-1] + [0, 0, 0.03], np.array((0.9, 0.9, rng.uniform(1.2, 2.2))) * radius * 1.15
        )
        posts.append(bend)
        feet.append((np.array([side * front, -depth, 0.0]), foot))
    height = seat + (rng.uniform(0.4, 0.5) if armed else 0.03)
    for foot, _ in feet:
        add_leg(finish.rods, foot + [0, 0, height], foot, radius, np.ones(64))
    for number, share_up in enumerate(np.linspace(0.2, 0.92, int(rng.integers(3, 6)))):
        at = int(63 * ((seat + share_up * (top - seat)) / top))
        slat = bowed(posts[0][at], posts[1][at], rng.uniform(0.05, 0.08), 30)
        swell = 1 + 0.25 * np.sin(np.linspace(0, np.pi, 30)) * (number % 2 == 0)
        ribbon("slat", finish.rods, slat, (0, 0.1, 1.0), swell * 0.055, 0.014)
    corners = np.array([*(foot for foot, _ in feet), *(post[int(63 * seat / top)] * [1, 1, 0] for post in posts[::-1])])
    corners[:, 2] = seat - 0.03
    rails = [(corners[k], corners[(k + 1) % 4]) for k in range(4)]
    add_rungs(finish.rods, rails, 0.03, 0.0)
    for level in np.array([0.25, 0.55]) + rng.uniform(-0.08, 0.08):
        lift = np.array([0, 0, level - seat])
        pairs = [
            (first + lift + [0, 0, 0.07 * (k % 2)], last + lift + [0, 0, 0.07 * (k % 2)])
            for k, (first, last) in enumerate(rails)
        ]
        add_rungs(finish.rods, pairs, 0.021, rng.uniform(0.0, 0.5))
    kind = rng.choice(["woven", "woven", "board", "cushion"])
    if kind == "woven":
        add_woven_seat(corners, rng)
    elif kind == "board":
        add_slab("seat", finish.boards, outline(front * 1.08, depth * 1.1, 7, 0.16), seat + 0.04, 0.06, dip=0.02)
    else:
        add_cushion(finish, outline(front * 1.02, depth * 1.02, 6, 0.16), seat + 0.08, rng)
    if armed:
        for side, post, (foot, _) in zip((-1, 1), posts, feet, strict=True):
            start = post[int(63 * (height + 0.02) / top)]
            end = foot + [0, -0.08, height + 0.02]
            path = smooth_path([start, (start + end) / 2 + [side * 0.05, 0, 0.01], end], 24)
            ribbon("arm", finish.rods, path, (1.0, 0, 0), np.linspace(0.035, 0.06, 24), 0.02)
    if rng.random() < 0.35:
        add_rockers(finish.rods, feet, rng)


def stool(rng: np.random.Generator) -> None:
    """Add a stool, low or as high as a bar, on three or four legs, some with a foot ring or a low back."""
    wooden = rng.random() < 0.6
    finish = random_finish(rng, wooden=wooden)
    seat, size = rng.uniform(0.85, 1.6), rng.uniform(0.38, 0.5)
    border = outline(size, size * rng.uniform(0.8, 1.0), float(rng.choice([2.0, 2.0, 5.0])), 0.0)
    if rng.random() < 0.4:
        add_cushion(finish, border, seat, rng)
    else:
        add_slab("seat", finish.boards, border, seat, rng.uniform(0.05, 0.11), dip=rng.choice([0.0, 0.03]))
    count, turn = int(rng.integers(3, 5)), rng.uniform(0, 2 * np.pi)
    count, turn = (4, np.pi / 4) if rng.random() < 0.5 else (count, turn)
    radius, splay = rng.uniform(0.025, 0.042) * (1 if wooden else 0.6), rng.uniform(1.25, 1.75)
    turning = random_turning(rng) if wooden else np.ones(64)
    legs = []
    for angle in turn + np.arange(count) * 2 * np.pi / count:
        way = np.array([np.cos(angle), np.sin(angle), 0]) * size * 0.72
        legs.append(
            add_leg(finish.rods, way + [0, 0, seat - 0.04], way * splay, radius, turning, rng.choice([0.0, 0.15]))
        )
    if rng.random() < 0.45:
        add_foot_ring(finish.metal, legs, seat * rng.uniform(0.25, 0.4), rng.uniform(0.015, 0.022))
    else:
        pairs = []
        for k in range(count):
            low = int(64 * (rng.uniform(0.5, 0.75)))
            pairs.append((legs[k][low], legs[(k + 1) % count][low]))
        add_rungs(finish.rods, pairs, radius * 0.65, 0.3 if wooden else 0.0)
    if rng.random() < 0.3:
        bow = arch(size * 0.85, seat - 0.05, seat + rng.uniform(0.35, 0.6), size * 0.55, 0.2, power=rng.uniform(2, 4))
        bow[:, 1] += 0.12 * (1 - (bow[:, 0] / (size * 0.85)) ** 2)
        tube("bow", finish.rods, bow, radius * 0.9)
        _spindles(finish, [(bow[k] * [0.9, 0.8, 0] + [0, 0, seat - 0.04], bow[k]) for k in (24, 34, 45, 55)], rng)
