"""Surfaces that cloth hangs, falls or is pulled into, with places on it for a texture or for threads."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.mesh import add_grid


class Cloth(NamedTuple):
    """A surface over a grid.

    Attributes:
        points: ``(rows, columns, 3)``, from the hem up; where it is closed the last column repeats the first.
        width: Of the cloth before it was folded, in units of length.
        height: The same.
        closed: Whether it goes all round.
    """

    points: Array
    width: float
    height: float
    closed: bool


def grid_places(rows: int, columns: int) -> tuple[Array, Array]:
    """Return places across ``(rows, columns)`` and up ``(rows, columns)``, both from 0 to 1."""
    across, up = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    return across, up


def add_cloth(name: str, cloth: Cloth, material: bpy.types.Material, repeats: tuple[float, float]) -> None:
    """Add cloth to the scene with a UV map on which a picture repeats so often across and up."""
    rows, columns, _ = cloth.points.shape
    # Rows that meet in a point would become one vertex and share one place on the picture.
    points = cloth.points + 1e-6 * np.arange(columns)[None, :, None]
    mesh = add_grid(name, points, material, around=False).data
    across, up = grid_places(rows, columns)
    places = np.stack([across * repeats[0], 0.002 + 0.996 * up * repeats[1]], axis=-1).reshape(-1, 2)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    mesh.uv_layers.new(name="cloth").data.foreach_set("uv", places[corners].astype(np.float32).reshape(-1))


def threads_on(cloth: Cloth, count: int, slant: float, points: int = 90) -> Array:
    """Return threads ``(2 count, points, 3)`` that run up the cloth aslant, in both directions, and so make diamonds.

    ``slant`` is how far each goes across on its way up, as a fraction of the cloth's width, at most 1.
    """
    t = np.linspace(0, 1, points)[None]
    start = (np.arange(count) / count)[:, None]
    across = np.concatenate([start + slant * t, start - slant * t])
    across = across % 1.0 if cloth.closed else 1 - np.abs(1 - np.abs(across))
    return _sampled(cloth.points, across, np.broadcast_to(t, across.shape))


def _sampled(grid: Array, across: Array, up: Array) -> Array:
    rows, columns, _ = grid.shape
    x, y = across * (columns - 1), up * (rows - 1)
    i, j = np.minimum(x.astype(int), columns - 2), np.minimum(y.astype(int), rows - 2)
    a, b = (x - i)[..., None], (y - j)[..., None]
    low = grid[j, i] * (1 - a) + grid[j, i + 1] * a
    high = grid[j + 1, i] * (1 - a) + grid[j + 1, i + 1] * a
    places: Array = low * (1 - b) + high * b
    return places


def folds(across: Array, count: int, rng: np.random.Generator) -> Array:
    """Return uneven waves, about from -1 to 1, that repeat after ``across`` 1."""
    angle = 2 * np.pi * across
    uneven = angle + 0.25 * np.sin(angle * int(rng.integers(1, 4)) + rng.uniform(0, 6))
    wave = 0.75 * np.sin(count * uneven + rng.uniform(0, 6))
    waves: Array = wave + 0.25 * np.sin((count + int(rng.integers(2, 6))) * angle + rng.uniform(0, 6))
    return waves


def hung(rng: np.random.Generator) -> Cloth:
    """Return a curtain in an arc, a wave or an angle, in folds that open toward the hem; its top is at height 0."""
    across, up = grid_places(70, 420)
    wide, high = rng.uniform(1.6, 2.2), rng.uniform(1.5, 2.2)
    line = np.linspace(-0.5, 0.5, 420)
    form = rng.choice(["arc", "wave", "corner"])
    if form == "arc":
        turn = rng.uniform(1.8, 4.2)
        x, y = np.sin(line * turn) / turn, (1 - np.cos(line * turn)) / turn
    elif form == "wave":
        x, y = line, 0.22 * np.sin(2 * np.pi * line * rng.choice([1.0, 1.5]))
    else:
        x, y = line, np.sqrt(line**2 + 0.003) * rng.uniform(0.7, 1.0)
    x, y = x * wide, y * wide
    ahead = np.stack([np.gradient(x), np.gradient(y)], axis=1)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    count = int(rng.integers(6, 13))
    depth = wide * rng.uniform(0.025, 0.045) * (0.45 + 0.75 * (1 - up)) * folds(across, count, rng)
    swing = 0.03 * (1 - up) * np.sin(2 * np.pi * across + rng.uniform(0, 6))
    hem = rng.uniform(0, 0.04) * np.sin(np.pi * 2 * across * rng.integers(1, 4)) * (1 - up)
    points = np.stack([x - ahead[:, 1] * (depth + swing), y + ahead[:, 0] * (depth + swing), (up - 1) * high + hem], -1)
    return Cloth(points, wide * 1.6, high, False)


def canopy(rng: np.random.Generator) -> Cloth:
    """Return a tent of cloth that falls in folds from a small ring at height 0."""
    across, up = grid_places(80, 481)
    high, low = rng.uniform(1.7, 2.3), rng.uniform(0.7, 1.1)
    top = rng.uniform(0.06, 0.35)
    profile = top + (low - top) * (1 - up) ** rng.uniform(0.45, 1.4)
    ruffle = folds(across, int(rng.integers(8, 17)), rng) * (0.02 + rng.uniform(0.06, 0.13) * (1 - up))
    angle = 2 * np.pi * across
    radius = profile * (1 + ruffle)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), (up - 1) * high], axis=-1)
    return Cloth(points, 2 * np.pi * low, np.hypot(high, low), True)


def draped(radius: float, rng: np.random.Generator) -> Cloth:
    """Return a round cloth that lies on a disc at height 0 and falls in folds all round it."""
    across, up = grid_places(90, 481)
    long = rng.uniform(0.5, 1.3)
    out = (1 - up) * (radius + long)
    angle = 2 * np.pi * across
    count = int(rng.integers(6, 12))
    over = np.clip(out - radius, 0, None)
    fold = folds(across, count, rng)
    bend = np.sqrt(over**2 + 0.004) - np.sqrt(0.004)
    sideways = (
        np.minimum(out, radius)
        + (over - bend)
        + bend * (rng.uniform(0.16, 0.3) + 0.26 * fold * np.clip(bend / 0.3, 0, 1))
    )
    down = -bend * (0.95 - 0.05 * fold) + 0.012
    points = np.stack([sideways * np.cos(angle), sideways * np.sin(angle), down], axis=-1)
    return Cloth(points, 2 * np.pi * (radius + long * 0.5), radius + long, True)
