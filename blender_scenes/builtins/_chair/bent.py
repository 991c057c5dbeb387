"""Chairs of bent wood and bent tube: the coffee-house chair, and folding chairs with slats."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._chair.parts import (
    Finish,
    add_cushion,
    add_foot_ring,
    add_leg,
    add_rods,
    add_slab,
    arch,
    blunt,
    bowed,
    outline,
    random_finish,
)
from synthmat.blender_scenes.builtins._chair.woven import add_cane
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import ribbon, tube


def bistro(rng: np.random.Generator) -> None:
    """Add a coffee-house chair: a round seat, and back legs that go on upward as one hoop."""
    finish = random_finish(rng, wooden=rng.random() < 0.75)
    radius, size, seat = rng.uniform(0.022, 0.032), rng.uniform(0.42, 0.48), 1.0
    _add_round_seat(finish, size, seat, rng)
    top, lean = rng.uniform(1.85, 2.15), rng.uniform(0.1, 0.22)
    half = rng.uniform(0.34, 0.4)
    hoop = arch(half, seat, top, size * 0.72, lean, 90, rng.uniform(2.0, 3.4))
    legs = []
    for side in (-1, 1):
        foot = (side * half * rng.uniform(1.0, 1.1), size * 1.12, 0.0)
        corners = [foot, (side * half, size * 0.86, seat * 0.5), (side * half, size * 0.72, seat)]
        legs.append(smooth_path(corners, 40))
    tube("hoop", finish.rods, np.concatenate([legs[0][:-1], hoop, legs[1][-2::-1]]), radius)
    fronts = [
        add_leg(
            finish.rods,
            (side * size * 0.68, -size * 0.66, seat - 0.03),
            (side * size * 0.82, -size * 0.86, 0.0),
            radius * 1.1,
            np.linspace(1.1, 0.75, 64),
            rng.uniform(-0.2, 0.2),
        )
        for side in (-1, 1)
    ]
    add_foot_ring(finish.rods, [*fronts, *legs], seat * rng.uniform(0.5, 0.62), radius * 0.75)
    _fill_hoop(finish, hoop, (seat, top, lean, half), rng)


def _add_round_seat(finish: Finish, size: float, seat: float, rng: np.random.Generator) -> None:
    border = outline(size, size, 2.2, 0.08)
    kind = rng.choice(["cane", "cane", "ply", "cushion"])
    if kind == "cushion":
        add_cushion(finish, border, seat + 0.06, rng)
    if kind == "ply":
        add_slab("seat", finish.boards, border * 0.97, seat, 0.04, dip=0.025)
    loop = np.column_stack([border, np.full(len(border), seat - 0.025)])
    tube("seat ring", finish.rods, loop, 0.034, closed=True, flat=0.8, segments=16)
    if kind == "cane":
        corners = np.array([(x * size, y * size, seat - 0.015) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
        straw = plain("straw", (0.62, 0.42, 0.2), roughness=rng.uniform(0.5, 0.8))
        add_cane(corners, np.array([0.95, 0.97]), straw, rng)


def _fill_hoop(finish: Finish, hoop: Array, size: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Add what fills the back: a smaller hoop or two, a cross, a heart of two scrolls, rods, or slats."""
    seat, top, lean, half = size
    depth, thin = float(hoop[0, 1]), rng.uniform(0.012, 0.018)

    def inner(fraction: float, height: float, power: float = 2.2) -> Array:
        return arch(half * fraction, seat - 0.02, seat + (top - seat) * height, depth, lean, 60, power)

    kind = rng.choice(["hoop", "hoops", "cross", "scrolls", "rods", "slats"])
    if kind in ("hoop", "hoops"):
        tube("inner hoop", finish.rods, inner(0.68, 0.84), thin * 1.3)
    if kind == "hoops":
        tube("inner hoop", finish.rods, inner(0.36, 0.6), thin * 1.2)
    if kind == "cross":
        for side in (0, -1):
            low, high = hoop[side], hoop[22 if side else -23]
            add_rods("cross", finish.rods, [bowed(low, high, 0.03 if side else 0.0)], thin * 1.2)
    if kind == "scrolls":
        for side in (-1, 1):
            turn = np.linspace(0, 2.6 * np.pi, 80)
            reach = half * 0.42 * (1 - 0.28 * turn / np.pi)
            x = side * (half * 0.46 - reach * np.cos(turn) * 0.95)
            z = seat + (top - seat) * 0.6 + reach * np.sin(turn)
            scroll = np.stack([x, depth + lean * (z - seat), z], axis=1)
            stem = smooth_path(
                [[side * half * 0.3, depth, seat], [side * half * 0.1, scroll[0, 1] - 0.02, seat + 0.25], scroll[0]], 24
            )
            tube("scroll", finish.rods, np.concatenate([stem[:-1], scroll]), thin)
    if kind == "rods":
        paths = []
        for at in np.linspace(-0.75, 0.75, int(rng.integers(3, 8))) * half:
            head = hoop[10:-10][np.argmin(np.abs(hoop[10:-10, 0] - at))]
            paths.append(np.linspace([at * 0.85, depth, seat - 0.02], head, 12))
        add_rods("rod", finish.rods, paths, thin)
    if kind == "slats":
        for fraction in np.linspace(0.3, 0.75, int(rng.integers(1, 4))):
            at = np.argmin(np.abs(hoop[:45, 2] - (seat + fraction * (top - seat))))
            slat = bowed(hoop[at], hoop[-1 - at], 0.06)
            ribbon("slat", finish.rods, slat, (0, 0.15, 1.0), rng.uniform(0.04, 0.07), 0.013)


def folding(rng: np.random.Generator) -> None:
    """Add a folding chair: two frames that cross, and slats or a cloth between them."""
    wooden = rng.random() < 0.55
    finish = random_finish(rng, wooden=wooden)
    width, seat, top = rng.uniform(0.4, 0.48), 1.0, rng.uniform(1.75, 2.05)
    front, rear = -rng.uniform(0.42, 0.52), rng.uniform(0.42, 0.52)
    thick = rng.uniform(0.022, 0.028)
    long_side = np.array([(front, 0.0), (rear * 0.66, seat * 0.98), (rear * 0.66 + rng.uniform(0.05, 0.2), top)])
    short_side = np.array([(rear, 0.0), (front * 0.8, seat)])
    sides = []
    for side in (-1, 1):
        long_path = smooth_path(np.column_stack([np.full(3, side * width), long_side]), 48)
        low, high = np.column_stack([np.full(2, side * (width - 0.07)), short_side])
        short_path = np.linspace(low, high, 24)
        sides.append(long_path)
        for path in (long_path, short_path):
            if wooden:
                ribbon("frame", finish.rods, path, (0, 1.0, 0.3), 0.042, thick)
            else:
                tube("frame", finish.rods, path, thick)
        crossing = short_path[
            np.argmin(np.linalg.norm(short_path[:, None, 1:] - long_path[None, :, 1:], axis=2).min(1))
        ]
        tube("pin", finish.metal, [crossing - [side * 0.04, 0, 0], crossing + [side * 0.12, 0, 0]], 0.018)
    for y, z, half in (
        (rear * 0.9, 0.1, width - 0.07),
        (front * 0.85, 0.14, width),
        (front * 0.78, seat * 0.96, width),
    ):
        tube("rung", finish.rods, [(-half, y, z), (half, y, z)], thick * 0.8, segments=12)
    _add_folding_seat(finish, (width, front, rear * 0.62, seat), rng)
    _add_folding_back(finish, sides, seat, rng)


def _add_folding_seat(finish: Finish, size: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    width, front, rear, seat = size
    if rng.random() < 0.3:
        fraction = np.linspace(0, 1, 40)
        sag = -0.09 * np.sin(np.pi * fraction)
        path = np.stack([0 * fraction, front * 0.85 + (rear - front * 0.85) * fraction, seat + 0.03 + sag], axis=1)
        ribbon("cloth", finish.cover, path, (1.0, 0, 0), (width - 0.02) * blunt(40), 0.012)
        return
    count = int(rng.integers(5, 11))
    places = np.linspace(front * 0.9, rear, count)
    half = (places[1] - places[0]) * rng.uniform(0.3, 0.44)
    for y in places:
        dip = 0.03 * np.sin(np.pi * (y - front) / (rear - front))
        path = np.linspace((-width + 0.02, y, seat + 0.02 - dip), (width - 0.02, y, seat + 0.02 - dip), 16)
        ribbon("slat", finish.rods, path, (0, 1.0, 0), half * blunt(16), 0.016)


def _add_folding_back(finish: Finish, sides: list[Array], seat: float, rng: np.random.Generator) -> None:
    """Add slats or a padded board between the upper ends of the long frame."""
    count, top = int(rng.integers(1, 5)), float(sides[0][-1, 2])
    half = rng.uniform(0.05, 0.07) if count > 1 else rng.uniform(0.09, 0.15)
    for height in np.linspace(top - half * 0.8, seat + 0.4, count):
        at = int(np.argmin(np.abs(sides[0][:, 2] - height)))
        path = bowed(sides[0][at], sides[1][at], rng.uniform(0.02, 0.08), 30)
        ribbon("slat", finish.rods, path, (0, 0.2, 1.0), half * blunt(30), 0.015)
