"""The alpha of lace: flowers, rings and vines on a fine net with a scalloped hem, as a strip that repeats."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._textures.alpha_picture import covered


def lace_strip(width: int, height: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return alpha ``(height, width)`` of lace, smooth at its borders, and how light each pixel is, about 1.

    The strip repeats sideways; its first row is the hem.
    """
    x, y = np.meshgrid((np.arange(width) + 0.5), (np.arange(height) + 0.5))
    hem, edge = _hem(x, y, width, rng)
    solid = _ground(x, y, width, rng)
    rows = int(rng.integers(2, 4))
    for row in range(rows):
        middle = (row + 0.62) * height / rows * 0.95
        size = width * rng.uniform(0.26, 0.36)
        for shift in (0.0, 0.5):
            radius = size if shift == 0 else size * rng.uniform(0.35, 0.6)
            low = middle if shift == 0 else middle + rng.uniform(-0.2, 0.2) * width
            dx = (x - shift * width + width / 2) % width - width / 2
            near = slice(max(int(low - radius * 1.2), 0), max(int(low + radius * 1.2), 0))
            solid[near] = np.maximum(solid[near], _rosette(dx[near], y[near] - low, radius, rng))
        low = middle + height / rows / 2
        near = slice(max(int(low - width / 4), 0), max(int(low + width / 4), 0))
        solid[near] = np.maximum(solid[near], _vine(x[near], y[near] - low, width, rng))
    alpha = np.maximum(covered(np.minimum(solid, hem)), covered(edge))
    return alpha, 0.93 + 0.07 * np.sin(x * 0.9) * np.sin(y * 0.9)


def _hem(x: Array, y: Array, width: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the distances into what lies above the hem, and into the cord and the picots along it, in pixels."""
    count = int(rng.integers(2, 6))
    phase = (x / width * count) % 1.0 - 0.5
    deep, lowest = width / count * rng.uniform(0.2, 0.4), width * 0.03
    curve = lowest + deep * (2 * np.abs(phase)) ** rng.uniform(1.6, 2.6)
    steep = np.sqrt(1 + np.gradient(curve, axis=1) ** 2)
    above = (y - curve) / steep
    cord = width * 0.009
    edge = cord - np.abs(above - cord)
    second = cord * 0.8 - np.abs(above - cord * 6)
    picots = int(rng.integers(6, 12))
    along = (phase * picots) % 1.0 - 0.5
    dots = cord * 1.3 - np.hypot(along * width / count / picots, above + cord * 0.4)
    eyes = cord * 0.8 - np.abs(np.hypot(along * width / count / picots, above - cord * 3.5) - cord * 2.0)
    return above, np.maximum.reduce([edge, second, dots, eyes])


def _ground(x: Array, y: Array, width: int, rng: np.random.Generator) -> Array:
    """Return the distance, in pixels, into the threads of the net that carries the ornaments."""
    count = int(rng.integers(22, 40))
    cell = width / count
    half = max(cell * 0.075, 0.75)
    a, b = x / cell, y / cell
    if rng.random() < 0.5:
        a, b = (x + y) / cell, (x - y) / cell
        cell /= np.sqrt(2)
    near = np.minimum(np.abs(a - np.round(a)), np.abs(b - np.round(b))) * cell
    ground: Array = half - near
    return ground


def _rosette(dx: Array, dy: Array, radius: float, rng: np.random.Generator) -> Array:
    """Return the distance, in pixels, into the threads of a flower of petals round a ring."""
    petals, line = int(rng.integers(5, 13)), max(radius * 0.05, 1.2)
    distance, angle = np.hypot(dx, dy), np.arctan2(dy, dx) + rng.uniform(0, 6)
    phase = (angle / (2 * np.pi) * petals) % 1.0 - 0.5
    inner = rng.uniform(0.22, 0.36) * radius
    outline = inner + (radius - inner) * np.abs(np.cos(np.pi * phase)) ** rng.uniform(0.4, 0.9)
    border = line - np.abs(distance - outline) * rng.uniform(0.55, 0.7)
    aside = np.abs(phase) * 2 * np.pi / petals * distance
    middle = (inner + radius) / 2
    leaf = (radius - inner) * 0.3 - np.hypot(distance - middle, aside * rng.uniform(1.4, 2.2))
    hole = np.hypot(distance - middle, aside * 1.4) - (radius - inner) * 0.12
    ring = line * 0.9 - np.abs(distance - inner * 0.8)
    heart = inner * 0.38 - distance
    rays = line * 0.45 - aside
    rays = np.where((distance > inner * 0.35) & (distance < radius * 0.95), rays, -9.0)
    rosette: Array = np.maximum.reduce([border, np.minimum(leaf, hole), ring, heart, rays])
    return rosette


def _vine(x: Array, y: Array, width: int, rng: np.random.Generator) -> Array:
    """Return the distance, in pixels, into a wavy stem with leaves on both sides."""
    waves, rise = int(rng.integers(1, 3)), width * rng.uniform(0.05, 0.11)
    wave = 2 * np.pi * waves * x / width
    above = (y - rise * np.sin(wave)) / np.sqrt(1 + (rise * 2 * np.pi * waves / width * np.cos(wave)) ** 2)
    stem = width * 0.008 - np.abs(above)
    leaves = int(rng.integers(4, 9)) * waves
    cell = width / leaves
    place = (x / cell) % 1.0 - 0.5
    side = np.where((x // cell) % 2 == 0, 1.0, -1.0)
    along, across = place * cell, above - side * cell * 0.34
    leaf = cell * 0.34 - np.hypot(across + side * along * 0.3, (along - side * across * 0.25) * 1.7)
    vein = np.abs(along - 0.2 * across) - cell * 0.025
    vine: Array = np.maximum(stem, np.minimum(leaf, vein))
    return vine
