"""Lamps at random places in random colors."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable

import numpy as np

from synthmat.recipe import draw
from synthmat.recipe.lights import RandomLamps
from synthmat.render_job import AreaLamp, Color, RandomLight

WELL_LIT = 0.5
"""What white paint gives back of lamps that light it well, linear; ambient light comes on top."""


def plan_random_lamps(config: RandomLamps, stream_of: Callable[..., np.random.Generator]) -> RandomLight:
    """Return the lamps of one object.

    Each lamp has streams of its own, so that a further lamp moves no other; together they light the side that gets
    most of them well.

    Args:
        config: The recipe's section.
        stream_of: Gives the object's random stream of a named quantity.
    """
    count = round(draw(config.count, stream_of("random", "count"), 1, 6))
    fractions, lamps = [], []
    for number in range(count):

        def drawn(what: str, low: float, high: float, number: int = number) -> float:
            return draw(getattr(config, what), stream_of("random", number, what), low, high)

        fractions.append(draw(config.fraction, stream_of("random", number, "share"), 0.001, 1))
        color = hue_color(drawn("hue", -3600, 3600), drawn("saturation", 0, 1))
        lamps.append((drawn("azimuth", -3600, 3600) % 360, drawn("elevation", -89, 89), drawn("size", 0.01, 20), color))
    strength = draw(config.strength, stream_of("random", "strength"), 0, 1000)
    ambient = draw(config.ambient, stream_of("random", "ambient"), 0, 10)
    most = _max_light([(azimuth, elevation) for azimuth, elevation, _, _ in lamps], fractions)
    return RandomLight(
        lamps=tuple(
            AreaLamp(azimuth, elevation, WELL_LIT * strength * fraction / most, size, color)
            for (azimuth, elevation, size, color), fraction in zip(lamps, fractions, strict=True)
        ),
        ambient=(ambient, ambient, ambient),
    )


def hue_color(hue: float, saturation: float) -> Color:
    """Return the linear color of a hue in degrees; its largest channel is 1, so that no hue clips more than white."""
    return colorsys.hsv_to_rgb(hue / 360 % 1, saturation, 1.0)


def _max_light(places: list[tuple[float, float]], fractions: list[float]) -> float:
    """Return how much light a surface that faces one of the lamps gets from all of them, where that is most."""
    a, e = np.radians(np.array(places)).T
    toward = np.stack([np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)], axis=1)
    light = np.clip(toward @ toward.T, 0, None) @ np.array(fractions)
    return max(float(light.max()), math.ulp(1.0))
