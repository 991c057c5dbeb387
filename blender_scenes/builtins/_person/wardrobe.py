"""What a person wears: drawn together, put on from the inside out."""

from __future__ import annotations

import numpy as np
from bpy.types import Material

from synthmat.blender_scenes.builtins._person.collars import add_scarf, add_shirt_collar, add_turtleneck
from synthmat.blender_scenes.builtins._person.fabrics import random_fabric
from synthmat.blender_scenes.builtins._person.garment import Dummy, Fit, Garment, add_garment, sewn
from synthmat.blender_scenes.builtins._person.patterns import Pattern, Skirt, Top, Trousers
from synthmat.blender_scenes.builtins._person.shoes import add_shoes

_SOFT = ("plain", "heather", "stripes", "print", "plain")
_SHIRT = ("plain", "pinstripes", "checks", "stripes", "plain")
_KNIT = ("knit", "knit", "stripes", "heather")
_LEGS = ("denim", "denim", "plain", "plain", "pinstripes")
_OUTER = ("plain", "denim", "leather", "knit", "heather")


def dressed(dummy: Dummy, *, female: float, rng: np.random.Generator) -> list[tuple[Pattern, Garment]]:
    """Dress a dummy, add everything to the scene, and return it with its patterns, from the inside out."""
    worn: list[tuple[Pattern, Garment]] = []

    def put_on(name: str, pattern: Pattern, fit: Fit, kinds: tuple[str, ...]) -> tuple[Garment, Material]:
        garment = sewn(dummy, pattern, fit, [other for other, _ in worn])
        material = random_fabric(name, kinds, rng)
        add_garment(name, garment, material)
        worn.append((pattern, garment))
        return garment, material

    skirted = rng.random() < 0.3 * female
    waist = float(rng.uniform(0.06, 0.13))
    if skirted:
        put_on("underwear", Trousers(waist - 0.01, 0.35), Fit(0.002, 0.003, 1.0, 0.1, 0.3), ("plain",))
        put_on("skirt", Skirt(waist, float(rng.uniform(0.6, 1.9))), Fit(0.008, 0.006, 1.06, 0.05, 0.004), _SOFT)
    else:
        length = 2.2 if rng.random() < 0.8 else float(rng.uniform(0.7, 1.2))
        room = float(rng.uniform(0.004, 0.016))
        put_on("trousers", Trousers(waist, length), Fit(0.004, room, 1.02 + room * 2, 0.3, 0.02), _LEGS)
    layer = str(rng.choice(["t-shirt", "shirt", "pullover", "top"], p=_likely(female)))
    hem = waist - float(rng.uniform(0.04, 0.09)) if rng.random() < 0.8 else waist - 0.03
    if layer == "t-shirt":
        plunge = float(rng.uniform(0.02, 0.05)) if rng.random() < 0.3 else 0.0
        top = Top(hem, float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.078, 0.105)), plunge)
        put_on("t-shirt", top, Fit(0.004, float(rng.uniform(0.008, 0.02)), float(rng.uniform(1.03, 1.1)), 0.06), _SOFT)
    elif layer == "shirt":
        top = Top(hem, 2.02 if rng.random() < 0.7 else 0.7, 0.07, float(rng.uniform(0.0, 0.035)))
        made = put_on("shirt", top, Fit(0.004, 0.012, float(rng.uniform(1.05, 1.1)), 0.12), _SHIRT)
        add_shirt_collar(made[0], dummy.body, made[1], rng)
    elif layer == "pullover":
        top = Top(hem - 0.01, 2.05, float(rng.uniform(0.072, 0.1)))
        made = put_on("pullover", top, Fit(0.006, 0.016, float(rng.uniform(1.06, 1.14)), 0.25, thickness=0.003), _KNIT)
        if top.neck < 0.082:
            add_turtleneck(made[0], dummy.body, made[1], rng)
    else:
        top = Top(hem, 0.0, float(rng.uniform(0.09, 0.12)), float(rng.uniform(0.0, 0.03)))
        put_on("top", top, Fit(0.004, 0.006, 1.03, 0.06), _SOFT)
    if rng.random() < 0.3:
        outer = Top(hem - 0.02, 2.06, 0.082, float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.015, 0.05)))
        put_on("jacket", outer, Fit(0.006, 0.014, 1.05, 0.45, 0.03, thickness=0.004), _OUTER)
    if rng.random() < 0.1:
        add_scarf(dummy.body, random_fabric("scarf", ("knit", "plain", "stripes", "heather"), rng), rng)
    add_shoes(dummy, rng)
    return worn


def _likely(female: float) -> tuple[float, float, float, float]:
    return (0.4, 0.22, 0.23, 0.15) if female > 0.5 else (0.45, 0.3, 0.25, 0.0)
