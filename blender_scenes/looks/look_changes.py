"""What a random look does to one material, as numbers: how far everything moves by degree, and where to."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from synthmat.render_job import Color

_PATTERNS_FROM, _MAX_PATTERNS = 0.4, 0.8


@dataclass(frozen=True)
class Toward:
    """A step from where a value is to ``target``: ``fraction`` 0 stays, 1 arrives."""

    fraction: float
    target: float


@dataclass(frozen=True)
class Change:
    """Everything that a look does to a material; what a kind of surface does not have is left out.

    ``hue`` is added to the surface's own, 1 being once round the color circle (-0.5 to 0.5); ``saturation`` and
    ``value`` are factors. ``tint`` colors the surface by the fraction ``tint_fraction`` and keeps its light and dark;
    by the fraction ``cover`` it takes the texture's place altogether.
    ``glass`` is a step of the roughness of what refracts. ``bump`` is a strength, ``bump_scale`` its features a unit
    of length. With ``pattern`` the color gives way to a procedural pattern.
    """

    hue: float
    saturation: float
    value: float
    tint: Color
    tint_fraction: float
    cover: float
    roughness: Toward
    metallic: Toward
    melanin: Toward
    redness: Toward
    coat: float
    glass: float
    bump: float
    bump_scale: float
    pattern: bool


def draw_change(degree: float, rng: np.random.Generator) -> Change:
    """Draw what becomes of a material.

    A higher degree of the same ``rng`` goes on in the same direction: every number is drawn at any degree.

    Args:
        degree: From 0, where nothing moves, to 1.
        rng: The material's own generator.
    """
    hue, saturation, value = rng.uniform(-1, 1, 3)
    tint = random_color(rng)
    fractions = rng.random(6)
    roughness, redness = rng.uniform(0.05, 1.0), rng.uniform(0, 1)
    metal, melanin = float(rng.random() < 0.25), rng.uniform(0, 1)
    coated, glass = rng.random() < 0.3, rng.uniform(-1, 1)
    bumpy, bump_scale = rng.random() < 0.5, np.exp(rng.uniform(np.log(3), np.log(40)))
    chance = rng.random()
    return Change(
        hue=float(hue * degree**1.3 / 2),
        saturation=float(np.exp(saturation * degree)),
        value=float(np.exp(value * degree * 0.8)),
        tint=tint,
        tint_fraction=float(degree**2 * fractions[0]),
        cover=float(0.6 * degree**3 * fractions[1]),
        roughness=Toward(float(degree * (0.4 + 0.6 * fractions[2])), float(roughness)),
        metallic=Toward(float(degree**1.5 * fractions[3]), metal),
        melanin=Toward(degree, float(melanin)),
        redness=Toward(degree, float(redness)),
        coat=float(degree * fractions[4]) if coated else 0.0,
        glass=float(0.04 * degree * glass),
        bump=float(0.5 * degree * fractions[5]) if bumpy else 0.0,
        bump_scale=float(bump_scale),
        pattern=bool(chance < pattern_probability(degree)),
    )


def pattern_probability(degree: float) -> float:
    """Return how likely a material becomes a pattern: never up to a degree of 0.4, then more and more."""
    return _MAX_PATTERNS * max(0.0, degree - _PATTERNS_FROM) / (1 - _PATTERNS_FROM)


def random_color(rng: np.random.Generator) -> Color:
    """Return a color of any hue, from gray to strong and from dark to light, linear sRGB."""
    srgb = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0, 0.95), rng.uniform(0.08, 0.97))
    red, green, blue = (float(part**2.2) for part in srgb)
    return red, green, blue
