"""A bird's neck, head, beak and face."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._animal.bird_kinds import Bird
from synthmat.blender_scenes.builtins._animal.face import add_eyes, random_iris
from synthmat.blender_scenes.builtins._animal.field import Part, chain, ellipsoid_part, met_by_ray
from synthmat.blender_scenes.builtins._animal.head import Head
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, superquadric_points


def bird_head_parts(bird: Bird, chest: Array, ahead: Array, rng: np.random.Generator) -> tuple[list[Part], Head]:
    """Return neck and head on a body, turned at random."""
    length, rise, thin = bird.neck
    lean = np.radians(rise)
    yaw = float(rng.choice([0.0, rng.uniform(-1.1, 1.1)], p=[0.3, 0.7]))
    pitch = rng.uniform(-0.1, 0.25)
    up = np.array([0.0, -np.cos(lean), np.sin(lean)])
    start = chest - 0.08 * ahead
    bow = np.array([0.0, 0.22 * length if length > 0.5 else 0.0, 0.0])
    end = chest + up * (length + bird.head * 0.75)
    middle = (chest + end) / 2 - bow * 0.6 + [0, -0.1 * length, 0]
    line = smooth_path(np.array([start, chest + [0, -0.2 * length if length > 0.5 else 0, 0], middle, end]), 10)
    base = bird.body[0] * (0.72 if length < 0.5 else 0.5)
    radii = np.interp(np.linspace(0, 1, 10), (0, 0.3, 0.65, 1), (base, 0.8 * base, thin * 1.1, thin))
    parts = chain(
        line,
        radii,
        blend=0.08,
        hair=0.55,
        up=unit(-ahead + [0, 0, 0.6]),
        comb=-up,
        marks={"spine": (1.0, 1.5), "mane": (0.0, 1.0)},
    )
    cos, sin, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    axes = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    size = bird.head
    marks = {"spine": (1.6, 1.6), "face": (0.5, 0.5), "mane": (1.0, 1.0)}
    shared = {"blend": 0.4 * size, "hair": 0.45, "comb": axes[:, 1], "up": axes[:, 2]}
    deep = 0.98 if "disc" in bird.extras else 1.12
    parts.append(ellipsoid_part(end, (size * 0.94, size * deep, size * 0.95), axes, marks=marks, **shared))
    front = {**marks, "face": (1.0, 1.0)}
    place = end + axes @ np.array([0, -0.72 * size, -0.12 * size])
    flat = 0.4 if "disc" not in bird.extras else 0.3
    parts.append(
        ellipsoid_part(place, (0.55 * size, flat * size, 0.5 * size), axes, marks=front, **{**shared, "hair": 0.25})
    )
    eyes, looks = [], []
    for side in (-1, 1):
        turn = np.radians(bird.eyes[0])
        look = axes @ unit(np.array([side * np.sin(turn), -np.cos(turn), 0.2]))
        eyes.append(met_by_ray(parts, end, look, 3 * size))
        looks.append(look)
    return parts, Head(end, axes, (eyes[0], eyes[1]), (looks[0], looks[1]))


def add_bird_face(bird: Bird, head: Head, rng: np.random.Generator) -> None:
    """Add eyes, beak, and a comb with wattles where the kind has them."""
    bright = "disc" in bird.extras or bird.scheme in ("hawk", "pigeon", "goose") or rng.random() < 0.2
    places = tuple(
        place + look * (0.1 if bird.scheme == "owl" else 0.35) * bird.eyes[1]
        for place, look in zip(head.eyes, head.looks, strict=True)
    )
    add_eyes((places[0], places[1]), head.looks, bird.eyes[1], random_iris(rng, bright=bright), (0.5, 0.5))
    _add_beak(bird, head, rng)
    if "comb" in bird.extras:
        _add_comb(bird, head, rng)


def _add_beak(bird: Bird, head: Head, rng: np.random.Generator) -> None:
    length, high, hook = bird.beak
    tone = np.array(bird.horn) * rng.uniform(0.8, 1.2)
    if bird.scheme == "songbird" and rng.random() < 0.4:
        tone = np.array([0.5, 0.28, 0.04])
    horn = plain("beak", (float(tone[0]), float(tone[1]), float(tone[2])), roughness=0.35, coat=0.2)
    size = bird.head
    bend = 0.25 * length if "bend" in bird.extras else 0.0
    start = np.array([0.0, -(0.72 if "disc" in bird.extras else 0.85) * size, -0.1 * size])
    t = np.linspace(0, 1, 14)
    wide = 1.15 if "flat" in bird.extras else 0.72
    for upper in (True, False):
        reach = length + 0.28 * size if upper else (length * (0.9 if hook < 0.5 else 0.55) + 0.25 * size)
        drop = np.maximum(hook, 0) * high * 2.4 * t**2.2 * (1 if upper else 0.3) + bend * t**2
        raised = -min(hook, 0) * high * 2 * (t - t**2)
        body = np.sqrt(np.clip(1 - t ** (6 if "flat" in bird.extras else 1.5), 0, 1))
        tall = (
            high * (1 - t) ** 0.8 * (1.0 if upper else 0.7)
            if "flat" in bird.extras
            else high * body * (1.0 if upper else 0.7)
        )
        middle = np.stack([0 * t, -reach * t, -drop - raised + (0.25 if upper else -0.55) * tall], axis=1) + start
        angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.stack(
            [
                wide * high * body[:, None] * np.cos(angle),
                0 * angle + 0 * t[:, None],
                np.maximum(tall, 0.1 * high * body)[:, None] * 0.62 * np.sin(angle),
            ],
            axis=-1,
        )
        grid = middle[:, None] + ring
        grid[0], grid[-1] = grid[0].mean(axis=0), grid[-1].mean(axis=0)
        add_grid("beak", head.origin + grid @ head.axes.T, horn)
    dark = plain("nostril", (0.01, 0.008, 0.008), roughness=0.6)
    for side in (-1, 1):
        spot = start + [side * wide * high * 0.72, -0.3 * length - 0.1 * size, 0.42 * high]
        add_grid(
            "nostril",
            head.origin + (spot + superquadric_points((1, 1), 10) * high * [0.14, 0.3, 0.1]) @ head.axes.T,
            dark,
        )


def _add_comb(bird: Bird, head: Head, rng: np.random.Generator) -> None:
    """Add the red comb of a hen or a cock, and wattles."""
    red = plain("comb", (0.45, 0.02, 0.02), roughness=0.5)
    size, tall = bird.head, rng.uniform(0.5, 1.3)
    for number in range(5):
        y = -0.8 + 0.36 * number
        high = size * tall * (0.5, 0.75, 0.85, 0.7, 0.45)[number]
        ellipsoid("comb", red, head.at(0, y * size, 0.85 * size + 0.2 * high), (0.1 * size, 0.26 * size, high))
    for side in (-1, 1):
        ellipsoid(
            "wattle",
            red,
            head.at(side * 0.25 * size, -0.95 * size, -0.95 * size),
            (0.12 * size, 0.2 * size, 0.42 * size * tall),
        )
