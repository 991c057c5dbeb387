"""Colors of coats: solid, gradient, stripes, spots, patches and masks, as animals have them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._animal.field import Skin
from synthmat.blender_scenes.builtins._parts.curve import Array

WHITE, CREAM, FAWN, GOLD = (0.72, 0.69, 0.64), (0.52, 0.42, 0.3), (0.36, 0.24, 0.135), (0.4, 0.235, 0.1)
GINGER, RED, CHESTNUT = (0.36, 0.15, 0.055), (0.25, 0.085, 0.032), (0.17, 0.055, 0.022)
BROWN, DARK, BLACK = (0.1, 0.052, 0.027), (0.04, 0.024, 0.016), (0.012, 0.011, 0.011)
GRAY, BLUE, SILVER, SAND = (0.17, 0.155, 0.14), (0.12, 0.13, 0.145), (0.4, 0.39, 0.37), (0.36, 0.27, 0.17)
PINK = (0.62, 0.33, 0.27)

_SOLID = (WHITE, CREAM, FAWN, GOLD, GINGER, RED, CHESTNUT, BROWN, DARK, BLACK, GRAY, BLUE, SILVER, SAND)


class Noise:
    """Smooth noise in space, of period 16 cells, made from a table of random numbers."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._table = rng.random((16, 16, 16))

    def __call__(self, points: Array, scale: float) -> Array:
        """Return values about 0.5 ``(n,)`` at points ``(n, 3)``; ``scale`` is cells a unit."""
        place = points * scale
        cell = np.floor(place).astype(int)
        t = place - cell
        t = t * t * (3 - 2 * t)
        total = np.zeros(len(points))
        for corner in range(8):
            step = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
            weight = np.prod(np.where(step, t, 1 - t), axis=1)
            total += weight * self._table[tuple(((cell + step) % 16).T)]
        return total


class Painter:
    """Colors of a skin ``(n, 3)``, painted one over the other."""

    def __init__(self, skin: Skin, rng: np.random.Generator) -> None:
        self.skin, self.rng, self.noise = skin, rng, Noise(rng)
        self.colors: Array = np.zeros((len(skin.places), 3))
        self.rough = self.noise(skin.places, 9.0) - 0.5
        self.soft = self.noise(skin.places + 7.3, 3.0) - 0.5

    def over(self, color: ArrayLike, share: ArrayLike) -> None:
        """Paint a color where ``share`` is 1."""
        part = np.clip(np.broadcast_to(np.asarray(share, float), len(self.colors)), 0, 1)[:, None]
        self.colors = self.colors * (1 - part) + np.asarray(color, float) * part

    def mark(self, name: str) -> Array:
        """Return a mark of the skin, its border ragged."""
        ragged: Array = self.skin.marks[name] + 0.12 * self.rough
        return ragged

    def below(self, level: float) -> Array:
        """Return 1 on the belly's side of a level between -1 and 1 of the trunk, 0 on the back."""
        trunk = 1 - step(self.skin.marks["limb"], 0.25, 0.5)
        lower: Array = step(-(self.skin.above + 0.5 * self.soft + 0.4 * self.rough), -level, -level + 0.25) * trunk
        return lower

    def any_of(self, *colors: tuple[float, float, float]) -> Array:
        """Return one of the colors, a little varied."""
        color = np.array(colors[int(self.rng.integers(len(colors)))])
        varied: Array = color * self.rng.uniform(0.8, 1.25) * self.rng.uniform(0.94, 1.06, 3)
        return varied


def step(values: Array, low: float, high: float) -> Array:
    """Return 0 up to ``low``, 1 from ``high`` on, a smooth rise between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    risen: Array = t * t * (3 - 2 * t)
    return risen


def coat_colors(scheme: str, skin: Skin, rng: np.random.Generator) -> Array:
    """Return the color of the coat ``(n, 3)``, linear RGB, at each place of a skin."""
    painter = Painter(skin, rng)
    _SCHEMES[scheme](painter)
    painter.colors *= (1 + 0.22 * painter.soft + 0.2 * painter.rough)[:, None]
    return np.clip(painter.colors, 0.004, 0.8)


def _solid(p: Painter) -> None:
    p.over(p.any_of(*_SOLID), 1)
    p.over(p.colors * 1.25 + 0.01, 0.6 * p.below(-0.3))
    if p.rng.random() < 0.35:
        _white_marks(p)


def _white_marks(p: Painter) -> None:
    """Paint some of belly, chest, paws, muzzle and the tail's tip white."""
    white = p.any_of(WHITE)
    chances = p.rng.random(5)
    if chances[0] < 0.6:
        p.over(white, p.below(p.rng.uniform(-0.6, -0.1)))
    if chances[1] < 0.7:
        p.over(white, step(p.mark("limb"), *(p.rng.uniform(0.55, 0.85) + np.array([0, 0.08]))))
    if chances[2] < 0.6:
        p.over(white, step(p.mark("face"), *(p.rng.uniform(0.35, 0.7) + np.array([0, 0.1]))))
    if chances[3] < 0.6:
        chest = step(p.mark("spine"), 0.85, 0.95) * (1 - step(p.mark("spine"), 1.25, 1.4))
        p.over(white, chest * step(-p.skin.above - 0.5 * p.rough, 0.1, 0.35))
    if chances[4] < 0.4:
        p.over(white, step(p.mark("tail"), 0.75, 0.85))


def _gradient(p: Painter) -> None:
    back, belly = p.any_of(BROWN, GRAY, BLUE, FAWN, SAND, CHESTNUT, DARK), p.any_of(CREAM, WHITE, SAND, SILVER)
    p.over(back, 1)
    p.over(belly, 0.9 * step(-p.skin.above + 0.5 * p.soft, -0.3, 0.8))
    p.over(belly, 0.7 * step(p.mark("limb"), 0.3, 0.8))
    p.over(back * 0.6, step(p.skin.above, 0.75, 1.0) * 0.6 * (1 - step(p.mark("limb"), 0.1, 0.3)))
    p.over(belly, 0.6 * step(p.mark("face"), 0.6, 0.9))


def _tabby(p: Painter) -> None:
    pairs = ((GRAY, BLACK), (SAND, DARK), (GINGER, RED), (SILVER, BLACK), (CREAM, GINGER), (BROWN, BLACK))
    ground, dark = pairs[int(p.rng.integers(len(pairs)))]
    p.over(np.array(ground) * p.rng.uniform(0.9, 1.3), 1)
    p.over(np.array(ground) * 1.7 + 0.04, 0.8 * p.below(-0.25))
    strength = p.rng.uniform(0.6, 0.95)
    p.over(dark, strength * _bars(p, p.rng.uniform(8, 13), 0.1))
    p.over(dark, strength * step(p.skin.above, 0.8, 1.0) * (1 - step(p.mark("limb"), 0.1, 0.3)))
    if p.rng.random() < 0.5:
        _white_marks(p)


def _bars(p: Painter, count: float, width: float) -> Array:
    """Return stripes across trunk, legs and tail, broken by noise."""
    marks = p.skin.marks
    bend = 1.6 * p.soft + 0.5 * p.rough
    trunk = np.sin(2 * np.pi * (count * marks["spine"] + bend))
    legs = np.sin(2 * np.pi * (5.5 * marks["limb"] + bend))
    tail = np.sin(2 * np.pi * (7 * marks["tail"] + 0.3 * bend))
    wave = np.where(marks["tail"] > 0.15, tail, np.where(marks["limb"] > 0.2, legs, trunk))
    upper = step(p.skin.above + 0.8 * p.soft, -0.75, -0.2)
    bars: Array = step(wave, width, width + 0.4) * np.maximum(upper, (marks["limb"] > 0.2) | (marks["tail"] > 0.15))
    return bars * (1 - step(p.mark("face"), 0.35, 0.6))


def _tiger(p: Painter) -> None:
    p.over(p.any_of(GINGER, GOLD), 1)
    p.over(p.any_of(WHITE), p.below(-0.35))
    p.over(p.any_of(WHITE), step(p.mark("face"), 0.6, 0.8))
    p.over(BLACK, _bars(p, p.rng.uniform(8, 10), 0.25))


def _zebra(p: Painter) -> None:
    p.over(p.any_of(WHITE), 1)
    wave = np.sin(2 * np.pi * (9 * p.skin.marks["spine"] + 8 * p.skin.marks["limb"] + 0.8 * p.soft))
    p.over(BLACK, step(wave, -0.1, 0.15))
    p.over(BLACK, step(p.mark("face"), 0.8, 0.95))


def _lion(p: Painter) -> None:
    p.over(p.any_of(GOLD, SAND, FAWN), 1)
    p.over(p.colors * 1.5 + 0.03, p.below(-0.3))
    p.over(p.any_of(CHESTNUT, BROWN, RED), step(p.mark("mane"), 0.25, 0.6))
    p.over(DARK, step(p.mark("tail"), 0.82, 0.9))
    p.over(WHITE, 0.6 * step(p.mark("face"), 0.75, 0.95))


def _panther(p: Painter) -> None:
    p.over(p.any_of(BLACK, DARK, FAWN, SAND), 1)
    p.over(p.colors * 1.4 + 0.02, p.below(-0.4))


def _leopard(p: Painter) -> None:
    p.over(p.any_of(GOLD, SAND, SILVER), 1)
    p.over(WHITE, 0.85 * p.below(-0.3))
    distance = _from_nearest(p, 0.085)
    ring = step(distance, 0.2, 0.34) * (1 - step(distance + 0.25 * p.rough, 0.46, 0.56))
    solid = (1 - step(distance, 0.3, 0.42)) * np.maximum(step(p.skin.marks["limb"], 0.2, 0.4), p.skin.marks["face"] > 0)
    p.over(CHESTNUT, 0.4 * (1 - step(distance, 0.3, 0.4)))
    p.over(BLACK, np.maximum(ring, solid) * (1 - step(p.skin.marks["face"], 0.5, 0.7)))


def _from_nearest(p: Painter, spacing: float) -> Array:
    """Return the distance to the nearest of points all over the skin, in their mean spacing."""
    places = p.skin.places
    count = int(np.clip(len(places) * 0.0003 / spacing**2, 40, 420))
    centers = places[p.rng.choice(len(places), count, replace=False)]
    best = np.full(len(places), np.inf)
    for center in centers:
        best = np.minimum(best, ((places - center) ** 2).sum(axis=1))
    distances: Array = np.sqrt(best) / spacing
    return distances


def _dalmatian(p: Painter) -> None:
    p.over(p.any_of(WHITE), 1)
    p.over(p.any_of(BLACK, BLACK, CHESTNUT), 1 - step(_from_nearest(p, 0.11) + 0.25 * p.rough, 0.28, 0.36))


def _patches(p: Painter) -> None:
    ground, patch = p.any_of(WHITE, WHITE, CREAM), p.any_of(BLACK, CHESTNUT, BROWN, GINGER, GRAY, FAWN)
    p.over(ground, 1)
    blot = p.noise(p.skin.places + 3.1, p.rng.uniform(1.8, 3.2)) + 0.2 * p.rough
    p.over(patch, step(blot, *(p.rng.uniform(0.42, 0.56) + np.array([0, 0.04]))))
    p.over(ground, step(p.mark("limb"), 0.6, 0.7))


def _calico(p: Painter) -> None:
    _patches(p)
    blot = p.noise(p.skin.places + 11.7, 3.1) + 0.2 * p.rough
    p.over(p.any_of(GINGER), step(blot, 0.56, 0.6))


def _cow(p: Painter) -> None:
    ground, patch = (WHITE, BLACK) if p.rng.random() < 0.65 else (WHITE, RED)
    p.over(ground, 1)
    blot = p.noise(p.skin.places + 3.1, 2.1) + 0.1 * p.rough
    p.over(patch, step(blot, 0.47, 0.5))
    p.over(ground, np.maximum(step(p.mark("limb"), 0.35, 0.45), p.below(-0.6)))


def _tuxedo(p: Painter) -> None:
    p.over(p.any_of(BLACK, DARK, BLUE, GINGER, CHESTNUT, GRAY), 1)
    white = p.any_of(WHITE)
    chest = step(p.mark("spine"), 0.8, 0.95) * step(-p.skin.above - 0.5 * p.rough, -0.1, 0.2)
    p.over(white, np.maximum(chest * (1 - step(p.mark("face"), 0.05, 0.2)), p.below(-0.25)))
    p.over(white, step(p.mark("limb"), 0.6, 0.68))
    p.over(white, step(p.mark("face"), 0.55, 0.66))


def _points(p: Painter) -> None:
    p.over(p.any_of(CREAM, SAND, FAWN, WHITE), 1)
    dark = p.any_of(DARK, BLACK, BROWN, BLUE)
    p.over(dark, 0.93 * step(p.skin.marks["face"], 0.2, 0.6))
    p.over(dark, 0.85 * step(p.skin.marks["limb"], 0.4, 0.9))
    p.over(dark, 0.9 * step(p.skin.marks["tail"], 0.1, 0.5))


def _saddle(p: Painter) -> None:
    p.over(p.any_of(FAWN, GOLD, GINGER, CREAM), 1)
    trunk = 1 - step(p.skin.marks["limb"], 0.08, 0.25)
    p.over(
        p.any_of(BLACK, DARK),
        step(p.skin.above + 0.7 * p.soft, -0.1, 0.25) * trunk * (1 - step(p.mark("spine"), 1.2, 1.35)),
    )
    p.over(BLACK, step(p.mark("face"), 0.5, 0.75) * (p.rng.random() < 0.7))


def _tricolor(p: Painter) -> None:
    _saddle(p)
    _white_marks(p)
    p.over(WHITE, step(p.mark("limb"), 0.5, 0.6))


def _bay(p: Painter) -> None:
    p.over(p.any_of(CHESTNUT, RED, BROWN, GINGER), 1)
    p.over(p.any_of(BLACK, DARK), step(p.skin.marks["limb"], 0.3, 0.65))
    p.over(p.colors * 0.5, step(p.skin.marks["face"], 0.75, 1.0))
    if p.rng.random() < 0.5:
        p.over(WHITE, step(p.mark("limb"), 0.8, 0.84) * (p.skin.places[:, 1] > 0))


def _fox(p: Painter) -> None:
    p.over(p.any_of(GINGER, RED, GOLD), 1)
    p.over(WHITE, p.below(-0.35))
    lower = step(-p.skin.above - 0.3 * p.rough, -0.15, 0.15)
    p.over(WHITE, lower * step(p.skin.marks["spine"], 1.2, 1.4))
    p.over(WHITE, lower * step(p.skin.marks["spine"], 0.85, 0.98))
    p.over(BLACK, step(p.mark("limb"), 0.5, 0.75))
    p.over(WHITE, step(p.mark("tail"), 0.78, 0.86))


def _raccoon(p: Painter) -> None:
    p.over(p.any_of(GRAY, BROWN, SILVER), 1)
    p.over(p.colors * 1.6, p.below(-0.3))
    p.over(BLACK, step(np.sin(2 * np.pi * 5 * p.skin.marks["tail"]), 0.0, 0.3) * (p.skin.marks["tail"] > 0.1))
    p.over(WHITE, step(p.mark("face"), 0.12, 0.3) * 0.8)
    p.over(BLACK, step(p.mark("face"), 0.24, 0.34) * (1 - step(p.mark("face"), 0.55, 0.65)))
    p.over(DARK, step(p.mark("limb"), 0.6, 0.85))


def _panda(p: Painter) -> None:
    p.over(WHITE, 1)
    p.over(BLACK, step(p.mark("limb"), 0.08, 0.2))
    p.over(BLACK, step(p.mark("spine"), 0.72, 0.78) * (1 - step(p.mark("spine"), 1.02, 1.08)))


def _sheep(p: Painter) -> None:
    p.over(p.any_of(CREAM, WHITE, WHITE), 1)
    if p.rng.random() < 0.5:
        p.over(BLACK, np.maximum(step(p.mark("face"), 0.1, 0.25), step(p.mark("limb"), 0.35, 0.5)))


def _pig(p: Painter) -> None:
    p.over(p.any_of(PINK), 1)
    p.over(np.array(PINK) * [1.05, 0.8, 0.78], step(p.skin.marks["face"], 0.7, 1.0))


def _fawn(p: Painter) -> None:
    p.over(p.any_of(FAWN, RED, GINGER, SAND), 1)
    p.over(WHITE, 0.9 * p.below(-0.4))
    if p.rng.random() < 0.6:
        spots = (1 - step(_from_nearest(p, 0.11), 0.16, 0.24)) * step(p.skin.above, -0.1, 0.3)
        p.over(WHITE, spots * (1 - step(p.skin.marks["limb"], 0.05, 0.15)) * (p.skin.marks["spine"] < 1.0))
    p.over(DARK, step(p.skin.marks["face"], 0.85, 1.0))


_SCHEMES: dict[str, Callable[[Painter], None]] = {
    "solid": _solid, "gradient": _gradient, "tabby": _tabby, "tiger": _tiger, "zebra": _zebra, "lion": _lion,
    "panther": _panther, "leopard": _leopard, "dalmatian": _dalmatian, "patches": _patches, "calico": _calico,
    "cow": _cow, "tuxedo": _tuxedo, "points": _points, "saddle": _saddle, "tricolor": _tricolor, "bay": _bay,
    "fox": _fox, "raccoon": _raccoon, "panda": _panda, "sheep": _sheep, "pig": _pig, "fawn": _fawn,
}  # fmt: skip
