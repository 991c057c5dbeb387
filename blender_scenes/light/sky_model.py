"""The colors of a clear sky and of the sun, by single scattering. Needs no Blender.

After T. Nishita, T. Sirai, K. Tadamura, E. Nakamae, Display of the Earth Taking into Account Atmospheric Scattering
(SIGGRAPH 1993): light of the sun is scattered once, by air (Rayleigh) and by dust (Mie), and weakened on its way by
both and by ozone. What is scattered more than once is counted in as a factor.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.light.irradiance import Floats

# Lengths in meters, coefficients per meter at sea level, for red, green and blue (680, 550, 440 nm).
_EARTH, _ATMOSPHERE = 6_360e3, 6_420e3
_EYE = 2.0
_AIR = np.array([5.8e-6, 13.5e-6, 33.1e-6])
_DUST = np.array([2.1e-5, 2.1e-5, 2.1e-5])
_OZONE = np.array([0.65e-6, 1.881e-6, 0.085e-6])
_AIR_SCALE, _DUST_SCALE = 8_000.0, 1_200.0
_OZONE_HEIGHT, _OZONE_WIDTH = 25_000.0, 15_000.0
_DUST_ABSORBS = 1.1
_DUST_FORWARD = 0.76
_VIEW_STEPS, _SUN_STEPS = 24, 12
# A clear sky gives level ground about a ninth of the light of a high sun; scattered once it would give a sixteenth.
_SCATTERED_AGAIN = 1.8
# The sun at this elevation is white, as in a photo balanced for daylight.
_WHITE_AT = 90.0


@dataclass(frozen=True)
class Atmosphere:
    """Factors on the air and the dust of a clear day."""

    air: float = 1.0
    dust: float = 1.0


def sun_light(elevation: float, atmosphere: Atmosphere) -> Floats:
    """Return the light (3,) of the sun at the ground, linear, as a fraction of daylight's white.

    Args:
        elevation: Height of the sun's center above the horizon, degrees.
        atmosphere: The atmosphere that it passes through.
    """
    return _through(elevation, atmosphere) / _through(_WHITE_AT, Atmosphere())


def sky_radiance(directions: Floats, toward_sun: Floats, atmosphere: Atmosphere) -> Floats:
    """Return the radiance of the sky (..., 3), linear, for the sun of `sun_light`.

    Args:
        directions: Unit vectors (..., 3) with z >= 0.
        toward_sun: Unit vector (3,) towards the sun.
        atmosphere: What scatters.
    """
    eye = np.array([0.0, 0.0, _EARTH + _EYE])
    length = _to_space(eye, directions)
    # Quadratic steps: near the horizon most of the air is near the eye.
    borders = np.linspace(0, 1, _VIEW_STEPS + 1) ** 2
    depth = np.zeros((*directions.shape[:-1], 3))
    radiance = np.zeros_like(depth)
    cosine = directions @ toward_sun
    air_phase = 3 / (16 * math.pi) * (1 + cosine**2)
    g = _DUST_FORWARD
    dust_phase = 3 / (8 * math.pi) * (1 - g**2) * (1 + cosine**2) / ((2 + g**2) * (1 + g**2 - 2 * g * cosine) ** 1.5)
    for near, far in itertools.pairwise(borders):
        step = (length * (far - near))[..., None]
        place = eye + directions * (length * (near + far) / 2)[..., None]
        air, dust, ozone = _densities(place, atmosphere)
        here = _extinction(air, dust, ozone) * step
        weakened = np.exp(-(depth + here / 2 + _depth_to_sun(place, toward_sun, atmosphere)))
        scattered = (air * air_phase)[..., None] * _AIR + (dust * dust_phase)[..., None] * _DUST
        radiance += weakened * scattered * step
        depth += here
    # `sun_light` is what white paint gives back: irradiance over pi.
    return np.asarray(radiance * (math.pi * _SCATTERED_AGAIN) / _through(_WHITE_AT, Atmosphere()))


def _through(elevation: float, atmosphere: Atmosphere) -> Floats:
    toward = np.array([math.cos(math.radians(elevation)), 0.0, math.sin(math.radians(elevation))])
    return np.asarray(np.exp(-_depth_to_sun(np.array([0.0, 0.0, _EARTH + _EYE]), toward, atmosphere)))


def _depth_to_sun(place: Floats, toward_sun: Floats, atmosphere: Atmosphere) -> Floats:
    """Return the optical depth (..., 3) between places (..., 3) and the sun."""
    length = _to_space(place, toward_sun)
    borders = np.linspace(0, 1, _SUN_STEPS + 1) ** 2
    depth = np.zeros((*place.shape[:-1], 3))
    for near, far in itertools.pairwise(borders):
        step = (length * (far - near))[..., None]
        depth += (
            _extinction(*_densities(place + toward_sun * (length * (near + far) / 2)[..., None], atmosphere)) * step
        )
    return depth


def _to_space(place: Floats, direction: Floats) -> Floats:
    """Return the distance (...) from places to the end of the atmosphere."""
    along = (place * direction).sum(axis=-1)
    return np.asarray(-along + np.sqrt(along**2 - (place**2).sum(axis=-1) + _ATMOSPHERE**2))


def _densities(place: Floats, atmosphere: Atmosphere) -> tuple[Floats, Floats, Floats]:
    """Return how much air, dust and ozone there is at places (..., 3), relative to sea level or to the most."""
    height = np.clip(np.sqrt((place**2).sum(axis=-1)) - _EARTH, 0, None)
    ozone = np.clip(1 - np.abs(height - _OZONE_HEIGHT) / _OZONE_WIDTH, 0, None)
    return (
        atmosphere.air * np.exp(-height / _AIR_SCALE),
        atmosphere.dust * np.exp(-height / _DUST_SCALE),
        ozone,
    )


def _extinction(air: Floats, dust: Floats, ozone: Floats) -> Floats:
    return np.asarray(air[..., None] * _AIR + dust[..., None] * (_DUST * _DUST_ABSORBS) + ozone[..., None] * _OZONE)
