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
_TOPS = ("t-shirt", "shirt", "pullover", "top")
_OUTER = ("plain", "denim", "leather", "knit", "heather")


def dressed(dummy: Dummy, *, female: float, rng: np.random.Generator) -> list[tuple[Pattern, Garment]]:
    """Dress a dummy, add everything to the scene, and return it with its patterns, from the inside out."""
    outfit = Outfit(dummy, rng)
    waist = float(rng.uniform(0.06, 0.13))
    if rng.random() < 0.3 * female:
        outfit.put_on("underwear", Trousers(waist - 0.01, 0.35), Fit(0.002, 0.003, 1.0, 0.1, 0.3), ("plain",))
        outfit.add_skirt(waist)
    else:
        outfit.add_trousers(waist)
    hem = waist - float(rng.uniform(0.04, 0.09)) if rng.random() < 0.8 else waist - 0.03
    outfit.add_top(str(rng.choice(_TOPS, p=_likely(female))), hem)
    if rng.random() < 0.3:
        outfit.add_jacket(hem - 0.02)
    if rng.random() < 0.1:
        add_scarf(dummy.body, random_fabric("scarf", ("knit", "plain", "stripes", "heather"), rng), rng)
    add_shoes(dummy, rng)
    return outfit.worn


def one_piece(dummy: Dummy, *, female: float, rng: np.random.Generator) -> Pattern:
    """Put one garment on a dummy, add it to the scene, and return its pattern."""
    outfit = Outfit(dummy, rng)
    kind = str(rng.choice(["top", "trousers", "skirt", "jacket"], p=[0.6, 0.15, 0.1, 0.15]))
    waist = float(rng.uniform(0.06, 0.13))
    if kind == "trousers":
        outfit.add_trousers(waist)
    elif kind == "skirt":
        outfit.add_skirt(waist)
    elif kind == "jacket":
        outfit.add_jacket(waist - 0.08)
    else:
        outfit.add_top(str(rng.choice(_TOPS, p=_likely(female))), waist - 0.06)
    return outfit.worn[-1][0]


class Outfit:
    """Garments on a dummy, put on one after another; ``worn`` has their patterns too."""

    def __init__(self, dummy: Dummy, rng: np.random.Generator) -> None:
        self.worn: list[tuple[Pattern, Garment]] = []
        self._dummy = dummy
        self._rng = rng

    def put_on(self, name: str, pattern: Pattern, fit: Fit, kinds: tuple[str, ...]) -> tuple[Garment, Material]:
        """Add a garment, of one of some kinds of cloth, over what is worn already."""
        garment = sewn(self._dummy, pattern, fit, [other for other, _ in self.worn])
        material = random_fabric(name, kinds, self._rng)
        add_garment(name, garment, material)
        self.worn.append((pattern, garment))
        return garment, material

    def add_skirt(self, waist: float) -> None:
        """Add a skirt, short or long."""
        skirt = Skirt(waist, float(self._rng.uniform(0.6, 1.9)))
        self.put_on("skirt", skirt, Fit(0.008, 0.006, 1.06, 0.05, 0.004), _SOFT)

    def add_trousers(self, waist: float) -> None:
        """Add trousers or shorts, tight or wide."""
        length = 2.2 if self._rng.random() < 0.8 else float(self._rng.uniform(0.7, 1.2))
        room = float(self._rng.uniform(0.004, 0.016))
        self.put_on("trousers", Trousers(waist, length), Fit(0.004, room, 1.02 + room * 2, 0.3, 0.02), _LEGS)

    def add_top(self, kind: str, hem: float) -> None:
        """Add one of `_TOPS`, which ends ``hem`` meters above the hip joints."""
        {"t-shirt": self._add_t_shirt, "shirt": self._add_shirt, "pullover": self._add_pullover, "top": self._add_top}[
            kind
        ](hem)

    def add_jacket(self, hem: float) -> None:
        """Add a jacket or cardigan, open in front."""
        rng = self._rng
        outer = Top(hem, 2.06, 0.082, float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.015, 0.05)))
        self.put_on("jacket", outer, Fit(0.006, 0.014, 1.05, 0.45, 0.03, thickness=0.004), _OUTER)

    def _add_t_shirt(self, hem: float) -> None:
        rng = self._rng
        plunge = float(rng.uniform(0.02, 0.05)) if rng.random() < 0.3 else 0.0
        top = Top(hem, float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.078, 0.105)), plunge)
        fit = Fit(0.004, float(rng.uniform(0.008, 0.02)), float(rng.uniform(1.03, 1.1)), 0.06)
        self.put_on("t-shirt", top, fit, _SOFT)

    def _add_shirt(self, hem: float) -> None:
        rng = self._rng
        top = Top(hem, 2.02 if rng.random() < 0.7 else 0.7, 0.07, float(rng.uniform(0.0, 0.035)))
        made = self.put_on("shirt", top, Fit(0.004, 0.012, float(rng.uniform(1.05, 1.1)), 0.12), _SHIRT)
        add_shirt_collar(made[0], self._dummy.body, made[1], rng)

    def _add_pullover(self, hem: float) -> None:
        rng = self._rng
        top = Top(hem - 0.01, 2.05, float(rng.uniform(0.072, 0.1)))
        fit = Fit(0.006, 0.016, float(rng.uniform(1.06, 1.14)), 0.25, thickness=0.003)
        made = self.put_on("pullover", top, fit, _KNIT)
        if top.neck < 0.082:
            add_turtleneck(made[0], self._dummy.body, made[1], rng)

    def _add_top(self, hem: float) -> None:
        rng = self._rng
        top = Top(hem, 0.0, float(rng.uniform(0.09, 0.12)), float(rng.uniform(0.0, 0.03)))
        self.put_on("top", top, Fit(0.004, 0.006, 1.03, 0.06), _SOFT)


def _likely(female: float) -> tuple[float, float, float, float]:
    """Return how often each of `_TOPS` is worn."""
    return (0.4, 0.22, 0.23, 0.15) if female > 0.5 else (0.45, 0.3, 0.25, 0.0)
