"""Alpha of nets as tiles that repeat without a seam: knotted diamonds, tulle, square mesh, crochet and round holes."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._textures.alpha_picture import covered

NETS = ("diamonds", "hexagons", "squares", "crochet", "holes")


def net_tile(kind: str, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return alpha ``(size, size)`` of one of `NETS`, smooth at its borders, and how light each pixel is, about 1."""
    x, y = np.meshgrid((np.arange(size) + 0.5) / size, (np.arange(size) + 0.5) / size)
    make = {"diamonds": _diamonds, "hexagons": _hexagons, "squares": _squares, "crochet": _crochet, "holes": _holes}
    return make[kind](x, y, size, rng)


def _from_line(value: Array) -> Array:
    """Return the distance to the nearest whole number."""
    distance: Array = np.abs(value - np.round(value))
    return distance


def _twist(along: Array, across: Array, rng: np.random.Generator) -> Array:
    """Return the light and dark windings of a twisted thread."""
    shade: Array = 0.85 + 0.2 * np.sin(2 * np.pi * (along * rng.integers(24, 48) + across * rng.uniform(2, 5)))
    return shade


def _diamonds(x: Array, y: Array, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Make a fishing net: threads that run both ways aslant, and a knot where they cross."""
    count = int(rng.integers(2, 5))
    sag = rng.uniform(0, 0.025)
    x, y = x + sag * np.sin(4 * np.pi * y) / count, y + sag * np.sin(2 * np.pi * x + 1) / count
    first, second = (x + y) * count, (x - y) * count
    pixels = size / count / np.sqrt(2)
    near, other = _from_line(first) * pixels, _from_line(second) * pixels
    half = pixels * rng.uniform(0.028, 0.055)
    knot = half * rng.uniform(1.6, 2.6) - np.hypot(near, other * 0.8)
    alpha = covered(np.maximum(half - np.minimum(near, other), knot))
    shade = np.where(near < other, _twist(x, first, rng), _twist(x, second, rng))
    return alpha, shade


def _hexagons(x: Array, y: Array, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Make tulle: the borders between the points nearest to the points of a lattice."""
    across = int(rng.integers(5, 11))
    up = max(round(across / np.sqrt(3)), 1)
    distances = []
    for shift in (0.0, 0.5):
        a, b = x * across - shift, y * up - shift
        for step in (-1, 0, 1):
            distances.append(np.hypot(a - np.round(a) - step, (b - np.round(b)) * across / up))
    first, second = np.sort(distances, axis=0)[:2]
    half = rng.uniform(0.05, 0.09)
    alpha = covered((half - (second - first) / 2) * size / across)
    return alpha, np.full_like(x, 1.0)


def _squares(x: Array, y: Array, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Make square mesh, welded wire or gauze, every few threads a thicker one."""
    count = 4 * int(rng.integers(2, 5))
    half = rng.uniform(0.06, 0.13) * size / count
    strong = rng.choice([1.0, rng.uniform(1.5, 2.2)])
    alphas = []
    for value in (x, y):
        number = np.round(value * count)
        wide = np.where(number % 4 == 0, half * strong, half)
        alphas.append(covered(wide - _from_line(value * count) * size / count))
    over = np.sin(np.pi * count * x) * np.sin(np.pi * count * y)
    return np.maximum(*alphas), 0.95 + 0.15 * np.sign(over) * alphas[0]


def _crochet(x: Array, y: Array, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Make filet crochet: a square mesh of which some cells are filled, mirrored, so that they make ornaments."""
    half_count = int(rng.integers(6, 9))
    count = 2 * half_count
    quarter = rng.random((half_count, half_count)) < rng.uniform(0.3, 0.5)
    quarter = quarter | quarter.T
    cells = np.block([[quarter, quarter[:, ::-1]], [quarter[::-1], quarter[::-1, ::-1]]])
    filled = cells[(y * count).astype(int), (x * count).astype(int)]
    cell = size / count
    near = np.minimum(_from_line(x * count), _from_line(y * count)) * cell
    # A filled cell holds a cross of two more threads, so that small gaps are left.
    inner = np.minimum(_from_line(x * count * 2), _from_line(y * count * 2)) * cell / 2
    half = cell * rng.uniform(0.1, 0.14)
    alpha = covered(half - np.where(filled, np.minimum(near, inner * 0.75), near))
    return alpha, 0.9 + 0.12 * np.sin(2 * np.pi * count * 4 * (x + y))


def _holes(x: Array, y: Array, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Make cloth with round holes in staggered rows, each with a sewn border."""
    count = 2 * int(rng.integers(2, 6))
    distances = []
    for shift in (0.0, 0.5):
        a, b = x * count - shift, y * count - shift
        distances.append(np.hypot(a - np.round(a), b - np.round(b)))
    nearest = np.minimum(*distances)
    radius = rng.uniform(0.24, 0.32)
    border = np.exp(-(((nearest - radius - 0.02) / 0.03) ** 2))
    return covered((nearest - radius) * size / count), 0.9 + 0.2 * border
