"""Who a person is: age, gender, build, ancestry, height and the shapes of single features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._person.body.data import PeopleData

_AGE_YEARS = (1.0, 10.0, 25.0, 90.0)
"""The years of a baby, a child, a young and an old person, which the shapes are made for."""

_STATURE = {  # meters by years, of half of the people at least that tall
    "male": ((3, 0.96), (5, 1.10), (8, 1.28), (10, 1.385), (12, 1.49), (14, 1.635), (16, 1.735), (18, 1.765)),
    "female": ((3, 0.95), (5, 1.09), (8, 1.27), (10, 1.385), (12, 1.51), (14, 1.60), (16, 1.63), (18, 1.64)),
}
_SPREAD = 0.038
"""The standard deviation of stature, as a fraction of it."""
_SHRINKING = 0.0012
"""Meters lost in each year after the fiftieth."""

_FEATURE_SPREAD = 0.24
_BODY_SPREAD = 0.2
_SKULL_SPREAD = 0.12
_ASYMMETRY = 0.05
_BODY_FEATURES = ("torso", "hip", "stomach", "buttocks", "upperarm", "lowerarm", "upperleg", "lowerleg", "neck")
_SKULL_FEATURES = ("head", "forehead", "hand", "foot", "mouth-scale", "nose-scale", "eye-scale", "eye-push")
_RARE = {"nose-septumangle": 0.5, "stomach-pregnant": 0.25, "neck-double": 0.5, "head-age": 0.0, "chin-cleft": 0.6}


@dataclass(frozen=True)
class Description:
    """A person in numbers.

    ``years`` is the age; ``gender`` lies between 0 (male) and 1 (female); ``stature`` is the height in meters when
    standing upright; ``muscle``, ``weight``, ``proportions``, ``cupsize`` and ``firmness`` lie between 0 and 1, with
    0.5 the average; ``ancestry`` has weights for african, asian and caucasian that add up to 1; ``features`` holds the
    strength of the shapes of single features, by their names in the data file.
    """

    years: float
    gender: float
    stature: float
    muscle: float
    weight: float
    proportions: float
    cupsize: float
    firmness: float
    ancestry: Mapping[str, float]
    features: Mapping[str, float]

    def values(self, height: float) -> dict[str, float]:
        """Return the values from 0 to 1 that the shapes of whole bodies are drawn by, with the given ``height``."""
        return {
            "age": float(np.interp(self.years, _AGE_YEARS, np.linspace(0, 1, len(_AGE_YEARS)))),
            "gender": self.gender,
            "muscle": self.muscle,
            "weight": self.weight,
            "height": height,
            "proportions": self.proportions,
            "cupsize": self.cupsize,
            "firmness": self.firmness,
            **self.ancestry,
        }


def random_description(data: PeopleData, rng: np.random.Generator) -> Description:
    """Return anybody: mostly adults, also children from four years on and old people, of every build and ancestry."""
    years = _random_years(rng)
    female = rng.random() < 0.5
    gender = float(1 - rng.uniform(0, 0.15) if female else rng.uniform(0, 0.15))
    weights: dict[str, float] = dict(
        zip(("african", "asian", "caucasian"), rng.dirichlet([0.6, 0.6, 0.6]).tolist(), strict=True)
    )
    muscle = rng.normal(0.45 if female else 0.56, 0.15) - max(0.0, years - 60) * 0.004
    return Description(
        years=years,
        gender=gender,
        stature=_random_stature("female" if female else "male", years, weights["asian"], rng),
        muscle=_clipped(muscle),
        weight=_clipped(rng.normal(0.5, 0.17) + 0.001 * (min(years, 60.0) - 25)),
        proportions=_clipped(rng.normal(0.45, 0.2)),
        cupsize=_clipped(rng.normal(0.5, 0.17)),
        firmness=_clipped(rng.normal(0.75, 0.1) - max(0.0, years - 30) * 0.008),
        ancestry=weights,
        features=_random_features(data, rng),
    )


def _clipped(value: float) -> float:
    return float(np.clip(value, 0.02, 0.98))


def _random_years(rng: np.random.Generator) -> float:
    low, high = ((4, 12), (12, 18), (18, 40), (40, 62), (62, 85))[rng.choice(5, p=[0.07, 0.07, 0.46, 0.26, 0.14])]
    return float(rng.uniform(low, high))


def _random_stature(gender: str, years: float, asian: float, rng: np.random.Generator) -> float:
    ages, meters = zip(*_STATURE[gender], strict=True)
    middle = float(np.interp(years, ages, meters)) * (1 - 0.02 * asian) - _SHRINKING * max(0.0, years - 50)
    return middle * (1 + _SPREAD * float(np.clip(rng.normal(), -2.5, 2.5)))


def _random_features(data: PeopleData, rng: np.random.Generator) -> dict[str, float]:
    """Draw each feature once, both ways; left and right differ a little."""
    drawn: dict[str, float] = {}
    strengths: dict[str, float] = {}
    for name in sorted({label[:-1] for label in data.local}):
        feature = name.removesuffix(".L").removesuffix(".R")
        if feature not in drawn:
            spread = _spread(feature)
            drawn[feature] = float(np.clip(rng.normal(0, spread), -0.8, 0.8)) * _RARE.get(feature, 1.0)
        value = drawn[feature] + (rng.normal(0, _ASYMMETRY) if name != feature else 0.0)
        label = f"{name}{'+' if value >= 0 else '-'}"
        if label in data.local:
            strengths[label] = abs(float(value))
    return strengths


def _spread(feature: str) -> float:
    if feature.startswith(_SKULL_FEATURES):
        return _SKULL_SPREAD
    return _BODY_SPREAD if feature.startswith(_BODY_FEATURES) else _FEATURE_SPREAD
