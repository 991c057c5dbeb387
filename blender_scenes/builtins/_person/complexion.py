"""What a person's colors are: skin, lips, iris, hair; drawn together, as people have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._parts.material import Color, random_color

# Skin from very light to very dark, linear RGB.
_SKIN = (
    (0.76, 0.52, 0.42),
    (0.68, 0.43, 0.32),
    (0.56, 0.33, 0.22),
    (0.41, 0.22, 0.13),
    (0.24, 0.115, 0.062),
    (0.11, 0.049, 0.027),
    (0.05, 0.023, 0.014),
)
# Hair from black to light blond, and red; as light that has gone through it often.
_HAIR = (
    (0.012, 0.009, 0.008),
    (0.03, 0.018, 0.012),
    (0.075, 0.04, 0.022),
    (0.15, 0.075, 0.036),
    (0.28, 0.15, 0.07),
    (0.48, 0.31, 0.15),
    (0.68, 0.51, 0.3),
)
_RED = ((0.2, 0.055, 0.02), (0.36, 0.115, 0.035), (0.48, 0.2, 0.07))
_GRAY = (0.62, 0.6, 0.57)
_DARK_IRIS = ((0.022, 0.011, 0.006), (0.06, 0.027, 0.012), (0.1, 0.048, 0.02))
_LIGHT_IRIS = ((0.13, 0.1, 0.035), (0.1, 0.13, 0.06), (0.1, 0.17, 0.2), (0.13, 0.22, 0.33), (0.2, 0.25, 0.28))


@dataclass(frozen=True)
class Complexion:
    """Colors of a person, linear RGB.

    Attributes:
        skin: Of the skin.
        lips: Of the lips, made up or not.
        iris: Of the eyes.
        hair: Of the hair's roots.
        tips: Of its tips.
        brows: Of brows and beard.
        tone: How dark the skin is, from 0 to 6.
        gray: How much of the hair is gray, from 0 to 1.
        freckles: From 0, none, to 1.
        blush: How red cheeks, nose and ears are, from 0 to 1.
        age: From 0, newborn, to 1, old.
        stubble: How dark the shadow of a shaved beard is, from 0 to 1.
    """

    skin: Color
    lips: Color
    iris: Color
    hair: Color
    tips: Color
    brows: Color
    tone: float
    gray: float
    freckles: float
    blush: float
    age: float
    stubble: float


def random_complexion(ancestry: dict[str, float], *, age: float, male: bool, rng: np.random.Generator) -> Complexion:
    """Return the colors of a person.

    Args:
        ancestry: Weights of ``african``, ``asian`` and ``caucasian``.
        age: From 0 to 1.
        male: Whether a beard may grow.
        rng: Draws the colors.
    """
    total = sum(ancestry.values()) or 1.0
    african, asian, caucasian = (ancestry.get(name, 0.0) / total for name in ("african", "asian", "caucasian"))
    mean = 4.7 * african + 1.7 * asian + 1.0 * caucasian
    tone = float(np.clip(rng.normal(mean, 0.75), 0, 6))
    skin = _varied(_along(_SKIN, tone), 0.06, rng)
    light = float(np.clip(1 - tone / 2.6, 0, 1)) * caucasian
    gray = float(np.clip((age - 0.74) / 0.16 + rng.normal(0, 0.25), 0, 1)) if age > 0.66 else 0.0
    natural = _natural_hair(light, rng)
    root = _mixed(natural, _GRAY, gray)
    hair, tips = _dyed(root, rng) if 0.4 < age < 0.75 else (root, root)
    made_up = not male and age > 0.4 and rng.random() < 0.45
    freckles = float(rng.uniform(0.3, 1)) if rng.random() < 0.25 * (1 - tone / 6) else 0.0
    return Complexion(
        skin=skin,
        lips=_lips(skin, tone, made_up=made_up, rng=rng),
        iris=_iris(light, rng),
        hair=hair,
        tips=tips,
        brows=_mixed(_mixed(natural, (0.016, 0.01, 0.007), 0.45), _GRAY, gray * 0.4),
        tone=tone,
        gray=gray,
        freckles=freckles,
        blush=float(rng.uniform(0.2, 0.9)),
        age=age,
        stubble=float(rng.uniform(0.0, 0.8)) if male and age > 0.45 else 0.0,
    )


def _natural_hair(light: float, rng: np.random.Generator) -> Color:
    if rng.random() < 0.14 * light:
        return _varied(_RED[int(rng.integers(len(_RED)))], 0.1, rng)
    if rng.random() > light:
        return _varied(_along(_HAIR, float(rng.uniform(0, 1.3))), 0.08, rng)
    return _varied(_along(_HAIR, float(rng.uniform(0.8, 6))), 0.08, rng)


def _dyed(root: Color, rng: np.random.Generator) -> tuple[Color, Color]:
    kind = rng.random()
    if kind < 0.85:
        return root, _mixed(root, (0.5, 0.35, 0.2), float(rng.uniform(0, 0.12)))
    if kind < 0.965:
        return root, _mixed(root, (0.66, 0.48, 0.28), float(rng.uniform(0.4, 0.9)))
    color = random_color(rng, saturation=(0.4, 0.8), value=(0.4, 0.85))
    return (color, color) if rng.random() < 0.5 else (root, color)


def _lips(skin: Color, tone: float, *, made_up: bool, rng: np.random.Generator) -> Color:
    natural = _mixed(skin, (0.42, 0.12, 0.1) if tone < 3.5 else (0.13, 0.045, 0.04), float(rng.uniform(0.4, 0.65)))
    if not made_up:
        return natural
    return _mixed(natural, random_color(rng, hue=(-0.06, 0.03), saturation=(0.5, 0.9), value=(0.3, 0.8)), 0.75)


def _iris(light: float, rng: np.random.Generator) -> Color:
    colors = _LIGHT_IRIS if rng.random() < light * 0.75 else _DARK_IRIS
    return _varied(_along(colors, float(rng.uniform(0, len(colors) - 1))), 0.12, rng)


def _along(colors: tuple[Color, ...], place: float) -> Color:
    below = min(int(place), len(colors) - 2)
    return _mixed(colors[below], colors[below + 1], place - below)


def _varied(color: Color, spread: float, rng: np.random.Generator) -> Color:
    red, green, blue = (float(part) for part in np.array(color) * np.exp(rng.normal(0, spread, 3)))
    return red, green, blue


def _mixed(first: Color, second: Color, share: float) -> Color:
    red, green, blue = (float(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
