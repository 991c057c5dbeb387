"""Proportions and colors of birds. Lengths are shares of the length of the body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._animal.coat import (
    BLACK,
    BROWN,
    CHESTNUT,
    CREAM,
    DARK,
    FAWN,
    GINGER,
    GRAY,
    RED,
    SAND,
    SILVER,
    WHITE,
    Painter,
    step,
)
from synthmat.blender_scenes.builtins._animal.field import Skin
from synthmat.blender_scenes.builtins._parts.curve import Array


@dataclass(frozen=True)
class Bird:
    """What kind of bird: its measures and colors."""

    body: tuple[float, float, float]  # half height, half width, degrees that its front is raised
    neck: tuple[float, float, float]  # length, rise in degrees, radius at the head
    head: float  # radius
    beak: tuple[float, float, float]  # length, half height, how much it hooks
    eyes: tuple[float, float]  # degrees from the front, radius
    leg: tuple[float, float]  # length, radius
    tail: tuple[float, float, int]  # length, degrees that it spreads, feathers
    wing: float  # length of a folded wing
    scheme: str
    tail_rise: float = 0.0  # degrees above the body's axis
    foot: str = "perch"
    extras: tuple[str, ...] = ()
    horn: tuple[float, float, float] = (0.05, 0.045, 0.04)  # color of beak and legs


_YELLOW, _ORANGE, _CORAL = (0.6, 0.33, 0.03), (0.65, 0.2, 0.02), (0.55, 0.1, 0.06)
BIRDS: dict[str, Bird] = {
    "songbird": Bird((0.27, 0.25, 34), (0.1, 58, 0.165), 0.19, (0.17, 0.042, 0.0), (62, 0.042), (0.3, 0.016),
                     (0.45, 12, 8), 0.62, "songbird", extras=("small",)),
    "pigeon": Bird((0.28, 0.25, 26), (0.26, 66, 0.1), 0.128, (0.14, 0.03, 0.15), (70, 0.03), (0.24, 0.022),
                   (0.42, 14, 9), 0.66, "pigeon", horn=(0.35, 0.1, 0.08)),
    "crow": Bird((0.24, 0.21, 26), (0.22, 56, 0.14), 0.145, (0.23, 0.055, 0.15), (66, 0.026), (0.36, 0.022),
                 (0.48, 14, 9), 0.7, "crow", horn=(0.012, 0.012, 0.013)),
    "duck": Bird((0.27, 0.27, 8), (0.34, 74, 0.085), 0.138, (0.21, 0.036, -0.25), (68, 0.026), (0.2, 0.024),
                 (0.22, 26, 9), 0.62, "duck", tail_rise=14, foot="web", extras=("flat",), horn=_YELLOW),
    "goose": Bird((0.28, 0.27, 16), (0.72, 80, 0.064), 0.112, (0.19, 0.045, -0.1), (66, 0.02), (0.3, 0.028),
                  (0.22, 24, 9), 0.62, "goose", tail_rise=8, foot="web", extras=("flat",), horn=_ORANGE),
    "chicken": Bird((0.32, 0.28, 14), (0.4, 66, 0.1), 0.12, (0.12, 0.04, 0.2), (70, 0.024), (0.34, 0.026),
                    (0.42, 24, 10), 0.5, "chicken", tail_rise=48, extras=("comb",), horn=_YELLOW),
    "owl": Bird((0.33, 0.32, 66), (0.06, 70, 0.28), 0.29, (0.12, 0.045, 0.8), (27, 0.075), (0.14, 0.04),
                (0.24, 12, 8), 0.72, "owl", extras=("disc",), horn=(0.2, 0.16, 0.09)),
    "parrot": Bird((0.23, 0.21, 58), (0.1, 66, 0.14), 0.17, (0.14, 0.085, 1.0), (64, 0.03), (0.3, 0.028),
                   (0.75, 7, 8), 0.74, "parrot", extras=("disc",), horn=(0.04, 0.036, 0.034)),
    "hawk": Bird((0.27, 0.24, 54), (0.16, 64, 0.15), 0.16, (0.13, 0.055, 0.9), (52, 0.034), (0.28, 0.032),
                 (0.46, 12, 9), 0.78, "hawk", horn=_YELLOW),
    "wader": Bird((0.23, 0.2, 26), (0.72, 72, 0.045), 0.09, (0.34, 0.032, 0.0), (64, 0.02), (0.95, 0.02),
                  (0.22, 14, 8), 0.62, "wader", extras=("bend",), horn=_CORAL),
}  # fmt: skip
"""The kinds of birds, by name."""

_BRIGHT = ((0.05, 0.35, 0.04), (0.55, 0.03, 0.02), (0.02, 0.14, 0.5), (0.65, 0.42, 0.03), (0.62, 0.6, 0.56))


def bird_colors(scheme: str, skin: Skin, rng: np.random.Generator) -> Array:
    """Return the color of the plumage ``(n, 3)``, linear RGB, at each place of a skin."""
    painter = Painter(skin, rng)
    _SCHEMES[scheme](painter)
    painter.colors *= (1 + 0.15 * painter.soft + 0.15 * painter.rough)[:, None]
    return np.clip(painter.colors, 0.004, 0.8)


def _belly(p: Painter, level: float) -> Array:
    lower: Array = step(-p.skin.above - 0.3 * p.rough, level, level + 0.3) * (1 - step(p.skin.marks["wing"], 0.3, 0.6))
    return lower


def _songbird(p: Painter) -> None:
    back = p.any_of(BROWN, GRAY, CHESTNUT, (0.1, 0.13, 0.05), (0.05, 0.1, 0.25), (0.55, 0.38, 0.03), SAND)
    p.over(back, 1)
    p.over(p.any_of(WHITE, CREAM, SAND, (0.6, 0.42, 0.06)), _belly(p, -0.2))
    if p.rng.random() < 0.5:
        breast = step(p.mark("spine"), 0.68, 0.8) * (1 - step(p.mark("spine"), 1.7, 1.9)) * _belly(p, -0.1)
        p.over(p.any_of((0.55, 0.13, 0.02), GINGER, (0.5, 0.05, 0.03), BLACK), breast)
    if p.rng.random() < 0.5:
        cap = step(p.skin.above, 0.1, 0.3) * step(p.skin.marks["face"], 0.2, 0.4)
        p.over(p.any_of(BLACK, RED, GRAY, (0.04, 0.12, 0.35)), cap)
    p.over(p.colors * 0.5, 0.8 * step(p.skin.marks["wing"], 0.4, 0.7))


def _pigeon(p: Painter) -> None:
    p.over(p.any_of(GRAY, SILVER, WHITE, (0.14, 0.16, 0.2)), 1)
    p.over(p.any_of((0.04, 0.05, 0.08), GRAY), step(p.mark("face"), 0.2, 0.4))
    p.over(p.any_of((0.03, 0.13, 0.08), (0.14, 0.05, 0.13)), 0.8 * step(p.mark("mane"), 0.3, 0.6))


def _crow(p: Painter) -> None:
    p.over((0.012, 0.012, 0.016), 1)
    if p.rng.random() < 0.4:
        p.over(p.any_of(WHITE, GRAY), np.maximum(_belly(p, 0.0), step(p.skin.marks["mane"], 0.5, 0.7) * 0.8))
        p.over((0.012, 0.012, 0.016), step(p.mark("face"), 0.2, 0.35))


def _duck(p: Painter) -> None:
    kind = p.rng.choice(["mallard", "brown", "white"])
    p.over({"mallard": SILVER, "brown": BROWN, "white": WHITE}[str(kind)], 1)
    if kind == "mallard":
        p.over(CHESTNUT, step(p.mark("spine"), 0.75, 0.85))
        p.over((0.01, 0.09, 0.04), step(p.mark("mane"), 0.35, 0.42))
        p.over(WHITE, step(p.mark("mane"), 0.26, 0.31) * (1 - step(p.mark("mane"), 0.4, 0.46)))
        p.over(DARK, 0.7 * step(p.skin.above, 0.4, 0.8))
    elif kind == "brown":
        p.over(SAND, 0.8 * step(p.noise(p.skin.places, 14.0), 0.45, 0.65))


def _goose(p: Painter) -> None:
    p.over(p.any_of(WHITE, WHITE, GRAY), 1)
    p.over(p.colors * 1.4, _belly(p, 0.0))
    if p.rng.random() < 0.3:
        p.over(BLACK, step(p.mark("mane"), 0.2, 0.3))
        p.over(WHITE, step(-p.skin.above, 0.0, 0.3) * step(p.mark("face"), 0.1, 0.3))


def _chicken(p: Painter) -> None:
    p.over(p.any_of(CHESTNUT, RED, WHITE, BLACK, GINGER, CREAM), 1)
    if p.rng.random() < 0.5:
        p.over(p.any_of(GINGER, WHITE, (0.5, 0.28, 0.06)), step(p.mark("mane"), 0.1, 0.3))
    p.over((0.42, 0.03, 0.025), step(p.skin.marks["face"], 0.6, 0.8))


def _owl(p: Painter) -> None:
    ground, dark = p.any_of(SAND, WHITE, FAWN, GRAY), p.any_of(BROWN, DARK, CHESTNUT)
    p.over(ground, 1)
    mottled = step(p.noise(p.skin.places * [1, 1, 0.6], 15.0) + 0.3 * p.soft, 0.45, 0.6)
    p.over(dark, mottled * (0.35 + 0.5 * step(p.skin.above, -0.3, 0.4)))
    p.over(np.array(ground) * 1.3 + 0.05, 0.8 * step(p.skin.marks["face"], 0.5, 0.8))


def _parrot(p: Painter) -> None:
    chosen = p.rng.choice(len(_BRIGHT), 3, replace=False)
    p.over(_BRIGHT[chosen[0]], 1)
    p.over(_BRIGHT[chosen[1]], step(p.mark("face"), 0.2, 0.35))
    p.over(_BRIGHT[chosen[2]], step(p.skin.marks["wing"], 0.5, 0.7) * step(-p.skin.places[:, 2], -0.4, -0.3))
    if p.rng.random() < 0.5:
        p.over(_BRIGHT[chosen[1]], _belly(p, -0.2))


def _hawk(p: Painter) -> None:
    p.over(p.any_of(BROWN, DARK, CHESTNUT, GRAY), 1)
    p.over(p.any_of(CREAM, WHITE, SAND), _belly(p, -0.1))
    streaks = step(p.noise(p.skin.places * [1.5, 1, 0.4], 18.0), 0.55, 0.65) * _belly(p, -0.1)
    p.over(BROWN, streaks)
    if p.rng.random() < 0.3:
        p.over(WHITE, step(p.mark("mane"), 0.3, 0.5))


def _wader(p: Painter) -> None:
    p.over(p.any_of(GRAY, WHITE, (0.6, 0.22, 0.2), SILVER), 1)
    if p.rng.random() < 0.5:
        p.over(BLACK, step(p.mark("wing"), 0.3, 0.6) * step(-p.skin.above, -0.3, 0.2))


_SCHEMES: dict[str, Callable[[Painter], None]] = {
    "songbird": _songbird, "pigeon": _pigeon, "crow": _crow, "duck": _duck, "goose": _goose, "chicken": _chicken,
    "owl": _owl, "parrot": _parrot, "hawk": _hawk, "wader": _wader,
}  # fmt: skip
