"""Proportions of four-legged animals. Lengths are shares of the length from the hip to the shoulder."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

Pair = tuple[float, float]
Triple = tuple[float, float, float]
Four = tuple[float, float, float, float]


@dataclass(frozen=True)
class Species:
    """What kind of animal: its measures, and the ears, tails, feet, coats, colors and poses that it may have."""

    heights: Pair  # of the shoulder and of the hip above the ground
    chest: Pair  # half of height and of width
    belly: Pair
    hip: Pair
    neck: Four  # length, rise in degrees, radius below and above
    skull: Triple  # half of width, length and height
    muzzle: Four  # length, radius at the eyes and at the tip, how far the tip lies lower
    legs: Triple  # radius at the elbow, above the foot and of the foot
    joints: Pair  # height of the wrist and of the hock, shares of the heights
    eyes: Triple  # degrees from the front and above the middle; radius
    ears: tuple[str, ...]
    ear: float
    tails: tuple[str, ...]
    tail: Pair  # length and radius
    coats: tuple[str, ...]
    colors: tuple[str, ...]
    poses: tuple[str, ...]
    foot: str = "paw"
    nose: str = "pad"
    extras: tuple[str, ...] = ()
    spread: float = 0.1  # how much members differ


_PAWED = ("standing", "walking", "sitting", "sitting", "lying")
_HOOFED = ("standing", "standing", "walking", "walking", "grazing", "lying")

SPECIES: dict[str, Species] = {
    "cat": Species(
        (0.66, 0.68), (0.19, 0.15), (0.19, 0.16), (0.18, 0.145), (0.22, 40, 0.13, 0.115),
        (0.19, 0.17, 0.165), (0.04, 0.095, 0.07, 0.02), (0.075, 0.048, 0.056), (0.14, 0.28), (28, 6, 0.044),
        ("triangle",), 0.17, ("long", "long", "bushy"), (0.95, 0.042), ("short", "short", "long", "smooth"),
        ("tabby", "tabby", "solid", "tuxedo", "patches", "points", "calico"), _PAWED, extras=("whiskers", "slit"),
    ),
    "big_cat": Species(
        (0.7, 0.7), (0.22, 0.17), (0.2, 0.165), (0.2, 0.165), (0.3, 28, 0.17, 0.15),
        (0.145, 0.17, 0.135), (0.12, 0.105, 0.078, 0.03), (0.095, 0.07, 0.078), (0.14, 0.26), (27, 8, 0.03),
        ("round",), 0.12, ("tuft",), (0.9, 0.035), ("short", "smooth"), ("lion", "tiger", "leopard", "panther"),
        _PAWED, extras=("whiskers",),
    ),
    "dog": Species(
        (0.76, 0.76), (0.23, 0.155), (0.185, 0.145), (0.18, 0.14), (0.36, 42, 0.15, 0.115),
        (0.13, 0.15, 0.125), (0.17, 0.085, 0.06, 0.03), (0.08, 0.05, 0.055), (0.16, 0.28), (30, 10, 0.029),
        ("floppy", "floppy", "triangle", "folded"), 0.2, ("long", "up", "curled", "bushy"), (0.6, 0.04),
        ("smooth", "short", "short", "long", "curly"),
        ("solid", "solid", "saddle", "tuxedo", "patches", "dalmatian", "points", "gradient", "tricolor"),
        _PAWED, spread=0.28,
    ),
    "fox": Species(
        (0.66, 0.67), (0.185, 0.135), (0.165, 0.13), (0.165, 0.13), (0.28, 36, 0.13, 0.1),
        (0.128, 0.14, 0.115), (0.17, 0.075, 0.033, 0.04), (0.062, 0.038, 0.042), (0.16, 0.28), (30, 8, 0.026),
        ("triangle",), 0.19, ("bushy",), (0.75, 0.075), ("short", "long"),
        ("fox", "fox", "gradient", "raccoon", "solid"), _PAWED, extras=("whiskers",),
    ),
    "bear": Species(
        (0.62, 0.62), (0.32, 0.27), (0.33, 0.3), (0.31, 0.27), (0.3, 14, 0.25, 0.2),
        (0.185, 0.19, 0.17), (0.17, 0.11, 0.07, 0.04), (0.15, 0.115, 0.12), (0.13, 0.14), (30, 10, 0.026),
        ("round",), 0.11, ("stub",), (0.1, 0.06), ("short", "long"), ("solid", "solid", "gradient", "panda"), _PAWED,
    ),
    "rabbit": Species(
        (0.42, 0.4), (0.2, 0.17), (0.25, 0.22), (0.28, 0.24), (0.1, 48, 0.15, 0.13),
        (0.14, 0.175, 0.145), (0.07, 0.1, 0.075, 0.03), (0.075, 0.05, 0.05), (0.18, 0.2), (62, 12, 0.043),
        ("long", "long", "lop"), 0.5, ("stub",), (0.08, 0.075), ("short", "short", "long"),
        ("solid", "gradient", "tuxedo", "patches", "points"), ("sitting", "sitting", "lying", "standing"),
        extras=("whiskers",), nose="split",
    ),
    "horse": Species(
        (1.02, 1.04), (0.27, 0.19), (0.26, 0.21), (0.255, 0.2), (0.68, 46, 0.2, 0.105),
        (0.1, 0.17, 0.13), (0.33, 0.112, 0.078, 0.09), (0.1, 0.05, 0.05), (0.4, 0.43), (62, 18, 0.028),
        ("upright",), 0.15, ("hair",), (0.22, 0.04), ("smooth",),
        ("solid", "solid", "bay", "bay", "patches", "gradient", "zebra"), _HOOFED, foot="hoof", nose="nostrils",
        extras=("mane",),
    ),
    "donkey": Species(
        (0.86, 0.87), (0.26, 0.18), (0.27, 0.21), (0.245, 0.19), (0.5, 38, 0.18, 0.11),
        (0.112, 0.17, 0.13), (0.3, 0.115, 0.085, 0.07), (0.09, 0.048, 0.05), (0.38, 0.42), (62, 18, 0.028),
        ("long",), 0.34, ("tuft",), (0.6, 0.03), ("smooth", "short"), ("gradient", "solid", "bay"), _HOOFED,
        foot="hoof", nose="nostrils", extras=("crest",),
    ),
    "cow": Species(
        (0.74, 0.76), (0.31, 0.22), (0.33, 0.28), (0.29, 0.24), (0.42, 14, 0.22, 0.15),
        (0.125, 0.17, 0.14), (0.25, 0.12, 0.095, 0.06), (0.11, 0.058, 0.06), (0.36, 0.4), (60, 14, 0.03),
        ("side",), 0.2, ("tuft",), (0.7, 0.028), ("smooth", "smooth", "short"),
        ("cow", "cow", "solid", "tuxedo", "bay"), _HOOFED, foot="cloven", nose="wet", extras=("horns", "udder"),
    ),
    "goat": Species(
        (0.76, 0.78), (0.25, 0.18), (0.27, 0.22), (0.23, 0.18), (0.4, 48, 0.16, 0.11),
        (0.105, 0.14, 0.115), (0.18, 0.095, 0.065, 0.06), (0.085, 0.043, 0.046), (0.34, 0.38), (58, 14, 0.028),
        ("side",), 0.19, ("stub",), (0.14, 0.035), ("short", "long", "smooth"),
        ("solid", "patches", "bay", "gradient", "saddle"), _HOOFED, foot="cloven", nose="split",
        extras=("horns", "beard"),
    ),
    "sheep": Species(
        (0.58, 0.6), (0.27, 0.22), (0.29, 0.25), (0.28, 0.24), (0.3, 34, 0.19, 0.14),
        (0.105, 0.145, 0.12), (0.17, 0.1, 0.072, 0.06), (0.085, 0.042, 0.046), (0.34, 0.38), (58, 12, 0.026),
        ("side",), 0.17, ("stub",), (0.16, 0.06), ("wool",), ("sheep", "sheep", "solid"), _HOOFED,
        foot="cloven", nose="split", extras=("bare",),
    ),
    "pig": Species(
        (0.5, 0.52), (0.29, 0.23), (0.31, 0.265), (0.29, 0.24), (0.22, 6, 0.25, 0.2),
        (0.16, 0.18, 0.16), (0.19, 0.125, 0.088, 0.07), (0.11, 0.06, 0.062), (0.3, 0.34), (48, 12, 0.022),
        ("pointed", "folded"), 0.19, ("corkscrew",), (0.3, 0.018), ("smooth",), ("pig", "pig", "patches", "cow"),
        _HOOFED, foot="cloven", nose="snout",
    ),
    "deer": Species(
        (0.92, 0.94), (0.225, 0.15), (0.21, 0.16), (0.2, 0.15), (0.5, 52, 0.13, 0.085),
        (0.095, 0.135, 0.105), (0.19, 0.08, 0.052, 0.05), (0.07, 0.034, 0.036), (0.38, 0.42), (58, 12, 0.03),
        ("side",), 0.22, ("stub",), (0.14, 0.04), ("smooth", "short"), ("fawn", "fawn", "gradient"), _HOOFED,
        foot="cloven", nose="pad", extras=("antlers",),
    ),
    "rodent": Species(
        (0.34, 0.36), (0.21, 0.185), (0.26, 0.24), (0.25, 0.22), (0.1, 22, 0.18, 0.15),
        (0.145, 0.17, 0.14), (0.11, 0.105, 0.06, 0.04), (0.06, 0.035, 0.04), (0.2, 0.22), (60, 14, 0.036),
        ("round",), 0.13, ("bare", "stub", "bushy"), (0.9, 0.026), ("short", "short", "long"),
        ("solid", "gradient", "patches", "tuxedo"), ("standing", "sitting", "lying"),
        extras=("whiskers",), nose="split",
    ),
}  # fmt: skip
"""The kinds of four-legged animals, by name."""


def member(kind: str, rng: np.random.Generator) -> Species:
    """Return one animal of a kind: all its measures varied, head and legs by age and breed."""
    species = SPECIES[kind]
    varied = {}
    for entry in fields(Species):
        value = getattr(species, entry.name)
        if isinstance(value, tuple) and value and not isinstance(value[0], str):
            factors = 1 + rng.uniform(-0.4, 0.4, len(value)) * species.spread
            varied[entry.name] = tuple(float(v * f) for v, f in zip(value, factors, strict=True))
    tall, girth = rng.uniform(1 - species.spread, 1 + 0.6 * species.spread), rng.uniform(0.94, 1.08)
    head = rng.uniform(0.95, 1.08)
    if rng.random() < 0.2:  # a young one
        head, tall, girth = head * 1.2, tall * 0.92, girth * 1.05
    long_nose = rng.uniform(1 - 1.8 * species.spread, 1 + 1.2 * species.spread)
    varied["heights"] = (varied["heights"][0] * tall, varied["heights"][0] * tall * _ratio(species.heights))
    varied["joints"] = species.joints
    varied["eyes"] = (*species.eyes[:2], species.eyes[2] * head)
    for name in ("chest", "belly", "hip"):
        varied[name] = tuple(value * girth for value in varied[name])
    varied["skull"] = tuple(value * head for value in varied["skull"])
    length, wide, tip, drop = varied["muzzle"]
    varied["muzzle"] = (length * head * long_nose, wide * head, tip * head, drop * head * long_nose)
    return replace(species, **varied)  # type: ignore[arg-type]


def _ratio(pair: Pair) -> float:
    return pair[1] / pair[0]
