"""What a person wears: drawn together, put on from the inside out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from bpy.types import Material

from synthmat.blender_scenes.builtins._person.bag import add_bag
from synthmat.blender_scenes.builtins._person.collars import (
    add_belt,
    add_buttons,
    add_fur_collar,
    add_shirt_collar,
    add_turtleneck,
)
from synthmat.blender_scenes.builtins._person.fabrics import random_fabric, sheer_fabric
from synthmat.blender_scenes.builtins._person.garment import Dummy, Fit, Garment, add_garment, sewn
from synthmat.blender_scenes.builtins._person.layers import tucked
from synthmat.blender_scenes.builtins._person.patterns import Pattern, Skirt, Top, Trousers
from synthmat.blender_scenes.builtins._person.scarf import add_scarf
from synthmat.blender_scenes.builtins._person.shoes import add_shoes

_SOFT = ("plain", "heather", "stripes", "print", "plain")
_SHIRT = ("plain", "pinstripes", "checks", "stripes", "plain")
_KNIT = ("knit", "knit", "stripes", "heather")
_LEGS = ("denim", "denim", "plain", "plain", "pinstripes")
_OUTER = ("plain", "denim", "leather", "knit", "heather")
_COAT = ("plain", "heather", "plain", "checks", "leather")
_TOPS = ("t-shirt", "shirt", "pullover", "top")
PIECES = ("top", "sheer", "trousers", "skirt", "dress", "jacket", "coat")
"""What `one_piece` makes."""
_SKIRTS_BEGIN = 0.1
"""Greatest height of a skirt's waistband above the hip joints, meters: the surface that it is cut from ends there."""
_HOW_OFTEN = (0.42, 0.1, 0.12, 0.08, 0.1, 0.09, 0.09)


@dataclass(frozen=True)
class Worn:
    """A garment that is worn: through a ``sheer`` one the skin is seen."""

    name: str
    pattern: Pattern
    garment: Garment
    material: Material
    sheer: bool = False


def dressed(dummy: Dummy, *, female: float, rng: np.random.Generator) -> list[Worn]:
    """Dress a dummy, add everything to the scene, and return the garments, from the inside out."""
    outfit = Outfit(dummy, rng)
    waist = float(rng.uniform(0.06, 0.13))
    below = rng.random()
    if below < 0.4 * female:
        waist = min(waist, _SKIRTS_BEGIN)
        outfit.put_on("underwear", Trousers(waist - 0.01, 0.35), Fit(0.002, 0.003, 1.0, 0.1, 0.3), ("plain",))
    if below < 0.16 * female:
        outfit.add_dress(waist)
    elif below < 0.4 * female:
        outfit.add_top(str(rng.choice(_TOPS, p=_likely(female))), waist - 0.03)
        outfit.add_skirt(waist)
    else:
        outfit.add_trousers(waist)
        hem = waist - float(rng.uniform(0.04, 0.09)) if rng.random() < 0.8 else waist - 0.03
        outfit.add_top(str(rng.choice(_TOPS, p=_likely(female))), hem)
    over = rng.random()
    if over < 0.12:
        outfit.add_coat(waist)
    elif over < 0.36:
        outfit.add_jacket(waist - float(rng.uniform(0.07, 0.11)))
    elif over < 0.36 + 0.1 * female:
        outfit.add_sheer(waist - 0.05)
    outfit.finish()
    if rng.random() < 0.12:
        add_scarf(dummy.body, _scarf_fabric(rng), [each.garment for each in outfit.worn], rng)
    if rng.random() < 0.14:
        add_bag(dummy.body, [each.garment for each in outfit.worn], rng)
    add_shoes(dummy, rng)
    return outfit.worn


def one_piece(dummy: Dummy, *, female: float, rng: np.random.Generator, kind: str | None = None) -> list[Worn]:
    """Put one of `PIECES` on a dummy, add it to the scene, and return it; a dress and a coat are sewn of two parts."""
    outfit = Outfit(dummy, rng)
    drawn = str(rng.choice(PIECES, p=_HOW_OFTEN))
    chosen = drawn if kind is None else kind
    waist = float(rng.uniform(0.06, 0.13))
    if chosen == "top":
        outfit.add_top(str(rng.choice(_TOPS, p=_likely(female))), waist - 0.06)
    elif chosen == "jacket":
        outfit.add_jacket(waist - 0.08)
    else:
        {
            "sheer": outfit.add_sheer,
            "trousers": outfit.add_trousers,
            "skirt": outfit.add_skirt,
            "dress": outfit.add_dress,
            "coat": outfit.add_coat,
        }[chosen](waist)
    outfit.finish()
    return outfit.worn


class Outfit:
    """Garments on a dummy, put on one after another; ``worn`` has them from the inside out."""

    def __init__(self, dummy: Dummy, rng: np.random.Generator) -> None:
        self.worn: list[Worn] = []
        self._dummy = dummy
        self._rng = rng

    def put_on(self, name: str, pattern: Pattern, fit: Fit, cloth: tuple[str, ...] | Material) -> Worn:
        """Wear a garment, of a material or of one of some kinds of cloth, over what is worn already."""
        garment = sewn(self._dummy, pattern, fit, [other.pattern for other in self.worn])
        material = random_fabric(name, cloth, self._rng) if isinstance(cloth, tuple) else cloth
        self.worn.append(Worn(name, pattern, garment, material))
        return self.worn[-1]

    def finish(self) -> None:
        """Add everything that is worn to the scene, each layer under the next."""
        garments = tucked([each.garment for each in self.worn])
        self.worn = [replace(each, garment=garment) for each, garment in zip(self.worn, garments, strict=True)]
        for each in self.worn:
            add_garment(each.name, each.garment, each.material)

    def add_skirt(self, waist: float) -> None:
        """Wear a skirt, short or long."""
        skirt = Skirt(waist, float(self._rng.uniform(0.6, 1.9)))
        self.put_on("skirt", skirt, Fit(0.008, 0.006, 1.06, 0.05, 0.004), _SOFT)

    def add_dress(self, waist: float) -> None:
        """Wear a dress: a bodice and a skirt of one cloth, sewn together at the waist, with or without a belt."""
        rng = self._rng
        sleeve = (0.0, 0.35, 0.7, 1.5, 2.02)[int(rng.integers(5))]
        neck, plunge = float(rng.uniform(0.08, 0.115)), float(rng.choice([0.0, 0.0, 0.03, 0.05]))
        waist = min(waist, _SKIRTS_BEGIN)
        top = Top(waist - 0.03, sleeve, neck, plunge, waisted=True)
        bodice = self.put_on("dress", top, Fit(0.004, 0.007, 1.02, 0.06, 0.05), _SOFT)
        skirt = Skirt(waist, float(rng.uniform(0.75, 1.9)))
        below = self.put_on("dress", skirt, Fit(0.008, 0.006, 1.08, 0.05, 0.004), bodice.material)
        if rng.random() < 0.5:
            add_belt(below.garment, self._dummy.body, rng)

    def add_trousers(self, waist: float) -> None:
        """Wear trousers or shorts, tight or wide."""
        length = 2.0 if self._rng.random() < 0.8 else float(self._rng.uniform(0.7, 1.2))
        room = float(self._rng.uniform(0.004, 0.016))
        self.put_on("trousers", Trousers(waist, length), Fit(0.004, room, 1.02 + room * 2, 0.3, 0.02), _LEGS)

    def add_top(self, kind: str, hem: float) -> None:
        """Wear one of `_TOPS`, which ends ``hem`` meters above the hip joints."""
        {"t-shirt": self._add_t_shirt, "shirt": self._add_shirt, "pullover": self._add_pullover, "top": self._add_top}[
            kind
        ](hem)

    def add_jacket(self, hem: float) -> None:
        """Wear a jacket or cardigan, open in front."""
        rng = self._rng
        outer = Top(hem, 2.06, 0.082, float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.015, 0.05)))
        worn = self.put_on("jacket", outer, Fit(0.006, 0.014, 1.05, 0.45, 0.03, thickness=0.004), _OUTER)
        if rng.random() < 0.1:
            add_fur_collar(worn.garment, rng)

    def add_coat(self, waist: float) -> None:
        """Wear a coat down to the knees or farther, open in front, with a belt or a fur collar at times."""
        rng = self._rng
        gap = float(rng.uniform(0.012, 0.04))
        fit = Fit(0.007, 0.018, 1.05, 0.5, 0.04, thickness=0.004)
        waist = min(waist, _SKIRTS_BEGIN)
        top = Top(waist - 0.03, 2.08, 0.08, float(rng.uniform(0.04, 0.16)), gap, waisted=True)
        upper = self.put_on("coat", top, fit, _COAT)
        lower = Skirt(waist, float(rng.uniform(0.8, 1.5)), gap)
        below = self.put_on("coat", lower, Fit(0.012, 0.014, 1.04, 0.4, 0.02, thickness=0.004), upper.material)
        if rng.random() < 0.35:
            add_fur_collar(upper.garment, rng)
        if rng.random() < 0.5:
            add_belt(below.garment, self._dummy.body, rng)

    def add_sheer(self, hem: float) -> None:
        """Wear a thin blouse that is seen through."""
        rng = self._rng
        top = Top(hem - 0.02, float(rng.choice([0.8, 1.6, 2.05])), float(rng.uniform(0.085, 0.11)))
        fit = Fit(0.006, 0.024, 1.16, 0.03, 0.01, thickness=0.0)
        worn = self.put_on("sheer", top, fit, sheer_fabric("sheer", rng))
        self.worn[-1] = replace(worn, sheer=True)

    def _add_t_shirt(self, hem: float) -> None:
        rng = self._rng
        plunge = float(rng.uniform(0.02, 0.05)) if rng.random() < 0.3 else 0.0
        top = Top(hem, float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.078, 0.105)), plunge)
        fit = Fit(0.004, float(rng.uniform(0.006, 0.016)), float(rng.uniform(1.03, 1.1)), 0.06)
        self.put_on("t-shirt", top, fit, _SOFT)

    def _add_shirt(self, hem: float) -> None:
        rng = self._rng
        open_by = float(rng.uniform(0.01, 0.03)) if rng.random() < 0.5 else 0.0
        top = Top(hem, 2.02 if rng.random() < 0.7 else 0.7, 0.07, open_by)
        worn = self.put_on("shirt", top, Fit(0.004, 0.012, float(rng.uniform(1.05, 1.1)), 0.12), _SHIRT)
        add_shirt_collar(worn.garment, self._dummy.body, worn.material, rng)
        add_buttons(worn.garment, rng)

    def _add_pullover(self, hem: float) -> None:
        rng = self._rng
        top = Top(hem - 0.01, 2.05, float(rng.uniform(0.072, 0.1)))
        fit = Fit(0.006, 0.016, float(rng.uniform(1.06, 1.14)), 0.25, thickness=0.003)
        worn = self.put_on("pullover", top, fit, _KNIT)
        if top.neck < 0.082:
            add_turtleneck(worn.garment, self._dummy.body, worn.material, rng)

    def _add_top(self, hem: float) -> None:
        rng = self._rng
        top = Top(hem, 0.0, float(rng.uniform(0.09, 0.12)), float(rng.uniform(0.0, 0.03)))
        self.put_on("top", top, Fit(0.004, 0.006, 1.03, 0.06), _SOFT)


def _scarf_fabric(rng: np.random.Generator) -> Material:
    if rng.random() < 0.3:
        return sheer_fabric("scarf", rng)
    return random_fabric("scarf", ("knit", "plain", "stripes", "heather"), rng)


def _likely(female: float) -> tuple[float, float, float, float]:
    """Return how often each of `_TOPS` is worn."""
    return (0.4, 0.22, 0.23, 0.15) if female > 0.5 else (0.45, 0.3, 0.25, 0.0)
